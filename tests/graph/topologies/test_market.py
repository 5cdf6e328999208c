"""The prediction market: prices by the published formula, budgets, and forecasters without a view."""

from math import isclose

import pytest
from openoutcry.desk.learning.market_budgets import updated_budgets
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import Outcome
from openoutcry.domain.decision_outputs import DirectionDecision, ExposureDecision
from openoutcry.domain.deliberation_outputs import Forecast, MarketPrices
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.proposal import Direction
from openoutcry.graph.topologies.market import bets_of
from openoutcry.tools.signals.fusion import OutcomeClass
from pydantic import ValidationError

STATED = {"summary": "Seen.", "evidence": ("px.close",)}
ANALYSTS = ("technical", "news", "fundamentals", "macro")
TABLE = {
    "technical": (0.1, 0.2, 0.7),
    "news": (0.5, 0.3, 0.2),
    "fundamentals": (0.25, 0.5, 0.25),
    "macro": (0.3, 0.4, 0.3),
}  # fmt: skip
BUDGETS = {"technical": 2.0, "news": 1.0, "fundamentals": 0.5, "macro": 0.5}


def forecast(down, flat, up):
    def answer(question):
        cited = question.user.split("[", 1)[1].split("]", 1)[0]
        return Forecast(down=down, flat=flat, up=up, summary="Seen.", evidence=(cited,))

    return answer


def lines(**changed):
    return {name: forecast(*row) for name, row in TABLE.items()} | changed


def gone(name):
    return Abstention(name, AbstentionCause.MODEL, "gone")


def prices_of(rows, budgets):
    total = sum(budgets[name] for name in rows)
    return [sum(budgets[name] * rows[name][k] for name in rows) / total for k in range(3)]


@pytest.mark.parametrize("budgets", [None, BUDGETS], ids=["equal", "learned"])
def test_prices_are_the_probabilities_weighted_by_budgets(desk_of, context_of, budgets):
    context, model = context_of(desk_of("prediction_market"), budgets, **lines())
    down, flat, up = prices_of(TABLE, budgets or dict.fromkeys(ANALYSTS, 1.0))
    prices = context.latest(MarketPrices)
    assert (prices.down, prices.flat, prices.up) == pytest.approx((down, flat, up), rel=1e-12)
    assert context.latest(ExposureDecision).exposure == pytest.approx(up - down, abs=5e-5)
    assert context.thesis.conviction == context.latest(ExposureDecision).exposure
    assert sorted(question.role for question in model.asked) == sorted(ANALYSTS)  # no judge is asked


def test_budgets_move_to_those_that_gave_the_outcome_more_than_its_price(desk_of, context_of):
    context, _ = context_of(desk_of("prediction_market"), BUDGETS, **lines())
    bets = bets_of(context, BUDGETS)
    after = updated_budgets(BUDGETS, bets, OutcomeClass.UP, rate=0.1)
    price = prices_of(TABLE, BUDGETS)[2]
    for name, (_, _, up) in TABLE.items():
        assert after[name] == pytest.approx(BUDGETS[name] * (0.9 + 0.1 * up / price), rel=1e-12)
    assert isclose(sum(after.values()), sum(BUDGETS.values()))


def test_one_that_abstains_bets_nothing(desk_of, context_of):
    context, _ = context_of(desk_of("prediction_market"), BUDGETS, **lines(technical=gone("technical")))
    rows = {name: row for name, row in TABLE.items() if name != "technical"}
    down, _, up = prices_of(rows, BUDGETS)
    assert context.latest(ExposureDecision).exposure == pytest.approx(up - down, abs=5e-5)
    assert {each.expert for each in context.latest(MarketPrices).budgets} == {"news", "fundamentals", "macro"}


def test_without_a_bet_the_desk_abstains(desk_of, decision_of):
    decision = decision_of(desk_of("prediction_market"), **{name: gone(name) for name in ANALYSTS})
    assert (decision.outcome, decision.abstention.cause) == (Outcome.ABSTAIN, AbstentionCause.MODEL)
    assert "no forecaster has bet" in decision.abstention.reason
    assert not decision.risk.allowed


@pytest.mark.parametrize("row", [(0.5, 0.5, 0.5), (0.0, 0.0, 0.0), (-0.1, 0.6, 0.5), (float("nan"), 0.5, 0.5)])
def test_probabilities_that_are_none_are_refused(row):
    with pytest.raises(ValidationError):
        Forecast(down=row[0], flat=row[1], up=row[2], **STATED)


def test_probabilities_whose_sum_is_rounded_are_divided_by_it(desk_of, context_of):
    rounded = dict.fromkeys(ANALYSTS, forecast(0.333, 0.333, 0.333))
    context, _ = context_of(desk_of("prediction_market"), **rounded)
    assert context.latest(MarketPrices).up == pytest.approx(1 / 3, rel=1e-12)


def test_equal_prices_of_up_and_down_take_no_side(desk_of, context_of):
    file = desk_of("prediction_market", ("{kind: exposure, horizon: 21}", "{kind: direction}"))
    context, _ = context_of(file, **dict.fromkeys(ANALYSTS, forecast(0.25, 0.5, 0.25)))
    assert context.latest(DirectionDecision).direction is Direction.FLAT
    forced = desk_of("prediction_market", ("{kind: exposure, horizon: 21}", "{kind: direction, forced: true}"))
    context, _ = context_of(forced, **dict.fromkeys(ANALYSTS, forecast(0.25, 0.5, 0.25)))
    assert context.thesis is None
    assert context.abstentions[-1].reason == "the desk must take a side, and its view is 0"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[down, flat, up]", "[down, up]", "the outcomes are down, flat, up"),
        ("[down, flat, up]", "[down, sideways, up]", "outcomes.1"),
        ("{kind: exposure, horizon: 21}", "{kind: ratio}", "cannot decide on ratio"),
        ("role: forecaster", "role: analyst", "two or more roles of kind forecaster"),
        ("decision:", "intake: {scope: book}\ndecision:", "about one symbol"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_desk_file_is_named(desk_of, old, new, said):
    with pytest.raises(ConfigError, match=said):
        desk_of("prediction_market", (old, new), ("kind: vol_target", "kind: as_decided"))
