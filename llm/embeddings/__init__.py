"""Text embeddings: the interface and its implementations."""
