"""Overlays against their published tables and against brute force."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import InvalidOutput, NoData
from openoutcry.domain.proposal import Direction, DirectionProposal, ExposureProposal
from openoutcry.domain.remarks import TradingStyle
from openoutcry.risk.proposals.compile import compile_proposal
from openoutcry.risk.proposals.cvar import conditional_value_at_risk, risk_directive
from openoutcry.risk.proposals.facts import OverlayFacts
from openoutcry.risk.proposals.overlays import (
    certainty,
    guide_strength,
    news_factor,
    project_turnover,
    risk_weight,
    weighted_risk,
)
from openoutcry.risk.proposals.sizing_specs import CvarOverlay

from tests.risk.proposals.builders import AAA, dec, facts, rules, sent

LONG, FLAT = DirectionProposal(AAA, Direction.LONG, Decimal(1)), DirectionProposal(AAA, Direction.FLAT, Decimal(0))


@pytest.mark.parametrize(
    ("score", "buy", "sell"),
    [(1, "0.9", "1.1"), (2, "0.95", "1.05"), (3, "0.98", "0.98"), (4, "1.05", "0.95"), (5, "1.1", "0.9")],
)
def test_the_news_table_of_finrl_deepseek(score, buy, sell):
    assert (news_factor(score, Decimal(7)), news_factor(score, Decimal(-7))) == (dec(buy), dec(sell))
    assert news_factor(score, Decimal(0)) == 1


def test_the_risk_scores_weigh_the_tail_term():
    assert [risk_weight(score) for score in range(1, 6)] == [dec(x) for x in ("0.99", "0.995", "1", "1.005", "1.01")]
    assert weighted_risk([dec("0.3"), dec("-0.1")], [5, 1]) == (
        dec("0.3") * dec("1.01") + dec("0.1") * dec("0.99")
    ) / dec("0.4")
    assert weighted_risk([], []) == 1


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_beside_the_scale_is_refused(score):
    with pytest.raises(InvalidOutput, match="is 1 to 5"):
        news_factor(score, Decimal(1))
    with pytest.raises(InvalidOutput, match="is 1 to 5"):
        risk_weight(score)


def all_in(*overlays: object) -> object:
    return rules({"kind": "all_in", "cap": "0.1", "overlays": list(overlays)})


def test_the_news_score_scales_the_trade():
    for score, bought in ((5, 110), (4, 105), (3, 98), (1, 90)):
        known = facts(overlays=OverlayFacts(news_scores={AAA: score}))
        assert sent(compile_proposal(LONG, all_in("sentiment"), known)) == [("AAA", "buy", min(bought, 100))]
    wide = rules({"kind": "as_decided", "cap": "0.5", "overlays": ["sentiment"]})
    half = ExposureProposal(AAA, dec("0.2"))
    known = facts(held={AAA: 40}, cash=96_000, overlays=OverlayFacts(news_scores={AAA: 5}))
    assert sent(compile_proposal(half, wide, known)) == [("AAA", "buy", 66)]  # 60 * 1.1


def test_a_scaled_exit_does_not_pass_through_the_other_side():
    known = facts(held={AAA: 100}, cash=90_000, overlays=OverlayFacts(news_scores={AAA: 1}))
    assert sent(compile_proposal(FLAT, all_in("sentiment"), known)) == [("AAA", "sell", 100)]
    known = facts(held={AAA: 100}, cash=90_000, overlays=OverlayFacts(news_scores={AAA: 5}))
    compiled = compile_proposal(FLAT, all_in("sentiment"), known)
    assert sent(compiled) == [("AAA", "sell", 90)]
    assert [(c.limit, c.asked, c.allowed) for c in compiled.clamps] == [("overlay_sentiment", 0, 10)]


@pytest.mark.parametrize(("style", "bought"), [("conservative", 50), ("balanced", 100), ("aggressive", 100)])
def test_the_conservative_style_buys_half(style, bought):
    known = facts(overlays=OverlayFacts(style=TradingStyle(style)))
    assert sent(compile_proposal(LONG, all_in("style"), known)) == [("AAA", "buy", bought)]
    known = facts(held={AAA: 30}, overlays=OverlayFacts(style=TradingStyle(style)))
    assert sent(compile_proposal(FLAT, all_in("style"), known)) == [("AAA", "sell", 30)]


numbers = st.decimals(-1, 1, places=3)


@given(raw=numbers, before=numbers, penalty=st.decimals(0, 1, places=3))
def test_the_turnover_projection_is_the_minimum(raw, before, penalty):
    found = project_turnover(raw, before, penalty, Decimal(-1), Decimal(1))

    def cost(h: Decimal) -> Decimal:
        return (h - raw) ** 2 / 2 + penalty * abs(h - before)

    others = [Decimal(step) / 200 for step in range(-200, 201)] + [
        raw,
        before,
        found + dec("1e-6"),
        found - dec("1e-6"),
    ]
    assert all(cost(found) <= cost(h) for h in others if -1 <= h <= 1)


def test_the_turnover_penalty_moves_less():
    known = facts(held={AAA: 20}, cash=98_000)  # an exposure of 0.2 of the cap
    compiled = compile_proposal(
        ExposureProposal(AAA, dec("0.9")),
        rules({"kind": "as_decided", "cap": "0.1", "overlays": [{"kind": "turnover", "penalty": "0.3"}]}),
        known,
    )
    assert sent(compiled) == [("AAA", "buy", 40)]  # 0.9 - 0.3 = 0.6 of 100 shares
    compiled = compile_proposal(
        ExposureProposal(AAA, dec("0.4")),
        rules({"kind": "as_decided", "cap": "0.1", "overlays": [{"kind": "turnover", "penalty": "0.3"}]}),
        known,
    )
    assert sent(compiled) == []


@pytest.mark.parametrize("probabilities", [("0.7", "0.2", "0.1"), ("0.5", "0.5"), ("1", "0"), ("3", "1", "1")])
def test_certainty_is_one_less_the_normalised_entropy(probabilities):
    shares = [float(p) / sum(map(float, probabilities)) for p in probabilities]
    entropy = -sum(p * math.log(p) for p in shares if p) / math.log(len(shares))
    expected = 0.01 + 0.99 * (1 - entropy)
    assert float(certainty([dec(p) for p in probabilities])) == pytest.approx(expected, abs=1e-12)


def test_certainty_needs_probabilities():
    assert certainty([dec("0.4")]) == 1
    for bad in ([], [Decimal(0)], [Decimal(-1), Decimal(2)], [Decimal("NaN")]):
        with pytest.raises(InvalidOutput, match="probabilities"):
            certainty(bad)


def test_the_guide_sets_side_and_size():
    tau = guide_strength(-1, 2, dec("0.75"))
    assert tau == dec("-0.5")
    known = facts(overlays=OverlayFacts(tau={AAA: tau}))
    assert sent(compile_proposal(LONG, all_in("guide"), known)) == [("AAA", "short", 50)]
    for sign, confidence in ((0, 2), (1, 0), (1, 4)):
        with pytest.raises(InvalidOutput, match="1 to 3"):
            guide_strength(sign, confidence, Decimal(1))


@pytest.mark.parametrize(("overlay", "words"), [("style", "needs a trading style"), ("guide", "view of AAA")])
def test_an_overlay_without_its_input_is_missing_data(overlay, words):
    with pytest.raises(NoData, match=words):
        compile_proposal(LONG, all_in(overlay), facts())


def test_cvar_is_the_mean_of_the_worst_days():
    days = [dec(x) for x in (5, -3, 2, -10, 1, 4, -6, 8, 0, 7)]
    assert conditional_value_at_risk(days, dec("0.2")) == -8
    assert conditional_value_at_risk(days, dec("0.05")) == -10


def test_the_directive_of_fincon():
    overlay = CvarOverlay()
    calm = [dec(1 + day % 3) for day in range(60)]
    assert risk_directive(calm[:59], overlay).cvar is None
    assert risk_directive(calm, overlay).cvar == 1
    assert not risk_directive([*calm, dec(2)], overlay).averse
    fell = risk_directive([*calm, dec(0)], overlay)  # worst 5 % of 61 days: 0, 1, 1
    assert (fell.averse, fell.cvar) == (True, dec(2) / 3)
    assert "fell from 1.00 to 0.67" in fell.reason
    lost = risk_directive([dec(5), dec(-1)], overlay)
    assert (lost.averse, lost.reason, lost.cvar) == (True, "the last day lost 1.00", None)
    assert not risk_directive([], overlay).averse


def test_one_percent_needs_a_hundred_days():
    assert CvarOverlay(tail=dec("0.01"), observations=100).observations == 100
    with pytest.raises(ValueError, match="needs at least 100 observations, not 60"):
        CvarOverlay(tail=dec("0.01"))


def test_the_directive_scales_new_exposure_only_where_the_desk_says_so():
    lost = OverlayFacts(daily_pnl=(dec(-1),))
    scaled = {"kind": "cvar", "scale": "0.5"}
    known = facts(held={AAA: 40}, cash=96_000, overlays=lost)
    assert sent(compile_proposal(LONG, all_in("cvar"), known)) == [("AAA", "buy", 60)]
    assert sent(compile_proposal(LONG, all_in(scaled), known)) == [("AAA", "buy", 30)]
    assert sent(compile_proposal(FLAT, all_in(scaled), known)) == [("AAA", "sell", 40)]
