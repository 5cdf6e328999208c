"""A trading desk of LLM agents that argue from evidence, write real orders and keep an honest paper book."""

__version__ = "0.2.0"
