"""Recording of the calls of a run, and their replay."""

import json
from collections.abc import Sequence

from ..domain.errors import ConflictError
from .recorded_reply import is_error
from .recording import EntryKind, RecordedCall, RecordingStore
from .request_difference import first_difference, nearest


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


class Player:
    """Answers requests from the entries of one recorded run, and keeps account of what was used.

    A resumed run reads finished calls from its log; `skip` marks them as used.
    """

    def __init__(self, entries: Sequence[RecordedCall], name: str) -> None:
        self._entries = {(entry.kind, entry.key): entry for entry in entries}
        self._unused = {place: entry for place, entry in self._entries.items() if entry.kind is EntryKind.CHAT}
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

    def skip(self, key: str) -> None:
        """Mark a chat request as used."""
        self._unused.pop((EntryKind.CHAT, key), None)

    @property
    def calls(self) -> int:
        """Return the number of recorded chat requests."""
        return sum(kind is EntryKind.CHAT for kind, _ in self._entries)

    def check(self) -> None:
        """Raise ReplayMismatch if a request was not recorded, or if a recorded chat request was not made."""
        if self._mismatch:
            raise ReplayMismatch(self._mismatch)
        if self._unused:
            roles = [str(json.loads(entry.request).get("role")) for entry in self._unused.values()]
            raise ReplayMismatch(
                f"{len(roles)} recorded calls of {self._name} were not made, the first one by {roles[0]}: the run has "
                "changed since it was recorded"
            )

    def _text(self, kind: EntryKind, request: str) -> str:
        asked = json.loads(request)
        who = f"a request of {asked.get('role', 'the embedder')}"
        candidates = [json.loads(entry.request) for entry in self._entries.values() if entry.kind is kind]
        same = [each for each in candidates if each.get("role") == asked.get("role")]
        found = nearest(asked, same or candidates)
        difference = None if found is None else first_difference(found, asked)
        if difference is None:
            return f"{who} is not in {self._name}, which has no {kind} requests"
        return (
            f"{who} is not in {self._name}; the nearest recorded one differs first at {difference.path}: recorded "
            f"{difference.recorded}, asked {difference.asked}"
        )


Tape = Recorder | Player
"""What records or answers the calls of a run."""
