"""Policies of calls: wrappers of the model port that make several calls for one answer."""
