"""Short labels of evidence for people."""

from ..domain.evidence import Evidence, EvidenceKind

LONGEST = 48
NAMED_BY_TEXT = {EvidenceKind.NEWS, EvidenceKind.FILING, EvidenceKind.PROFILE, EvidenceKind.MEMORY}


def evidence_label(fact: Evidence) -> str:
    """Return what the fact is about: its text up to the first colon, or its kind and the start of a quoted text.

    A label has at most 48 characters; a longer one ends in an ellipsis.
    """
    text = " ".join(fact.text.split())
    name, colon, _ = text.partition(": ")
    if fact.kind in NAMED_BY_TEXT or not colon:
        name = text
    name = name.strip() or str(fact.kind).replace("_", " ")
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"
