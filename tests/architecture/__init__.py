"""The structure of the package, read from its own source and held by tests."""
