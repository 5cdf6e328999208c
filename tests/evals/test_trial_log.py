"""The trial log: each variant once per window, overlapping windows counted together, nothing ever removed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.trial_log import Trial, TrialLog, TrialWindow, content_hash

WINDOW = TrialWindow("demo:7", date(2024, 1, 2), date(2024, 6, 28))
FIRST = Trial(WINDOW, "a1", "debate", "run", 0.05, datetime(2026, 1, 2, 9, tzinfo=UTC))


@pytest.fixture
def log(tmp_path):
    opened = TrialLog(tmp_path / "trials.db")
    yield opened
    opened.close()


def test_a_variant_counts_once_however_often_it_runs(log):
    assert log.record(FIRST)
    assert not log.record(replace(FIRST, name="again", sharpe=9.0))
    assert log.record(replace(FIRST, content="b2", sharpe=None))
    assert log.trials(WINDOW) == (FIRST, replace(FIRST, content="b2", sharpe=None))
    assert (log.count(WINDOW).trials, log.count(WINDOW).sharpes) == (2, (0.05,))


def test_a_window_that_overlaps_shares_its_trials_and_another_does_not(log):
    later = TrialWindow("demo:7", date(2024, 6, 28), date(2024, 12, 31))
    after = TrialWindow("demo:7", date(2024, 7, 1), date(2024, 12, 31))
    log.record(replace(FIRST, sharpe=None))
    log.record(replace(FIRST, window=later, sharpe=0.2))
    log.record(replace(FIRST, window=replace(WINDOW, market="demo:8"), content="c3"))
    assert log.count(WINDOW).trials == log.count(later).trials == log.count(after).trials == 1
    assert log.count(WINDOW).sharpes == (0.2,)
    assert log.count(TrialWindow("demo:7", date(2023, 1, 2), date(2024, 1, 1))).trials == 0


def test_times_are_stored_in_utc_and_need_a_zone(log):
    log.record(replace(FIRST, recorded_at=datetime(2026, 1, 2, 11, tzinfo=timezone(timedelta(hours=2)))))
    assert log.trials(WINDOW) == (FIRST,)
    with pytest.raises(ValueError, match="zone"):
        log.record(replace(FIRST, content="d4", recorded_at=datetime(2026, 1, 2)))  # noqa: DTZ001


def test_the_log_outlives_its_process_and_cannot_be_changed(tmp_path):
    with_one = TrialLog(tmp_path / "trials.db")
    with_one.record(FIRST)
    with pytest.raises(ConfigError, match="append-only"), with_one._file.writing() as connection:
        connection.execute("DELETE FROM trials")
    with_one.close()
    reopened = TrialLog(tmp_path / "trials.db")
    assert reopened.count(WINDOW).trials == 1
    reopened.close()


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "trials.db").write_text("no database, only text that is longer than a header of SQLite")
    with pytest.raises(ConfigError, match="trial log"):
        TrialLog(tmp_path / "trials.db")


def test_several_writers_lose_nothing(log):
    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(lambda n: log.record(replace(FIRST, content=str(n % 10))), range(40)))
    assert sum(added) == log.count(WINDOW).trials == 10


def test_the_content_hash_depends_on_content_and_not_on_order():
    assert content_hash({"desk": "debate", "k": [1, 2]}) == content_hash({"k": [1, 2], "desk": "debate"})
    assert content_hash({"k": [1, 2]}) != content_hash({"k": [2, 1]})
    with pytest.raises(ValueError, match="Out of range"):
        content_hash({"k": float("nan")})


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="before it begins"):
        TrialWindow("demo:7", date(2024, 1, 2), date(2024, 1, 1))
