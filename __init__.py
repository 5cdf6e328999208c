"""A trading desk of LLM agents: evidence, debate, typed orders, hard risk limits and paper accounts."""

__version__ = "0.2.0"
