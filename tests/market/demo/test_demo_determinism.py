"""The demo market is a function of its seed: the same everywhere, and never changed by a later session."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.demo.oracle import Oracle, demo_oracle
from openoutcry.market.demo.source import DemoSource, demo_market
from openoutcry.market.view import HasKnownAt

from .conftest import (
    EVER,
    EVERYTHING,
    LAST,
    Ask,
)

PRINT_DIGEST = """
import sys
from datetime import UTC, date, datetime
from openoutcry.domain.market import Interval
from openoutcry.market.demo.source import demo_market
from hashlib import sha256
m, start, end = demo_market(last=date(2018, 3, 29)), datetime(1900, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
h = sha256()
for s in m.symbols():
    h.update(repr((m.bars(s, Interval.DAY, until=end, count=9999), m.splits(s, until=end), m.dividends(s, until=end),
                   m.news(s, since=start, until=end), m.filings(s, until=end),
                   m.insider_trades(s, until=end))).encode())
for s in m.macro_series():
    h.update(repr(m.macro(s, until=end, count=9999)).encode())
print(h.hexdigest())
"""


def cut(facts: Sequence[HasKnownAt], until: datetime) -> list[HasKnownAt]:
    return [fact for fact in facts if fact.known_at <= until]


@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(last=st.dates(date(2016, 1, 4), LAST))
@example(last=date(2016, 1, 5))  # hardly any history
@example(last=date(2020, 9, 14))  # the day before a listing
@example(last=date(2023, 4, 3))  # the day of a collapse
def test_a_later_session_never_changes_an_earlier_one(market: DemoSource, ask: Ask, last: date) -> None:
    shorter = demo_market(last=last)
    sessions = trading_calendar("XNYS")
    close = sessions.close(sessions.between(date(2016, 1, 4), last)[-1])
    for symbol in shorter.symbols():
        long = ask(market, symbol)
        for kind, facts in ask(shorter, symbol).items():
            known = cut(facts, close)
            assert known == cut(long[kind], close), (symbol, kind)
            assert repr(known[-9:]) == repr(list(long[kind][: len(known)][-9:])), (symbol, kind)
            later = long[kind][len(known) :]
            assert all(fact in later for fact in facts[len(known) :]), (symbol, kind)


def test_the_oracle_does_not_change_its_mind(oracle: Oracle) -> None:
    shorter = demo_oracle(last=date(2019, 5, 7))
    for symbol in ("CALDR", "VEXIL", "HALDM", "FERKD"):
        for session in (date(2016, 1, 4), date(2018, 2, 27), date(2019, 5, 7)):
            expected = shorter.expected_return(Symbol(symbol), session, 21)
            assert expected == oracle.expected_return(Symbol(symbol), session, 21)


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_draws_the_same_market(hash_seed: str) -> None:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", PRINT_DIGEST]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    said: list[str] = []
    exec(PRINT_DIGEST, {"print": said.append})
    assert found.strip() == said[0]
    assert len(said[0]) == hashlib.sha256().digest_size * 2


def test_another_seed_is_another_market(market: DemoSource) -> None:
    other = demo_market(seed=8, last=date(2016, 6, 1))
    caldr = Symbol("CALDR")
    until = trading_calendar("XNYS").close(date(2016, 6, 1))
    assert (
        other.bars(caldr, Interval.DAY, until=EVER, count=EVERYTHING)[1:]
        != market.bars(caldr, Interval.DAY, until=until, count=EVERYTHING)[1:]
    )


def test_a_last_day_without_trading_ends_with_the_session_before(ask: Ask) -> None:
    friday, sunday = demo_market(last=date(2016, 3, 4)), demo_market(last=date(2016, 3, 6))
    assert ask(friday, Symbol("CALDR")) == ask(sunday, Symbol("CALDR"))
