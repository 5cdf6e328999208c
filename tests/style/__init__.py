"""The language of code and documents, held by a short list of words."""
