"""Compares the program with recordings of an earlier version, through the command line and stored files alone."""
