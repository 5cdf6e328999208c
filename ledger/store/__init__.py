"""Durable storage of accounts; all changes of a command or bar are one transaction."""
