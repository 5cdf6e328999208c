"""Public sources of market data, one adapter each, behind one port."""
