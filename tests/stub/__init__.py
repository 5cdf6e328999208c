"""A language model endpoint for tests: real sockets on this machine, programmable to the byte."""
