"""What of a decision document must stay the same, small enough to be stored."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

COMPARED = (
    "ticker",
    "as_of",
    "outcome",
    "abstain_reason",
    "abstain_cause",
    "thesis",
    "orders",
    "risk",
    "account",
    "submissions",
    "superseded",
    "would_supersede",
    "reports",
    "debate",
    "committee",
)
"""The keys of the document that are compared as they are; see `decision_facts` for the others."""

RANDOM = ("decision", "decision_id")
"""Columns of accounts that hold the id of a run."""


def canonical(value: object) -> str:
    """Return one text for equal JSON values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def short_hash(value: object) -> str:
    """Return the first 12 hexadecimal digits of the SHA-256 of a JSON value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:12]


def decision_facts(document: dict[str, Any]) -> dict[str, Any]:
    """Return what must not change of a decision document.

    Evidence becomes one `id hash` line an item. Ids of memories contain the time at which a memory was written, so
    they are replaced by a hash of its text. Run id, durations, version and configuration hash are left out.
    """
    document = _with_stable_memory_ids(document)
    recalled = sorted(document["recalled"], key=lambda each: (-float(each["score"]), each["memory_id"]))
    return {
        **{name: document[name] for name in COMPARED},
        "evidence": sorted(f"{item['id']} {short_hash(item)}" for item in document["evidence"]),
        "recalled": [{**each, "text": short_hash(each["text"])} for each in recalled],
        "model_calls": document["usage"]["model_calls"],
        "market_fingerprint": document["market"]["fingerprint"],
        "synthetic": document["market"]["synthetic"],
        "degraded": document["provenance"]["degraded"],
    }


def account_facts(document: Any) -> Any:
    """Return what must not change of what `paper` and `ledger verify` print.

    Ids of runs are random, and the head of the hash chain covers them. Of `ledger verify` only breaches are kept.
    """
    if isinstance(document, list):
        return [{name: value for name, value in line.items() if name not in RANDOM} for line in document]
    if "head" in document:
        return {name: value for name, value in document.items() if name != "head"}
    return {account: sum(check["breaches"] for check in checks) for account, checks in document.items()}


def prompt_hashes(document: dict[str, Any]) -> dict[str, str]:
    """Return the content hash of each prompt that a decision was taken with."""
    hashes: dict[str, str] = document["provenance"]["prompt_hashes"]
    return hashes


def _with_stable_memory_ids(document: dict[str, Any]) -> dict[str, Any]:
    stable = {each["memory_id"]: "memory-" + short_hash(each["text"]) for each in document["recalled"]}

    def replaced(text: str) -> str:
        for found, name in stable.items():
            text = text.replace(found, name)
        return text

    return _mapped(document, replaced)  # type: ignore[no-any-return]


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(part, change) for name, part in value.items()}
    if isinstance(value, list):
        return [_mapped(part, change) for part in value]
    return change(value) if isinstance(value, str) else value
