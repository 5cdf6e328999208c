"""Short labels of evidence for people."""

import re

from ..domain.evidence import Evidence, EvidenceKind

LONGEST = 48
NAMED_BY_TEXT = {EvidenceKind.NEWS, EvidenceKind.FILING, EvidenceKind.PROFILE, EvidenceKind.MEMORY}

_VALUE = re.compile(r"\s(?:[+-]\d|\d+\.\d)")


def evidence_label(fact: Evidence) -> str:
    """Return what the fact is about: its text up to the first colon, or else up to its first decimal or signed value.

    News, filings, profiles and memories are labelled by the start of their text.
    A label has at most 48 characters; a longer one ends in an ellipsis.
    """
    text = " ".join(fact.text.split())
    name, colon, _ = text.partition(": ")
    if fact.kind in NAMED_BY_TEXT:
        name = text
    elif not colon:
        start = _VALUE.split(text, maxsplit=1)[0]
        name = start if len(start.split()) > 1 else text
    name = name.strip() or str(fact.kind).replace("_", " ")
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"
