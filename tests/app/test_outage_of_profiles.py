"""An outage while the currencies of the watchlist are checked: the tickers are waited for, not left out."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.app.session_rows import result_of
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.tests.app.daily import NAME, XNYS, open_daily, sessions
from openoutcry.tests.market_folder import write_folder

FIRST, SECOND = sessions("2025-03-03", 2)
DEADLINE = XNYS.open(SECOND) - timedelta(minutes=10)
SYMBOLS = ("CALDR", "GRUND", "VEXIL")


class ProfilesDown:
    """A source that does not answer for profiles of some symbols while `down` says so."""

    def __init__(self, inner, symbols, down):
        self.inner, self.affected, self.down, self.synthetic, self.name = inner, symbols, down, True, "folder"

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def profile(self, symbol, *, until):
        if symbol in self.affected and self.down():
            raise SourceUnavailable("the source cannot be reached")
        return self.inner.profile(symbol, until=until)


@pytest.fixture
def market(tmp_path, demo):
    """A folder whose first two listings are quoted in pounds, the third in dollars."""
    folder = write_folder(demo, SYMBOLS, XNYS.close(FIRST), tmp_path / "market", 300)
    rows = [
        {"ticker": symbol, "name": symbol, "currency": currency, "seen_at": "2024-01-02T00:00:00Z"}
        for symbol, currency in zip(SYMBOLS, ("GBP", "GBP", "USD"), strict=True)
    ]
    (folder / "profile.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder


@pytest.fixture
def daily(tmp_path, market):
    with open_daily(tmp_path / "home", market=str(market), rules=AccountRules(margin=True), currency="GBP") as opened:
        opened.clock.after_close(FIRST)
        yield opened


def run(daily, down, symbols=SYMBOLS, *, wait=True):
    """Run the first session with the profiles down; a pause moves the clock on by 20 minutes, at most to the end."""

    async def pause(time):
        await asyncio.sleep(0)
        daily.clock.now = max(daily.clock.now, min(daily.clock.now + 20 * time, DEADLINE - timedelta(seconds=30)))

    request = replace(session_request(None, SessionFlags(NAME, ",".join(SYMBOLS), FIRST.isoformat())), wait=wait)
    return daily.with_source(ProfilesDown(daily.stores.source, symbols, down)).daily_run(pause=pause).run(request)


def outcomes(result):
    return {each.ticker: str(each.outcome) for each in result.record.decisions}


def orders(daily):
    return {order.terms.symbol: order.terms.quantity for order in daily.book.orders.values() if not order.terms.group}


@pytest.fixture
def expected(tmp_path, market):
    """What the session decides without an outage."""
    with open_daily(tmp_path / "other", market=str(market), rules=AccountRules(margin=True), currency="GBP") as other:
        other.clock.after_close(FIRST)
        return outcomes(run(other, lambda: False)), orders(other)


def test_an_outage_that_ends_in_time_changes_nothing(daily, expected):
    back = daily.clock.now + timedelta(hours=1)
    result = run(daily, lambda: daily.clock.now < back)
    assert (outcomes(result), orders(daily)) == expected
    assert set(outcomes(result)) == {"CALDR", "GRUND"}
    assert any("VEXIL is left out: VEXIL is quoted in USD" in notice for notice in daily.observer.notices)
    assert any("no data or no model for CALDR, GRUND" in notice for notice in daily.observer.notices)


@pytest.mark.parametrize("wait", [True, False])
def test_an_outage_that_lasts_ends_in_an_abstention_that_is_stored(daily, expected, wait):
    result = run(daily, lambda: True, ["CALDR"], wait=wait)
    assert outcomes(result) == expected[0] | {"CALDR": "abstain"}
    assert "CALDR" not in orders(daily)
    run_id = result_of(result.row).runs["CALDR"]
    stored = daily.stores.runs.decision(run_id)
    assert stored.abstention.reason == "its currency cannot be checked: the source cannot be reached"
    assert str(daily.stores.runs.find(run_id).status) == "done"
    assert not any("CALDR is left out" in notice for notice in daily.observer.notices)


def test_a_ticker_of_another_currency_is_not_traded_after_an_outage(daily):
    back = daily.clock.now + timedelta(hours=1)
    result = run(daily, lambda: daily.clock.now < back, ["VEXIL"])
    assert outcomes(result).keys() == {"CALDR", "GRUND"}
    assert "VEXIL" not in orders(daily)
