"""Recordings of desks that learn: what was learned and shown is replayed byte for byte, without a network."""

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest
from book_desks import WEIGHTS
from learning_desk import TRAINED
from openoutcry.app.replay_service import replay_run
from openoutcry.app.settings import load_settings
from openoutcry.desk.learning.instructions.steps import STEP
from openoutcry.desk.learning.learned_store import SqliteLearnedStore
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.llm.recording import FILE_NAME, EntryKind, RecordingStore
from openoutcry.llm.replay import ReplayMismatch
from openoutcry.prompts.library import load_prompts
from openoutcry.tests.app.daily import Killed, open_daily
from openoutcry.tests.app.test_learning_desks import (
    DAYS,
    DESK,
    REQUEST,
    RULES,
    backtest,
    entries,
    run_days,
    settings_of,
    texts,
)
from stub.answers import Filler
from stub.book_answers import BookAnswers
from stub.http_log import Reply
from stub.server import StubServer
from stub_trader import CASH, proposal

REMEMBERING = """
name: remembering
roles:
  - {role: analyst, name: technical, tools: [bars, indicators], call_tools: false}
deliberation: {kind: panel, decider: manager}
decision: {kind: direction, horizon: 1}
sizing: {kind: all_in}
memory: {preset: default, tokens: 300, warmup: labelled}
learning: {kind: lessons, horizon: 1}
"""
LESSON = "Go SHORT where prices fall."
LEARNING = {name: f"{{kind: {name}, every: 2}}" for name in ("opro", "reflection")}


@pytest.fixture(scope="module")
def endpoint():
    with StubServer() as server:
        yield server


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, endpoint):
    """Return a function that records the backtest of a kind of learning once: its settings and document."""
    made = {}

    def record(kind):
        if kind not in made:
            folder = tmp_path_factory.mktemp(kind)
            (folder / "desk.yaml").write_text(DESK.replace("LEARNING", LEARNING[kind]))
            endpoint.responder = texts()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("OPENAI_API_KEY", "sk-test")
                settings = settings_of(folder / "home", str(folder / "desk.yaml"), endpoint, recording="record")
                made[kind] = settings, backtest(settings)
        return made[kind]

    return record


def moved(settings, home, **more):
    """Return the settings of a replay in another home folder, which has the recordings alone."""
    home.mkdir()
    shutil.copy(settings.home / FILE_NAME, home / FILE_NAME)
    return settings.model_copy(update={"home": home, "recording": "off", "replay": "each", **more})


def recordings(home):
    with closing(RecordingStore(home / FILE_NAME)) as store:
        return {run.run_id: store.entries(run.run_id) for run in store.runs()}


def change(home, kind, old, new):
    """Change a text in the recorded entries of one kind."""
    with closing(sqlite3.connect(home / FILE_NAME)) as file, file:
        done = file.execute("UPDATE entries SET reply = replace(reply, ?, ?) WHERE kind = ?", (old, new, kind))
        assert done.rowcount


@pytest.mark.parametrize("kind", ["opro", "reflection"])
def test_a_backtest_is_replayed_with_its_steps(tmp_path, recorded, no_network, kind):
    settings, document = recorded(kind)
    no_network()
    assert backtest(moved(settings, tmp_path / "other")) == document
    assert entries(tmp_path / "other") == entries(settings.home)


def test_every_run_of_a_backtest_is_replayed_alone(recorded, no_network):
    (settings, _), (control, _) = recorded("opro"), recorded("reflection")
    no_network()
    found = sorted(recordings(settings.home))
    assert len(found) == 10
    for name in found[:7]:
        replay_run(load_settings({"home": settings.home}), name)
    replay_run(load_settings({"home": control.home}), max(recordings(control.home)))


def test_a_recording_holds_what_was_learned_once(recorded):
    settings, _ = recorded("opro")
    every = [entry for run in recordings(settings.home).values() for entry in run]
    known = [entry for entry in every if entry.kind is EntryKind.KNOWN]
    learned = [entry for entry in every if entry.kind is EntryKind.LEARNED]
    assert {json.loads(entry.request)["key"] for entry in learned} == {row[1] for row in entries(settings.home)}
    assert len({entry.id for entry in known}) < len(known)
    assert {entry.key for entry in known} <= {entry.key for entry in learned}
    secret = [entry for entry in every if "sk-test" in entry.request + entry.reply]
    assert not secret


def test_a_changed_character_of_a_learned_text_is_named_with_its_path(tmp_path, recorded, no_network):
    settings, _ = recorded("opro")
    no_network()
    changed = moved(settings, tmp_path / "learned")
    change(changed.home, "learned", "Keep everything in cash", "Keep everything in bash")
    with pytest.raises(ReplayMismatch, match=rf"{STEP} 2025-02-12.*/body/in_shadow: .*bash.*cash"):
        backtest(changed)
    known = moved(settings, tmp_path / "known")
    change(known.home, "known", "Keep everything in cash", "Keep everything in bash")
    last = max(recordings(known.home))
    with pytest.raises(ReplayMismatch, match=r"differs first at /user: recorded .*cash.*, asked .*bash"):
        replay_run(load_settings({"home": known.home}), last)


def test_a_step_that_is_not_taken_is_a_mismatch(tmp_path, recorded, no_network):
    settings, _ = recorded("opro")
    no_network()
    longer = tmp_path / "longer.yaml"
    longer.write_text(DESK.replace("LEARNING", "{kind: opro, every: 3}"))
    found = recordings(settings.home)
    name = next(run for run, made in found.items() if "20250212" in run or "2025-02-12" in run)
    with closing(sqlite3.connect(moved(settings, tmp_path / "other").home / FILE_NAME)) as file, file:
        file.execute("UPDATE runs SET inputs = replace(inputs, ?, ?)", (settings.desk, str(longer)))
    with pytest.raises(ReplayMismatch, match=r"2025-02-12/HALDM.* first at /body/shadow: .* learned .null"):
        replay_run(load_settings({"home": tmp_path / "other"}), name)


@pytest.mark.parametrize(("number", "before"), [(4, False), (5, True)], ids=["after a step", "at a decision"])
def test_a_backtest_that_was_killed_is_recorded_and_replayed_like_a_whole_one(
    tmp_path, recorded, endpoint, monkeypatch, no_network, number, before
):
    whole, document = recorded("opro")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    endpoint.responder = texts()
    cut = whole.model_copy(update={"home": tmp_path / "cut"})
    with KilledAtEntry(number, before=before), pytest.raises(Killed):
        backtest(cut)
    assert backtest(cut) == document
    assert {run: set(made) for run, made in recordings(cut.home).items()} == {
        run: set(made) for run, made in recordings(whole.home).items()
    }
    no_network()
    replayed = moved(whole, tmp_path / "replayed")
    with KilledAtEntry(number, before=before), pytest.raises(Killed):
        backtest(replayed)
    assert backtest(replayed) == document
    assert entries(replayed.home) == entries(whole.home)


class KilledAtEntry:
    """Kills the process at the n-th entry of what desks have learned, before or after it is stored."""

    def __init__(self, number, *, before):
        self._number, self._before, self._patch = number, before, pytest.MonkeyPatch()

    def __enter__(self):
        add, count = SqliteLearnedStore.add, iter(range(1, 1000))

        def added(store, space, entry):
            place = next(count)
            if place != self._number or not self._before:
                add(store, space, entry)
            if place == self._number:
                raise Killed

        self._patch.setattr(SqliteLearnedStore, "add", added)

    def __exit__(self, *_):
        self._patch.undo()


def test_sessions_of_an_account_are_replayed_in_order_and_each_run_alone(tmp_path, monkeypatch, no_network):
    desk, days = tmp_path / "desk.yaml", DAYS[:4]
    desk.write_text(DESK.replace("LEARNING", LEARNING["opro"]))
    given = {"rules": RULES, "model": "openai:x", "desk": str(desk)}
    with StubServer() as stub:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        stub.responder = texts()
        with open_daily(tmp_path / "first", **given, base_url=stub.url, recording="record") as daily:
            run_days(daily, days)
            hashes = daily.book.state_hash()
    no_network()
    (tmp_path / "second").mkdir()
    shutil.copy(tmp_path / "first" / FILE_NAME, tmp_path / "second" / FILE_NAME)
    with open_daily(tmp_path / "second", **given, base_url=stub.url, replay="each") as daily:
        run_days(daily, days)
        assert daily.book.state_hash() == hashes
    assert entries(tmp_path / "second") == entries(tmp_path / "first")
    for name in recordings(tmp_path / "first"):
        replay_run(load_settings({"home": tmp_path / "first"}), name)


class TrainedDesk:
    """Goes long in the first episode and stays flat in the next; a lesson or a belief makes it go short."""

    def __init__(self):
        self.asked = Counter()

    def __call__(self, request):
        names = (request.schema or {}).get("properties", {})
        if "lesson" in names:
            return Reply(json.dumps({"lesson": LESSON}))
        if "edits" in names:
            return Reply(json.dumps({"explanation": "Why.", "edits": [{"source": "technical", "belief": LESSON}]}))
        self.asked[request.prompt] += 1
        side = "short" if LESSON in request.prompt else "long" if self.asked[request.prompt] == 1 else "flat"
        return Reply(json.dumps(Filler(values={"direction": side}).fill(request.schema, request.prompt)))


@pytest.mark.parametrize(
    "learning", ["{kind: episodes, episodes: 2, edit: difference}", "{kind: retry, trials: 1, horizon: 1}"]
)
def test_a_training_is_replayed_before_its_backtest(tmp_path, endpoint, monkeypatch, no_network, learning):
    desk, endpoint.responder = tmp_path / "desk.yaml", TrainedDesk()
    desk.write_text(TRAINED.replace("LEARNING", learning))
    request = replace(REQUEST, first=date(2025, 2, 21), warm_up_from=date(2025, 2, 14))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    settings = settings_of(tmp_path / "home", str(desk), endpoint, recording="record")
    document = backtest(settings, request)
    no_network()
    assert any(LESSON in row[3] for row in entries(settings.home))
    replayed = moved(settings, tmp_path / "other")
    assert backtest(replayed, request) == document
    assert entries(replayed.home) == entries(settings.home)
    replay_run(load_settings({"home": settings.home}), max(recordings(settings.home)))
    broken = moved(settings, tmp_path / "broken")
    change(broken.home, "learned", LESSON, LESSON.lower())
    with pytest.raises(ReplayMismatch, match=r"differs from the recording of .*-warm-up first at /body/.*short"):
        backtest(broken, request)


def test_a_backtest_with_a_memory_is_replayed_with_its_warm_up_and_lessons(tmp_path, endpoint, monkeypatch, no_network):
    desk, endpoint.responder = tmp_path / "desk.yaml", None
    desk.write_text(REMEMBERING)
    symbols, first = (Symbol("CALDR"), Symbol("HALDM")), date(2025, 2, 20)
    request = replace(REQUEST, symbols=symbols, first=first, warm_up_from=date(2025, 2, 14))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    settings = settings_of(tmp_path / "home", str(desk), endpoint, recording="record")
    document = backtest(settings, request)
    no_network()
    assert backtest(moved(settings, tmp_path / "other"), request) == document
    last = [replay_run(load_settings({"home": settings.home}), run) for run in sorted(recordings(settings.home))[-2:]]
    assert all(each.decision.provenance.learned.lessons for each in last)
    vectors = settings.model_copy(update={"memory": settings.memory.model_copy(update={"embedder": "minilm"})})
    with pytest.raises(ConfigError, match="searched by minilm can be neither recorded nor replayed"):
        backtest(vectors, request)


class TaughtBook(BookAnswers):
    """Holds the same weights until the optimizer adds a sentence to its instructions."""

    def __call__(self, request):
        if "revised_instructions" in (request.schema or {}).get("properties", {}):
            library = load_prompts()
            return Reply(json.dumps(proposal(f"{library.get('book_decision').instructions}\n\n{CASH}")))
        self.share = 0.0 if CASH in request.prompt else 0.4
        return super().__call__(request)


def test_a_backtest_over_a_book_is_replayed_with_its_steps(tmp_path, endpoint, monkeypatch, no_network):
    desk, endpoint.responder = tmp_path / "desk.yaml", TaughtBook()
    desk.write_text(f"{WEIGHTS}learning: {{kind: opro, every: 2}}\n")
    symbols = (Symbol("CALDR"), Symbol("HALDM"))
    request = replace(REQUEST, symbols=symbols, first=date(2025, 2, 14))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    settings = settings_of(tmp_path / "home", str(desk), endpoint, recording="record")
    document = backtest(settings, request)
    no_network()
    learned = entries(settings.home)
    assert any(json.loads(row[3]).get("in_shadow") and CASH in row[3] for row in learned if row[0] == STEP)
    assert any(json.loads(row[3])["shadow_weight"] is not None for row in learned if row[0] != STEP)
    other = moved(settings, tmp_path / "other")
    assert backtest(other, request) == document
    assert entries(other.home) == learned
    for name in sorted(recordings(settings.home))[-2:]:
        replay_run(load_settings({"home": settings.home}), name)
