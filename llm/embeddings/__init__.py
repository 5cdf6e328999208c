"""Texts as vectors: the port, and those who know how."""
