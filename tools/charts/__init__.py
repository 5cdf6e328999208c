"""Charts of past bars as pictures for models."""
