"""Identifier types. Each is a string that the type checker distinguishes from other strings."""

from typing import NewType

Symbol = NewType("Symbol", str)
EvidenceId = NewType("EvidenceId", str)
RunId = NewType("RunId", str)
ClientOrderId = NewType("ClientOrderId", str)
LotId = NewType("LotId", str)
