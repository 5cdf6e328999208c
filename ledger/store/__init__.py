"""Durable storage of accounts: one transaction for everything that a command or a bar changes."""
