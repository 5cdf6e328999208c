"""Migrations of the ledger's database: forward only."""
