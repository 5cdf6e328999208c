"""Names of things. Each is a plain string that the type checker keeps apart from every other string."""

from typing import NewType

Symbol = NewType("Symbol", str)
EvidenceId = NewType("EvidenceId", str)
RunId = NewType("RunId", str)
ClientOrderId = NewType("ClientOrderId", str)
LotId = NewType("LotId", str)
