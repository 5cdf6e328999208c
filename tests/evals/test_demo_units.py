"""Walks over the demo market: nobody looks ahead, who knows nothing abstains, and sums add up."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from openoutcry.desk.decision import DecisionRequest
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.domain.account import Account
from openoutcry.domain.decision import Outcome
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.orders import Action
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.evals.demo_experiment import (
    DESK,
    HOLD,
    ORACLE,
    ExperimentConfig,
    ExperimentUnit,
    run_unit,
    world,
)
from openoutcry.evals.oracle_strategy import HORIZON, OracleStrategy
from openoutcry.evals.signal_recovery_report import report
from openoutcry.evals.statistics.bootstrap import Resampling
from openoutcry.market.demo.planted_signals import SignalType
from openoutcry.market.view import MarketView
from openoutcry.risk.limit_settings import Limits
from openoutcry.tools.quote import build_quote

from .conftest import LAST, SEED

HALF_YEAR = ("2023-05-01", "2023-10-31")


def outcomes(walked):
    return {decided.session.isoformat(): decided.outcome for decided in walked.tracks[DESK].walk.decisions}


def test_before_its_listing_a_company_gets_no_decision_and_costs_nothing(walked):
    found = walked("NIMBK", "2020-07-01", "2021-02-28")
    assert [made is Outcome.ABSTAIN for made in outcomes(found).values()] == [True] * 6 + [False] * 2
    assert all(d.cause is AbstentionCause.DATA and d.reason for d in found.tracks[DESK].walk.decisions[:3])
    assert set(found.tracks[DESK].walk.exposure[:50]) == {0}


def test_after_its_delisting_a_company_gets_no_decision(walked):
    found = walked("BRAXH", "2023-03-01", "2023-08-31")
    assert [made is Outcome.ABSTAIN for made in outcomes(found).values()] == [False, False, False, True, True, True]
    for track in found.tracks.values():
        assert set(track.walk.exposure[-40:]) == {0}
        assert len(set(track.walk.equity[-40:])) == 1


def test_there_is_one_decision_a_month_on_its_first_session(walked):
    found = walked("VEXIL", *HALF_YEAR)
    days = [date.fromisoformat(day) for day in outcomes(found)]
    assert [day.month for day in days] == [5, 6, 7, 8, 9, 10]
    assert all(trading_calendar("XNYS").previous(day).month != day.month for day in days)


def test_the_desk_trades_both_ways_and_holds(walked):
    made = [d for t in ("VEXIL", "CALDR", "QUORB") for d in walked(t, *HALF_YEAR).tracks[DESK].walk.decisions]
    opened = {action for decided in made for action in decided.opened}
    assert opened == {Action.BUY, Action.SHORT}
    assert {decided.outcome for decided in made} >= {Outcome.ORDERS, Outcome.HOLD}
    assert all(walked(t, *HALF_YEAR).tracks[DESK].walk.rejected == 0 for t in ("VEXIL", "CALDR", "QUORB"))


@pytest.mark.parametrize("ticker", ["CALDR", "QUORB"])
def test_a_longer_market_changes_nothing_of_what_came_before(walked, ticker):
    """The walk on the market that ends in August is, to the last cent, the beginning of the one that goes on."""
    whole = walked(ticker, *HALF_YEAR)
    setting = ExperimentConfig(date(2023, 5, 1), date(2023, 8, 18))
    cut = asyncio.run(run_unit(ExperimentUnit(SEED, Symbol(ticker)), setting))
    for name, track in cut.tracks.items():
        longer = whole.tracks[name]
        size = len(track.walk.sessions)
        assert track.walk.equity == longer.walk.equity[:size]
        assert track.walk.decisions == longer.walk.decisions[: len(track.walk.decisions)]
        assert track.planted == longer.planted[:size]


def test_profit_by_month_adds_up_to_the_whole_and_costs_are_all_of_the_difference(walked):
    units = [walked(ticker, *HALF_YEAR) for ticker in ("VEXIL", "CALDR", "QUORB")]
    rows = report(units, Resampling(draws=50)).profits
    for unit in units:
        row = {each.trader: each for each in rows if each.signal == unit.signal}
        for trader, track in unit.tracks.items():
            assert row[trader].net.value == pytest.approx(track.walk.net / 100)
            assert row[trader].gross == pytest.approx(track.walk.gross / 100)
            assert track.walk.gross - track.walk.net == track.walk.paid.total == track.walk.spent[-1]
            assert row[trader].planted.value == pytest.approx(sum(track.planted) / 100)
    together = {each.trader: each.net.value for each in rows if each.signal == "all planted"}
    assert together[DESK] == pytest.approx(sum(unit.tracks[DESK].walk.net for unit in units) / 100)


def test_where_nothing_is_planted_the_oracle_stays_out(walked):
    for ticker in ("OPENX", "BRAXH"):
        track = walked(ticker, "2023-03-01", "2023-08-31").tracks[ORACLE]
        assert set(track.walk.exposure) == {0}
        assert track.walk.net == 0
        assert set(track.planted) == {0}


def test_the_oracle_stands_on_the_side_of_what_it_expects(walked, drawn):
    walk = walked("VEXIL", *HALF_YEAR).tracks[ORACLE].walk
    for decided in walk.decisions:
        place = walk.sessions.index(decided.session) + 2
        expected = drawn.oracle.expected_return(Symbol("VEXIL"), decided.session, HORIZON)
        assert np.sign(walk.exposure[place]) == np.sign(expected)


def test_the_holder_buys_once(walked):
    walk = walked("VEXIL", *HALF_YEAR).tracks[HOLD].walk
    assert [decided.opened for decided in walk.decisions] == [(Action.BUY,), *[()] * 5]


class Witness:
    """An oracle that writes down what it is asked, and answers the same whatever it is."""

    def __init__(self, expected):
        self.expected, self.asked = expected, []

    def expected_return(self, symbol, session, horizon):
        self.asked.append((symbol, session, horizon))
        return self.expected


JUNE = date(2023, 6, 1)
CLOSE = DecisionRequest(
    RunId("r"), Symbol("VEXIL"), trading_calendar("XNYS").close(JUNE), Account("t", Decimal(100_000))
)


@pytest.mark.parametrize(("expected", "side"), [(0.0, 0), (0.01, 1), (-0.01, -1)])
def test_the_oracle_asks_for_nothing_but_its_own_session(drawn, expected, side):
    witness = Witness(expected)
    answer = asyncio.run(OracleStrategy(witness, drawn.source, Limits())(CLOSE))
    assert witness.asked == [("VEXIL", JUNE, HORIZON)]
    assert [order.action.sign for order in answer.risk.allowed] == [side] * abs(side)


def test_the_oracle_sizes_by_what_was_known_at_its_close(drawn):
    """A market that ends with the session leads to the same order as one that goes on for months."""
    until = world(SEED, JUNE)
    answers = [asyncio.run(OracleStrategy(Witness(0.01), w.source, Limits())(CLOSE)) for w in (drawn, until)]
    assert answers[0].risk == answers[1].risk
    assert answers[0].risk.allowed


def test_the_oracle_is_the_surer_the_more_it_expects_and_never_more_than_sure(drawn):
    facts = build_quote(MarketView(drawn.source, CLOSE.as_of), CLOSE.ticker)
    expected = (-9.0, -0.02, -0.01, 0.0, 0.01, 0.02, 9.0)
    sure = [OracleStrategy(Witness(each), drawn.source, Limits()).conviction(CLOSE, facts) for each in expected]
    assert sure == sorted(set(sure))
    assert (sure[0], sure[3], sure[-1]) == (-1, 0, 1)
    unknown = replace(facts, daily_volatility=None)
    assert OracleStrategy(Witness(0.01), drawn.source, Limits()).conviction(CLOSE, unknown) == 0


def test_worlds_of_two_seeds_differ_and_plant_the_same():
    one, other = world(SEED, LAST), world(SEED + 1, LAST)
    assert one.oracle.signal(Symbol("CALDR")) is other.oracle.signal(Symbol("CALDR")) is SignalType.EARNINGS_DRIFT
    day = date(2023, 6, 1)
    expected = [each.oracle.expected_return(Symbol("MYRRL"), day, 21) for each in (one, other)]
    assert expected[0] != expected[1]
