"""The connection fails."""

from ...stub.http_log import Fault
from .fault_case import Ending, FaultCase, in_section
from .writing import passing, serving

CONNECTION = in_section(
    "Connection",
    passing("the connection is reset", Fault.reset()),
    passing("the connection closes inside the body", Fault.truncated()),
    FaultCase("no answer within the time limit", serving(Fault.hang()), Ending.NO_MODEL, hangs=True),
)
