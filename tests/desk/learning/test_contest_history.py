"""Rewards of submitted signals: which opens they use, and when they are known."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from openoutcry.desk.learning.contest_history import FactorRatings, SubmittedSignal, daily_rewards, factor_rewards
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Bar, Interval, Split
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.view import MarketView

XNYS = trading_calendar("XNYS")
DAYS = XNYS.sessions[-300:-292]
OPENS = {"ACME": (100, 102, 51, 60, 30, 33, 33, 40), "BETA": (10, 10, 9, 18, 9, 9, 9, 9)}
SPLIT_DAY = 2
"""ACME splits two for one before this session."""


class OpensMarket:
    """Bars whose close never equals an open, so that a reward by closes would be seen."""

    name, synthetic = "opens", True

    def __init__(self, *, wrong_after=None):
        self.wrong_after = wrong_after

    def calendar_name(self, symbol, *, until=None):
        return "XNYS"

    def bars(self, symbol, interval, *, until, count):
        assert interval is Interval.DAY
        found = []
        for day, price in zip(DAYS, OPENS.get(symbol, ()), strict=False):
            value = Decimal(price * 7 if self.wrong_after and XNYS.close(day) > self.wrong_after else price)
            span = (value, value * 2, value / 2, value * Decimal("1.5"))
            found.append(Bar(symbol, day, XNYS.open(day), XNYS.close(day), *span, Decimal(1000)))
        return [bar for bar in found if bar.known_at <= until][-count:]

    def splits(self, symbol, *, until):
        day = DAYS[SPLIT_DAY]
        known = XNYS.open(day) - timedelta(hours=1)
        return [Split(symbol, day, Decimal(2), known)] if symbol == "ACME" and known <= until else []

    def dividends(self, symbol, *, until):
        return []


def view(place, **more):
    return MarketView(OpensMarket(**more), XNYS.close(DAYS[place]))


def signal(contestant, place, symbol="ACME", side=1):
    return SubmittedSignal(contestant, DAYS[place], Symbol(symbol), side)


def test_a_signal_earns_from_the_next_open_to_the_one_after():
    signals = [signal("bull", 2), signal("bull", 4), signal("bear", 4, side=-1)]
    # after session 2: open 60 to 30 is a fall of 50 % and dropped; after session 4: 33 to 33.
    assert daily_rewards(view(7), signals) == {"bull": (0.0,), "bear": (0.0,)}
    assert daily_rewards(view(7), [signal("bull", 3)])["bull"] == pytest.approx((0.1,))
    assert daily_rewards(view(7), [signal("bear", 3, side=-1)])["bear"] == pytest.approx((-0.1,))


def test_a_split_between_the_opens_is_no_loss():
    assert daily_rewards(view(7), [signal("bull", 0)])["bull"] == pytest.approx((0.0,))


def test_signals_of_one_session_are_averaged_and_sessions_are_in_order():
    signals = [signal("a", 5), signal("a", 0), signal("a", 0, "BETA", -1)]
    assert daily_rewards(view(7), signals)["a"] == pytest.approx(((0.0 + 0.1) / 2, 40 / 33 - 1))


def test_a_reward_is_known_only_with_the_bar_of_the_second_open():
    assert daily_rewards(view(4), [signal("bull", 3)]) == {"bull": ()}
    known = daily_rewards(view(5), [signal("bull", 3)])
    assert known["bull"] == pytest.approx((0.1,))
    later = view(5, wrong_after=view(5).as_of)
    assert daily_rewards(later, [signal("bull", 3), signal("bull", 6)]) == known


def test_without_prices_there_is_no_reward():
    early = replace(signal("a", 0), session=DAYS[0] - timedelta(days=1))
    assert daily_rewards(view(7), [signal("a", 1, "NONE"), early]) == {"a": ()}
    assert daily_rewards(view(7), []) == {}


def factor(author, place, **ratings):
    return FactorRatings(author, DAYS[place], {Symbol(name): rating for name, rating in ratings.items()})


ADJUSTED = {"ACME": (50, 51, 51, 60, 30, 33, 33, 40), "BETA": (10, 10, 9, 18, 9, 9, 9, 9)}
"""OPENS with the split of ACME undone, so that every return can be computed by hand."""


def by_hand(place, **ratings):
    """Return the published reward of a factor that was written after the close of a session."""
    earned = 0.0
    for name, rating in ratings.items():
        bought, sold = ADJUSTED[name][place + 1], ADJUSTED[name][place + 2]
        percent = 100 * (sold - bought) / bought
        earned += rating * min(max(percent, -20), 20) if rating > 0 else 0
    return earned / len(ratings)


RATED = [
    (0, {"ACME": 0.5, "BETA": 1.0}),  # 0 % and -10 %
    (1, {"ACME": 0.8, "BETA": 0.25}),  # 60 / 51 and 100 %, which counts as 20 %
    (2, {"ACME": 0.4, "BETA": -1.0}),  # -50 % counts as -20 %; the negative rating only divides
    (3, {"ACME": 1.0}),
    (5, {"ACME": 0.9, "BETA": 0.0}),
]


def test_factors_earn_the_published_reward():
    factors = [factor("news", place, **ratings) for place, ratings in reversed(RATED)]
    wanted = [by_hand(place, **ratings) for place, ratings in RATED]
    assert wanted == pytest.approx([-5.0, (0.8 * 100 * 9 / 51 + 0.25 * 20) / 2, -4.0, 10.0, 0.45 * 20])
    assert factor_rewards(view(7), factors) == {"news": pytest.approx(wanted)}


def test_a_factor_has_a_reward_once_the_second_open_is_known():
    written = [factor("news", 3, ACME=1.0), factor("news", 4, ACME=1.0)]
    assert factor_rewards(view(4), written) == {"news": ()}
    known = factor_rewards(view(5), written)
    assert known == {"news": pytest.approx((10.0,))}
    assert factor_rewards(view(5, wrong_after=view(5).as_of), written) == known


def test_symbols_without_prices_do_not_divide_the_reward():
    assert factor_rewards(view(7), [factor("a", 3, ACME=1.0, NONE=1.0), factor("b", 3, NONE=1.0)]) == {
        "a": pytest.approx((10.0,)),
        "b": (),
    }
