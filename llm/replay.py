"""Recording of the calls of a run, and their replay."""

import json
from collections.abc import Sequence

from ..domain.errors import ConflictError
from .recorded_reply import is_error
from .recording import EntryKind, RecordedCall, RecordingStore
from .request_difference import first_difference, nearest

DEMANDED = frozenset({EntryKind.CHAT, EntryKind.LEARNED})
"""Kinds of entries that a replay has to use."""


class ReplayMismatch(ConflictError):
    """A run and its recording differ: a request was not recorded, or a recorded one was not made."""


class Recorder:
    """Adds the calls of one run to a store; with `reuse`, requests that any run has recorded are not sent again."""

    def __init__(self, store: RecordingStore, run_id: str, *, reuse: bool = False) -> None:
        self._store, self._run_id, self._reuse = store, run_id, reuse

    def find(self, kind: EntryKind, key: str) -> str | None:
        """Return a recorded reply that may be used in place of a call, and add it to the run; None without one."""
        entry = self._store.latest(kind, key) if self._reuse else None
        if entry is None or (kind is EntryKind.CHAT and is_error(entry.reply)):
            return None
        self._store.save(self._run_id, [entry])
        return entry.reply

    def save(self, entries: Sequence[RecordedCall]) -> None:
        """Add entries to the run."""
        self._store.save(self._run_id, entries)

    def entries(self, kind: EntryKind) -> tuple[RecordedCall, ...]:
        """Return the entries of one kind that the run has."""
        return self._store.entries(self._run_id, kind)


class Player:
    """Answers requests from the entries of one recorded run, and keeps account of what was used.

    A resumed run reads finished calls from its log; `skip` marks them as used.
    """

    def __init__(self, entries: Sequence[RecordedCall], name: str) -> None:
        self._entries = {(entry.kind, entry.key): entry for entry in entries}
        self._unused = {place: entry for place, entry in self._entries.items() if entry.kind in DEMANDED}
        self._name, self._mismatch = name, ""

    def reply(self, kind: EntryKind, key: str, request: str) -> str:
        """Return the recorded reply to `request`; raises ReplayMismatch if it was not recorded."""
        entry = self._entries.get((kind, key))
        if entry is None:
            self._mismatch = self._mismatch or self._text(kind, request)
            raise ReplayMismatch(self._mismatch)
        self._unused.pop((kind, key), None)
        return entry.reply

    def find(self, kind: EntryKind, key: str) -> str | None:
        """Return a recorded reply, or None; a run may ask for what was not recorded."""
        entry = self._entries.get((kind, key))
        return None if entry is None else entry.reply

    def skip(self, key: str, kind: EntryKind = EntryKind.CHAT) -> None:
        """Mark an entry as used."""
        self._unused.pop((kind, key), None)

    def of_kind(self, kind: EntryKind) -> tuple[RecordedCall, ...]:
        """Return the recorded entries of one kind, in order."""
        return tuple(entry for entry in self._entries.values() if entry.kind is kind)

    def check_learned(self, entry: RecordedCall) -> None:
        """Mark what a run has learned as used; raises ReplayMismatch with the first difference from the recording."""
        known, name = self._entries.get((entry.kind, entry.key)), _learned_name(entry)
        if known is None:
            self._mismatch = self._mismatch or f"{name} is not in {self._name}, so it was not learned there"
            raise ReplayMismatch(self._mismatch)
        if difference := first_difference(json.loads(known.reply), json.loads(entry.reply)):
            self._mismatch = self._mismatch or (
                f"{name} differs from {self._name} first at {difference.path}: recorded {difference.recorded}, "
                f"learned {difference.asked}"
            )
            raise ReplayMismatch(self._mismatch)
        self.skip(entry.key, entry.kind)

    @property
    def calls(self) -> int:
        """Return the number of recorded chat requests."""
        return sum(kind is EntryKind.CHAT for kind, _ in self._entries)

    def check_asked(self) -> None:
        """Raise ReplayMismatch if something that was asked for or learned until now was not recorded."""
        if self._mismatch:
            raise ReplayMismatch(self._mismatch)

    def check(self) -> None:
        """Raise ReplayMismatch if a request was not recorded, or if a recorded one was not made or not learned from."""
        self.check_asked()
        calls = [entry for entry in self._unused.values() if entry.kind is EntryKind.CHAT]
        if calls:
            roles = [str(json.loads(entry.request).get("role")) for entry in calls]
            raise ReplayMismatch(
                f"{len(roles)} recorded calls of {self._name} were not made, the first one by {roles[0]}: the run has "
                "changed since it was recorded"
            )
        if self._unused:
            names = [_learned_name(entry) for entry in self._unused.values()]
            raise ReplayMismatch(
                f"{names[0]} of {self._name} was not learned: the run has changed since it was recorded"
            )

    def _text(self, kind: EntryKind, request: str) -> str:
        asked = json.loads(request)
        name = f"a request of {asked.get('role', 'the embedder')}"
        candidates = [json.loads(entry.request) for entry in self._entries.values() if entry.kind is kind]
        same = [each for each in candidates if each.get("role") == asked.get("role")]
        found = nearest(asked, same or candidates)
        difference = None if found is None else first_difference(found, asked)
        if difference is None:
            same_run = "a replay needs the command, the settings and the base URL of the recording"
            return f"{name} is not in {self._name}, which has no {kind} requests; {same_run}"
        return (
            f"{name} is not in {self._name}; the nearest recorded one differs first at {difference.path}: recorded "
            f"{difference.recorded}, asked {difference.asked}"
        )


def _learned_name(entry: RecordedCall) -> str:
    """Return the name of what was learned, such as `what was learned (retry.lesson 2025-02-10/HALDM)`."""
    named = json.loads(entry.request)
    return f"what was learned ({named['kind']} {named['key']})"


Tape = Recorder | Player
"""What records or answers the calls of a run."""
