"""A vendor's server on a loopback port, and a clock that only moves when it is told to."""
