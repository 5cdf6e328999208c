"""Every fault, in the order of the table."""

from .body import BODY
from .checks import CHECKS
from .connection import CONNECTION
from .fault_case import FaultCase
from .features import FEATURES
from .functions import FUNCTIONS
from .refusals import REFUSALS
from .replies import CONTRADICTIONS, READING
from .status import STATUS
from .stream import STREAM

FAULTS: tuple[FaultCase, ...] = (
    *CONNECTION,
    *STATUS,
    *BODY,
    *STREAM,
    *FEATURES,
    *FUNCTIONS,
    *READING,
    *CONTRADICTIONS,
    *REFUSALS,
    *CHECKS,
)
