"""Anchors: the length and head of a journal at one moment, kept outside the database.

A hash chain alone does not show that its last rows were dropped or that the whole history was written anew. An anchor
shows both, because the journal must still contain the prefix that the anchor names.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...domain.errors import ConfigError
from ..book.journal import GENESIS
from ..reports.audit import Check
from .ledger import Ledger

DESCRIPTION = "the journal still contains what the anchor names"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The number of events of an account's journal, and the hash of the last of them."""

    account: str
    events: int
    head: str


def take_anchor(ledger: Ledger, account: str) -> Anchor:
    """Return the anchor of an account; raises ConfigError for an unknown account."""
    with ledger.database.snapshot() as cursor:
        ledger.current(cursor, account)
        ((seq, head),) = ledger.query("SELECT seq, hash FROM accounts WHERE account = ?", (account,))
    return Anchor(account, int(str(seq)), str(head))


def check_anchor(ledger: Ledger, anchor: Anchor) -> Check:
    """Check that the journal of the anchor's account has at least its events, ending in its hash at that place.

    The hashes of the stored rows are compared; `verify` checks that they belong to the rows.
    """
    found = ledger.query(
        "SELECT seq, hash FROM journal WHERE account = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
        (anchor.account, anchor.events),
    )
    seq, head = (int(str(found[0][0])), str(found[0][1])) if found else (0, GENESIS)
    if seq < anchor.events:
        breach = f"the anchor names {anchor.events} events, the journal has {seq}: rows are missing"
    elif head != anchor.head:
        breach = f"event {anchor.events} of the journal is not the one that the anchor names: the history was replaced"
    else:
        return Check("anchor", DESCRIPTION, anchor.events, ())
    return Check("anchor", DESCRIPTION, anchor.events, (breach,))


def write_anchors(anchors: Iterable[Anchor]) -> str:
    """Return the JSON text of anchors: an object with `events` and `head` for each account."""
    document = {each.account: {"events": each.events, "head": each.head} for each in anchors}
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_anchors(text: str, name: str) -> Mapping[str, Anchor]:
    """Return the anchors of a JSON text by account; raises ConfigError, naming `name`, for any other text."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name} is not JSON: {error}") from error
    if not isinstance(document, dict) or not document or not all(map(_valid, document.values())):
        raise ConfigError(f"{name} is no anchor; write one with: openoutcry ledger anchor --file {name}")
    return {account: Anchor(account, each["events"], each["head"]) for account, each in document.items()}


def _valid(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == {"events", "head"}
        and type(entry["events"]) is int
        and entry["events"] >= 0
        and isinstance(entry["head"], str)
    )
