"""What desks learn in recorded runs: a recording holds what its run knew of it before, and what the run added."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ...llm.recording import EntryKind, RecordedCall
from ...llm.replay import Player, Recorder, Tape
from .desk_learning import DeskLearning
from .learned_store import LearnedEntry, LearnedStore, LearningSpace


def with_tape(learning: DeskLearning | None, tape: Tape | None) -> DeskLearning | None:
    """Return the learning of a run with this tape: recorded, replayed, or unchanged without one."""
    if learning is None or tape is None:
        return learning
    store = learning.store
    taped = ReplayedLearnedStore(store, tape) if isinstance(tape, Player) else RecordingLearnedStore(store, tape)
    return replace(learning, store=taped)


@dataclass(frozen=True, slots=True)
class RecordingLearnedStore:
    """Implements `LearnedStore` with `store`, and adds what the run reads and adds to its recording.

    The owner of entries is not recorded: it is that of the run.
    """

    store: LearnedStore
    recorder: Recorder
    _saved: set[str] = field(default_factory=set)

    def add(self, space: LearningSpace, entry: LearnedEntry) -> None:
        """Record the entry, then store it; a process that was stopped in between repeats both."""
        self.recorder.save([recorded_entry(EntryKind.LEARNED, entry)])
        self.store.add(space, entry)

    def entries(self, space: LearningSpace, kind: str, as_of: datetime) -> Sequence[LearnedEntry]:
        """Return the stored entries; those that this run has not added are recorded as known before."""
        found = self.store.entries(space, kind, as_of)
        new = [known for each in found if (known := recorded_entry(EntryKind.KNOWN, each)).id not in self._saved]
        if new:
            own = {each.key for each in self.recorder.entries(EntryKind.LEARNED)}
            self.recorder.save([each for each in new if each.key not in own])
            self._saved.update(each.id for each in new)
        return found


@dataclass(frozen=True, slots=True)
class ReplayedLearnedStore:
    """Implements `LearnedStore` with the entries in a recording.

    `store` receives what the replayed run learns, which must equal the recording to the character.
    """

    store: LearnedStore
    player: Player

    def add(self, space: LearningSpace, entry: LearnedEntry) -> None:
        """Store the entry; raises ReplayMismatch if it is not in the recording, with the first difference."""
        self.player.check_learned(recorded_entry(EntryKind.LEARNED, entry))
        self.store.add(space, entry)

    def entries(self, space: LearningSpace, kind: str, as_of: datetime) -> Sequence[LearnedEntry]:
        """Return the recorded entries: what the run knew before, and of what it learned that which is stored."""
        stored = {each.key for each in self.store.entries(space, kind, as_of)}
        known = [_read(each) for each in self.player.of_kind(EntryKind.KNOWN)]
        learned = [(each, _read(each)) for each in self.player.of_kind(EntryKind.LEARNED)]
        own = [(each, entry) for each, entry in learned if entry.kind == kind and entry.key in stored]
        for each, _ in own:
            self.player.skip(each.key, each.kind)
        found = [entry for entry in known if entry.kind == kind] + [entry for _, entry in own]
        return sorted((e for e in found if e.learned_at <= as_of), key=lambda e: (e.learned_at, e.key))


def recorded_entry(kind: EntryKind, entry: LearnedEntry) -> RecordedCall:
    """Return an entry as it is recorded: its request is kind and key, its reply time and body."""
    request = json.dumps({"key": entry.key, "kind": entry.kind}, sort_keys=True)
    reply = {"body": json.loads(entry.body), "learned_at": entry.learned_at.astimezone(UTC).isoformat()}
    text = json.dumps(reply, sort_keys=True, ensure_ascii=False)
    return RecordedCall(kind, hashlib.sha256(request.encode()).hexdigest(), request, text)


def _read(call: RecordedCall) -> LearnedEntry:
    request, reply = json.loads(call.request), json.loads(call.reply)
    learned_at = datetime.fromisoformat(reply["learned_at"])
    return LearnedEntry(request["kind"], request["key"], learned_at, json.dumps(reply["body"], ensure_ascii=False))
