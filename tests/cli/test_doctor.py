"""`doctor`: an outcome and a remedy for every check, the exit code that follows, and the probe of a model."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from openoutcry.desk.records.notification_store import NotificationStore
from openoutcry.desk.records.session_store import Heartbeat, SessionStore
from stub.server import StubServer
from stub.webhook import webhook


def checks(openoutcry, *flags):
    ran = openoutcry("doctor", *flags, "--json")
    return ran.code, {each["what"]: each for each in json.loads(ran.out)}


def test_every_check_ends_in_one_of_four_ways_with_a_remedy(openoutcry):
    code, found = checks(openoutcry)
    assert {each["outcome"] for each in found.values()} <= {"ok", "warning", "failed", "skipped"}
    assert all(each["remedy"] for each in found.values() if each["outcome"] != "ok")
    assert all(each["ok"] == (each["outcome"] != "failed") for each in found.values())
    assert (code, found["model key"]["outcome"], found["model endpoint"]["outcome"]) == (0, "warning", "skipped")
    assert found["fred"]["outcome"] == "skipped"
    assert found["gdelt"]["outcome"] == "warning"
    shown = openoutcry("doctor", "--offline").out.splitlines()
    assert re.fullmatch(r"doctor: \d+ ok, \d+ warning, \d+ skipped", shown[-1])


def test_a_failed_check_is_exit_code_2(openoutcry, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_MARKET", "live")
    code, found = checks(openoutcry)
    assert (code, found["gdelt"]["outcome"]) == (2, "failed")


def test_one_cause_is_said_once(openoutcry, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "file" / "home"))
    ran = openoutcry("doctor", "--offline")
    assert ran.code == 2
    assert ran.out.count("cannot create") == 1
    assert "same cause as state folder" in ran.out


def test_the_disk_use_of_the_state_folder_is_shown_by_kind_and_links_are_not_followed(openoutcry, home, tmp_path):
    (tmp_path / "elsewhere").write_bytes(bytes(50_000_000))
    (home / "memory" / "chroma").mkdir(parents=True)
    for name, size in {"archive.db": 3, "archive.db-wal": 1, "memory/chroma/x": 2, "book.db": 5, "notes": 7}.items():
        (home / name).write_bytes(bytes(size * 1_000_000))
    (home / "link").symlink_to(tmp_path / "elsewhere")
    _, found = checks(openoutcry, "--offline")
    assert found["disk use"]["said"] == "18.0 MB: other 7.0, ledger 5.0, archive 4.0, memory 2.0"


@pytest.mark.parametrize(("free_mb", "outcome"), [(1023, "warning"), (1024, "ok")])
def test_less_than_one_gigabyte_of_free_space_is_a_warning(openoutcry, monkeypatch, free_mb, outcome):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free_mb * 2**20))
    _, found = checks(openoutcry, "--offline")
    assert found["free space"]["outcome"] == outcome


def test_a_key_file_that_cannot_be_read_fails_and_the_other_checks_go_on(openoutcry, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_API_KEY_FILE", "/nowhere/key")
    code, found = checks(openoutcry, "--offline")
    assert (code, found["model key"]["outcome"], found["model endpoint"]["outcome"]) == (2, "failed", "skipped")


def test_a_model_is_probed_and_its_capabilities_are_used(openoutcry, home):
    with StubServer() as stub:
        ran = openoutcry("doctor", "--model", "openai:m", "--base-url", stub.url)
        sent = len(stub.chats)
        _, found = checks(openoutcry, "--model", "openai:m", "--base-url", stub.url)
    assert ran.code == 0
    assert sent >= 5
    assert found["chat"]["outcome"] == "ok"
    assert found["the desk will use"]["said"].startswith("answers as ")
    stored = json.loads((home / "capabilities.json").read_text(encoding="utf-8"))["models"]
    (key,) = stored
    assert key.endswith(" m")


@pytest.mark.parametrize(("spec", "code"), [("rules", 2), ("astrology", 2), ("openai:m", 2)])
def test_a_probe_without_an_endpoint_is_one_sentence(openoutcry, spec, code):
    ran = openoutcry("doctor", "--model", spec)
    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)


def test_a_model_that_does_not_answer_fails(openoutcry, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_ATTEMPTS", "1")
    code, found = checks(openoutcry, "--model", "openai:m", "--base-url", "http://127.0.0.1:9/v1")
    assert (code, found["chat"]["outcome"], found["the desk will use"]["outcome"]) == (2, "failed", "skipped")


def test_verify_ends_with_a_verdict_and_names_a_breach_once(openoutcry, home):
    import sqlite3
    from contextlib import closing

    for name in ("a", "b"):
        assert openoutcry("paper", "init", "--account", name).code == 0
    sound = openoutcry("ledger", "verify")
    assert (sound.code, sound.out.splitlines()[-1].startswith("verdict: sound; 2 account(s)")) == (0, True)
    with closing(sqlite3.connect(home / "book.db")) as book, book:
        book.execute("UPDATE balances SET amount = amount + 1 WHERE account = 'b'")
    broken = openoutcry("ledger", "verify")
    assert broken.code == 1
    assert broken.out.splitlines()[-1].startswith("verdict: BROKEN;")
    assert " in b (1 of 2 account(s))" in broken.out.splitlines()[-1]
    lines = broken.err.splitlines()
    assert lines
    assert len(lines) == len(set(lines))
    documented = openoutcry("ledger", "verify", "--json")
    assert set(json.loads(documented.out)) == {"a", "b"}
    assert "verdict: BROKEN" in documented.err


def test_a_message_that_was_given_up_is_a_finding_until_a_test_message_arrives(openoutcry, home, monkeypatch):
    home.mkdir()
    store = NotificationStore(home / "notifications.db", max_attempts=1)
    store.enqueue("session/mine/2025-03-03/done", "mine", date(2025, 3, 3), "desk", "{}")
    store.failed(
        store.claim(datetime(2025, 3, 3, 22, tzinfo=UTC), 60, 1)[0].id, datetime(2025, 3, 3, tzinfo=UTC), "404"
    )
    store.enqueue("session/mine/2025-03-04/done", "mine", date(2025, 3, 4), "old", "{}")
    store.close()
    with webhook() as server:
        channels = {"channels": [{"name": "desk", "url": server.url}]}
        monkeypatch.setenv("OPENOUTCRY_NOTIFICATIONS", json.dumps(channels))
        ran = openoutcry("doctor", "--offline")
        assert "session/mine/2025-03-03/done was given up after 1 attempt(s): 404" in ran.out
        assert "1 message(s) wait for a channel that is not in the settings" in ran.out
        server.status = 410
        failed = openoutcry("doctor", "--notify")
        assert (failed.code, "status 410" in failed.out) == (2, True)
        server.status = 200
        assert openoutcry("doctor", "--notify").code == 0
        assert "given up" not in openoutcry("doctor", "--offline").out
        assert "verysecretsentinel" not in ran.out + failed.out + openoutcry("config", "show").out
    assert server.bodies[-1]["account"] == "test"


def test_the_age_of_a_heartbeat_is_shown(openoutcry, home):
    (home.parent / "openoutcry.toml").write_text('[[paper]]\naccount = "mine"\nwatchlist = ["CALDR"]\n')

    def scheduler():
        found = json.loads(openoutcry("doctor", "--offline", "--json").out)
        return next(each for each in found if each["what"] == "scheduler mine")

    assert (scheduler()["outcome"], scheduler()["said"]) == ("warning", "it never ran")
    store, hour = SessionStore(home / "sessions.db"), timedelta(hours=1)
    for age, state, outcome in ((hour, "waiting", "warning"), (hour, "stopped", "ok"), (hour / 60, "waiting", "ok")):
        store.beat(Heartbeat("mine", datetime.now(UTC) - age, state, datetime.now(UTC) + hour))
        assert scheduler()["outcome"] == outcome
    store.close()
    assert "last heartbeat" in scheduler()["said"]
