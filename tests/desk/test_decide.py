"""One decision from question to record."""

from decimal import Decimal

import pytest
from desk_factory import (
    close_of,
    rules,
    scripted,
    taken,
)
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import Outcome
from openoutcry.domain.outputs import (
    OrderPlan,
    Rating,
    RiskReview,
    Thesis,
    Verdict,
)
from openoutcry.risk.limit_settings import Limits
from scripted_answers import ORDER, THESIS, TICKER


def plan(*orders):
    return OrderPlan(orders=orders, rationale="A plan.")


def test_an_agreed_plan_becomes_orders(demo):
    decision = taken(scripted(demo))
    assert decision.outcome is Outcome.ORDERS
    assert [(o.action, o.quantity) for o in decision.risk.allowed] == [("buy", 10)]
    assert decision.abstention is None


def test_the_chair_can_shrink_and_veto_but_a_veto_is_a_hold_not_an_abstention(demo):
    def review(verdict, scale):
        return RiskReview(verdict=verdict, scale=scale, reason="Too much.", evidence=())

    shrunk = taken(scripted(demo, risk_manager=review(Verdict.SHRINK, 0.5)))
    vetoed = taken(scripted(demo, risk_manager=review(Verdict.VETO, 1.0)))
    assert [o.quantity for o in shrunk.risk.allowed] == [5]
    assert [c.limit for c in shrunk.risk.clamps] == ["risk_committee"]
    assert vetoed.outcome is Outcome.HOLD
    assert [d.order.quantity for d in vetoed.risk.denied] == [10]


@pytest.mark.parametrize("role", ["research_manager", "trader", "risk_manager"])
def test_without_thesis_plan_or_review_the_desk_abstains_and_says_who(demo, role):
    decision = taken(scripted(demo, **{role: Abstention(role, AbstentionCause.ANSWER, "nonsense twice")}))
    assert decision.outcome is Outcome.ABSTAIN
    assert (decision.abstention.role, decision.abstention.reason) == (role, "nonsense twice")
    assert decision.risk.allowed == ()


def test_when_no_analyst_has_a_view_all_reasons_are_given_and_a_missing_model_outranks(demo):
    gone = {r: Abstention(r, AbstentionCause.MODEL, "endpoint down") for r in ("technical", "fundamentals", "macro")}
    decision = taken(scripted(demo, **gone, news=Abstention("news", AbstentionCause.DATA, "no news")))
    assert decision.abstention.cause is AbstentionCause.MODEL
    assert decision.abstention.reason == "endpoint down; no news"


def test_a_plan_that_no_voice_spoke_on_does_not_pass_on_the_chairs_word(demo):
    silent = {v: Abstention(v, AbstentionCause.ANSWER, "prose") for v in ("aggressive", "neutral", "conservative")}
    decision = taken(scripted(demo, **silent))
    assert decision.outcome is Outcome.ABSTAIN
    assert decision.abstention.role == "risk_manager"


def test_leaving_the_stop_out_earns_no_larger_position(demo):
    tight = Limits(max_loss=Decimal("0.001"))
    huge = ORDER.model_copy(update={"quantity": Decimal(1000)})
    decision = taken(scripted(demo, limits=tight, trader=plan(huge)))
    assert any(clamp.limit == "max_loss" for clamp in decision.risk.clamps)


@pytest.mark.parametrize(("rating", "conviction"), [(Rating.HOLD, 0.9), (Rating.BUY, 0.0), (Rating.SELL, 0.3)])
def test_a_rating_that_contradicts_its_conviction_is_no_answer(rating, conviction):
    with pytest.raises(ValueError, match="contradicts"):
        Thesis(**THESIS.model_dump() | {"rating": rating, "conviction": conviction})


def test_inaction_is_a_hold(demo):
    decision = taken(scripted(demo, trader=plan()))
    assert (decision.outcome, decision.risk.asked) == (Outcome.HOLD, ())


def test_a_million_shares_are_cut_to_the_limits_whoever_ordered_them(demo):
    huge = ORDER.model_copy(update={"quantity": Decimal(1_000_000)})
    decision = taken(scripted(demo, trader=plan(huge)))
    bought = sum(o.quantity for o in decision.risk.allowed)
    close = next(e.value for e in decision.evidence if e.id == "px.close")
    assert bought * close <= Limits().max_position * 100_000
    assert decision.risk.clamps[0].asked == 1_000_000


def test_orders_against_the_thesis_are_denied(demo):
    bearish = THESIS.model_copy(update={"rating": Rating.SELL, "conviction": -0.5})
    decision = taken(scripted(demo, research_manager=bearish))
    assert decision.outcome is Outcome.HOLD
    assert "conviction" in decision.risk.denied[0].reason


def test_order_ids_are_the_same_for_the_same_account_and_session_and_differ_otherwise(demo):
    first, again = taken(scripted(demo)), taken(scripted(demo))
    later = taken(scripted(demo), as_of=close_of(2025, 3, 4))
    assert first.risk.allowed[0].client_order_id == again.risk.allowed[0].client_order_id
    assert first.risk.allowed[0].client_order_id != later.risk.allowed[0].client_order_id


@pytest.mark.parametrize(
    ("ticker", "as_of", "said"),
    [
        ("ZZZZ", close_of(2025, 3, 3), "ZZZZ"),
        ("NIMBK", close_of(2020, 3, 3), "NIMBK"),
        ("BRAXH", close_of(2024, 3, 4), "2023-05-12"),
        (TICKER, close_of(2015, 3, 3), TICKER),
    ],
)
def test_without_prices_the_desk_abstains_and_nobody_is_asked(demo, ticker, as_of, said):
    floor = scripted(demo)
    decision = taken(floor, ticker, as_of)
    assert decision.outcome is Outcome.ABSTAIN
    assert decision.abstention.cause is AbstentionCause.DATA
    assert said in decision.abstention.reason
    assert decision.evidence == ()


def test_rules_decide_for_every_ticker_both_ways_and_explain_what_was_missing(demo):
    decisions = [
        taken(rules(demo), symbol, close_of(2025, month, day))
        for symbol in demo.symbols()
        for month, day in ((1, 6), (3, 3))
    ]
    actions = {o.action for d in decisions for o in d.risk.allowed}
    assert {"buy", "short"} <= actions
    assert {Outcome.ORDERS, Outcome.HOLD, Outcome.ABSTAIN} == {d.outcome for d in decisions}
    fund = next(d for d in decisions if d.ticker == "OPENX")
    assert "no statements: no statement of OPENX is known" in fund.provenance.degraded
    assert "fundamentals abstained (data)" in fund.provenance.degraded


def test_the_one_agent_desk_decides_on_the_same_evidence_by_rules(demo):
    floor, alone = taken(rules(demo)), taken(rules(demo, "single_agent"))
    assert alone.thesis.conviction == floor.thesis.conviction
    assert {e.id for e in alone.evidence} == {e.id for e in floor.evidence}
    assert alone.opinions == ()


def test_configuration_changes_show_in_the_hash_and_the_market_in_the_fingerprint(demo):
    plain, other = taken(rules(demo)), taken(rules(demo, limits=Limits(max_position=Decimal("0.1"))))
    later = taken(rules(demo), as_of=close_of(2025, 3, 4))
    assert plain.provenance.config_hash != other.provenance.config_hash
    assert plain.market.fingerprint == other.market.fingerprint != later.market.fingerprint
