"""Stores, sources and files that fail in a session: a clear record, nothing lost or doubled, the server goes on."""

import os
import re
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from openoutcry.app.paper_server import PaperServer
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import AccountMovedOn, ConfigError, StoreLocked
from openoutcry.ledger.model.order_events import OrderAccepted
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, Observer, locked, open_daily, server, sessions
from stub.webhook import webhook

FIRST, SECOND, THIRD = sessions("2025-03-03", 3)
TWO = "CALDR,GRUND"


@pytest.fixture
def daily(tmp_path):
    with open_daily(tmp_path / "home") as opened:
        opened.clock.after_close(FIRST)
        yield opened


def check_sound(daily):
    """Check that the book verifies, and that every order was submitted once."""
    assert [check.breaches for check in verify(daily.stores.ledger, NAME) if check.breaches] == []
    events = daily.stores.ledger.broker(NAME).journal.events
    sent = Counter(event.terms.order_id for event in events if isinstance(event, OrderAccepted))
    assert set(sent.values()) <= {1}
    return sent


def connection_of(daily, store):
    if store == "ledger":
        daily.stores.ledger.database.cursor()
        return daily.stores.ledger.database._connection
    return getattr(daily.stores, store)._file.connection


@contextmanager
def full_disk(daily, store):
    """Let a store's file grow no further: SQLite reports that the disk is full."""
    connection = connection_of(daily, store)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    most = connection.execute("PRAGMA max_page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA max_page_count={most}")


@pytest.mark.parametrize("store", ["ledger", "runs", "sessions"])
def test_a_full_disk_costs_time_only(daily, store):
    serving = server(daily, "CALDR,GRUND,VEXIL,HALDM")
    with full_disk(daily, store):
        assert serving.tick() is None
    assert any("disk" in notice and "full" in notice for notice in daily.observer.notices)
    daily.clock.now += timedelta(minutes=11)
    assert str(serving.tick().row.status) == "done"
    assert check_sound(daily)


@pytest.mark.parametrize("store", ["ledger", "runs", "sessions"])
def test_a_database_that_a_backup_locks_is_waited_for_without_a_message_of_failure(tmp_path, store):
    with webhook() as received, open_daily(tmp_path / "home", **channels(received.url)) as daily:
        daily.clock.after_close(FIRST)
        connection_of(daily, store).execute("PRAGMA busy_timeout=1")
        files = {"ledger": "book.db", "runs": "runs.db", "sessions": "sessions.db"}
        serving = server(daily, TWO)
        with locked(daily.settings.home / files[store]):
            assert serving.tick() is None
        daily.clock.now += timedelta(seconds=31)
        assert str(serving.tick().row.status) == "done"
        assert [body["status"] for body in received.bodies] == ["done"]
        check_sound(daily)


def channels(url, **more):
    return {"notifications": {"channels": [{"name": "desk", "url": url, "timeout_s": 20, **more}]}}


def test_an_outbox_that_cannot_be_written_costs_no_session(tmp_path):
    with webhook() as received, open_daily(tmp_path / "home", **channels(received.url)) as daily:
        (tmp_path / "home" / "notifications.db").mkdir()
        daily.clock.after_close(FIRST)
        assert str(server(daily, TWO).tick().row.status) == "done"
    assert any("its message was not stored" in notice for notice in daily.observer.notices)


def test_a_forced_run_of_a_session_that_the_account_has_passed_decides_nothing(daily):
    daily.run()
    daily.clock.after_close(THIRD)
    daily.run()
    assert daily.status(SECOND) == "missed"
    before, runs = daily.book.state_hash(), len(daily.stores.runs.runs())
    with pytest.raises(AccountMovedOn):
        daily.run(SECOND, force="a test")
    assert (daily.status(SECOND), daily.book.state_hash()) == ("missed", before)
    assert len(daily.stores.runs.runs()) == runs


def test_a_session_at_work_stores_heartbeats(daily):
    serving = server(daily, TWO)
    seen = []

    def look(_run):
        daily.clock.now += timedelta(minutes=1)
        assert serving.tick() is None
        beat = daily.stores.sessions.heartbeat(NAME)
        seen.append((beat.state, beat.at == daily.clock.now))

    serving._run._observer = Observer(look)
    serving.tick()
    assert seen == [("working", True)] * 2
    assert daily.stores.sessions.heartbeat(NAME).state == "waiting"


def test_a_scheduler_that_was_stopped_begins_nothing(daily):
    serving = server(daily, TWO)
    serving.stop()
    assert serving.tick() is None
    assert daily.stores.sessions.heartbeat(NAME).state == "stopped"
    assert daily.stores.sessions.rows(NAME) == ()


def test_a_watchlist_of_500_names_with_unknown_ones_is_decided_on(daily):
    unknown = [f"Q{number:03}" for number in range(497)]
    result = daily.run(watchlist=",".join(["CALDR", "GRUND", "VEXIL", *unknown]))
    outcomes = {each.ticker: str(each.outcome) for each in result.record.decisions}
    assert len(outcomes) == 500
    assert {outcomes[name] for name in unknown} == {"abstain"}
    assert "abstain" not in {outcomes[name] for name in ("CALDR", "GRUND", "VEXIL")}
    check_sound(daily)


def test_a_name_that_is_listed_twice_is_decided_on_once(daily):
    result = daily.run(watchlist="CALDR,GRUND,CALDR")
    assert [each.ticker for each in result.record.decisions] == ["CALDR", "GRUND"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('account = "mine"\nwatchlst = ["CALDR"]', "watchlst"),
        ('account = "mine"\nwhen = "at noon"\nwatchlist = ["CALDR"]', "when"),
        ('account = "mine"\nwatchlist = "@empty.txt"', "0 tickers"),
        ('account = "mine"\nwatchlist = "@missing.txt"', "cannot be read"),
        ('account = "other"\nwatchlist = ["CALDR"]', "no account other"),
        ('account = "mine"', "no watchlist"),
    ],
)
def test_a_wrong_table_of_an_account_is_refused_before_anything_is_served(tmp_path, monkeypatch, table, message):
    with open_daily(tmp_path / "home"):
        pass
    (tmp_path / "empty.txt").write_text("# nothing yet\n")
    (tmp_path / "openoutcry.toml").write_text(f'home = "{tmp_path / "home"}"\nmarket = "demo"\n[[paper]]\n{table}\n')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=message):
        PaperServer(load_settings({}).paper, Observer()).serve()


def test_two_tables_of_one_account_are_refused(tmp_path, monkeypatch):
    with open_daily(tmp_path / "home"):
        pass
    table = '[[paper]]\naccount = "mine"\nwatchlist = ["CALDR"]\n'
    (tmp_path / "openoutcry.toml").write_text(f'home = "{tmp_path / "home"}"\nmarket = "demo"\n{table}{table}')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreLocked, match="scheduler of account mine"):
        PaperServer(load_settings({}).paper, Observer()).serve()


def check_refused(home, reason):
    """Check that the account is not opened, with a message that names the folder, the reason and the remedy."""
    message = rf"cannot create {re.escape(str(home))}: {reason}; set OPENOUTCRY_HOME"
    with pytest.raises(ConfigError, match=message), open_daily(home):
        pass


@pytest.mark.parametrize(("below", "reason"), [("", "File exists"), ("home", "Not a directory")])
def test_a_home_in_the_place_of_a_file_is_refused(tmp_path, below, reason):
    (tmp_path / "file").write_text("not a folder")
    check_refused(tmp_path / "file" / below, reason)
    assert (tmp_path / "file").read_text() == "not a folder"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind the superuser")
def test_a_home_in_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    check_refused(tmp_path / "locked" / "home", "Permission denied")


def attempts(daily):
    return sum("no reply within 1 s" in notice for notice in daily.observer.notices)


def test_a_webhook_that_hangs_costs_its_time_limit_and_gets_its_messages_later(tmp_path):
    """The session is done before anything is sent; a scheduler at rest tries again."""
    with webhook() as received, open_daily(tmp_path / "home", **channels(received.url, timeout_s=1)) as daily:
        received.hangs = True
        daily.clock.after_close(FIRST)
        serving, begun = server(daily), time.monotonic()
        row = serving.tick().row
        assert (str(row.status), daily.status(FIRST)) == ("done", "done")
        assert time.monotonic() - begun < 25  # the server hangs for 30 s
        assert attempts(daily) == 1
        for _ in range(3):  # within the pause after a failure
            assert serving.tick() is None
        assert attempts(daily) == 1
        daily.clock.now += timedelta(hours=1)
        assert serving.tick() is None
        assert attempts(daily) == 2
        before = len(received.received)
        received.hangs = False
        received.released.set()
        patient = {"home": tmp_path / "home", "market": "demo", "model": "rules", **channels(received.url)}
        serving = server(replace(daily, settings=load_settings(patient)))
        daily.clock.now += timedelta(hours=4)
        assert serving.tick() is None
        assert [body["session"] for body in received.bodies[before:]][-1:] == [str(FIRST)]
        daily.clock.after_close(SECOND)
        assert str(serving.tick().row.status) == "done"
        assert [body["session"] for body in received.bodies][-1] == str(SECOND)
        check_sound(daily)
