"""The rules: each direction where it should be, nothing invented where facts are absent."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.agents.context import AgentContext, Contribution
from openoutcry.agents.order_policy import OrderPolicy
from openoutcry.agents.researcher import Side
from openoutcry.agents.risk_committee import RiskAppetite
from openoutcry.agents.rules.analyst import analyst_rule
from openoutcry.agents.rules.debate import argue
from openoutcry.agents.rules.fundamentals import fundamentals
from openoutcry.agents.rules.macro import macro
from openoutcry.agents.rules.news import news
from openoutcry.agents.rules.research_manager import judge, rate
from openoutcry.agents.rules.risk_committee import assess, review
from openoutcry.agents.rules.signals import score_of
from openoutcry.agents.rules.technical import technical
from openoutcry.agents.rules.trader import plan_orders
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import Action, OrderType
from openoutcry.domain.outputs import (
    Rating,
    Report,
    RiskOpinion,
    Stance,
    Thesis,
    Verdict,
)
from openoutcry.risk.limit_settings import Limits

RISING = {"tech__vol60": 0.25, "tech__mom12_1": 0.4, "tech__sma50_gap": 0.06, "tech__sma200_gap": 0.15}


def test_momentum_is_bullish_in_a_trend_and_its_mirror_is_bearish(case_of):
    up = technical(case_of(**RISING, tech__vr5=1.3, tech__vr5_z=3.0))
    down = technical(case_of(**{k: v if k == "tech__vol60" else -v for k, v in RISING.items()}, tech__vr5_z=3.0))
    assert up.stance is Stance.BULLISH
    assert down.stance is Stance.BEARISH
    assert score_of(up) == pytest.approx(-score_of(down))


def test_the_same_stretch_is_sold_in_a_swinging_tape_and_hardly_counts_in_a_trending_one(case_of):
    stretched = {**RISING, "tech__z20": 3.0, "tech__rsi14": 85}
    swinging = technical(case_of(**stretched, tech__vr5_z=-3.5))
    trending = technical(case_of(**stretched, tech__vr5_z=3.5))
    assert swinging.stance is Stance.BEARISH
    assert trending.stance is Stance.BULLISH


def test_a_surprise_drifts_while_it_is_fresh_and_is_forgotten_after_a_quarter(case_of):
    fresh = fundamentals(case_of(fund__sue=2.5, fund__days_since_filing=2))
    stale = fundamentals(case_of(fund__sue=2.5, fund__days_since_filing=61))
    assert fresh.stance is Stance.BULLISH
    assert stale.stance is Stance.NEUTRAL
    assert fundamentals(case_of(fund__sue=-2.5, fund__days_since_filing=2)).stance is Stance.BEARISH


def test_few_headlines_say_less_than_many(case_of):
    few = news(case_of(sent__score30=0.4, sent__count30=1))
    many = news(case_of(sent__score30=0.4, sent__count30=30))
    assert score_of(few) < score_of(many)


def test_the_tone_of_the_month_outweighs_the_latest_change(case_of):
    report = news(case_of(sent__score30=0.5, sent__count30=12, sent__shock=-0.8))
    assert report.stance is Stance.BULLISH


def test_a_variance_ratio_sways_the_regime_and_does_not_decide_it(case_of):
    facts = {**RISING, "tech__z20": 1.5, "tech__rsi14": 65}
    scores = [score_of(technical(case_of(**facts, tech__vr5_z=z))) for z in (-2.0, 0.0, 2.0)]
    assert scores == sorted(scores)
    assert scores[0] > 0  # an ordinary z is mostly sampling error: the trend of a year still wins


def test_fear_is_bearish_but_macro_never_shouts(case_of):
    report = macro(case_of(macro__vix=80, macro__vix_chg21=50, macro__t10y2y=-2, macro__unrate_chg12=5))
    assert report.stance is Stance.BEARISH
    assert report.confidence <= 0.5 + 0.4 / 2


@pytest.mark.parametrize("rule", [technical, news, fundamentals, macro])
def test_a_rule_without_its_facts_abstains_instead_of_saying_hold(rule, brief):
    said = rule(AgentContext(brief))
    assert isinstance(said, Abstention)
    assert said.cause is AbstentionCause.DATA


IDS = ["tech.vol60", "tech.mom12_1", "tech.sma50_gap", "tech.sma200_gap", "tech.z20", "tech.rsi14", "tech.vr5_z"]
IDS += ["fund.sue", "fund.days_since_filing", "fund.revenue_yoy", "fund.earnings_yield", "fund.roe", "macro.vix"]
IDS += ["fund.debt_to_equity", "sent.score7", "sent.count30", "sent.shock", "macro.t10y2y"]


@given(values=st.dictionaries(st.sampled_from(IDS), st.floats(-1e6, 1e6), max_size=len(IDS)))
@settings(max_examples=60, deadline=None)
def test_whatever_the_facts_rules_stay_in_range_and_cite_only_what_is_there(values):
    from datetime import UTC, date, datetime

    from openoutcry.domain.brief import Brief
    from openoutcry.domain.evidence import Evidence, EvidenceKind
    from openoutcry.domain.market import Quote

    now = datetime(2025, 3, 3, 21, tzinfo=UTC)
    quote = Quote(Symbol("ABC"), now.date(), Decimal(100), Decimal("0.02"), Decimal(2), Decimal(10**6))
    brief = Brief(Symbol("ABC"), now, now.date(), date(2025, 3, 4), quote, Account("t", Decimal(1000)), True)
    facts = tuple(
        Evidence(name, EvidenceKind.RATIO, "t", now, name, Decimal(repr(round(value, 6))))
        for name, value in values.items()
    )
    case = AgentContext(brief, facts)
    for rule in (technical, news, fundamentals, macro):
        said = rule(case)
        if isinstance(said, Report):
            assert 0.5 <= said.confidence <= 1
            assert set(said.evidence) <= set(values)
    for side in Side:
        said = argue(case, side)
        if not isinstance(said, Abstention):
            assert set(said.evidence) <= set(values)


def filed(role, stance, confidence):
    return Contribution(role, Report(summary="s", stance=stance, confidence=confidence, evidence=("px.close",)))


def test_absent_analysts_lower_the_conviction(brief, fact):
    reports = (filed("technical", Stance.BULLISH, 0.8), filed("fundamentals", Stance.BULLISH, 0.8))
    whole = judge(AgentContext(brief, (fact("px.close", 100),), contributions=reports))
    silent = (Abstention("news", AbstentionCause.DATA, "none"), Abstention("macro", AbstentionCause.DATA, "none"))
    partial = judge(AgentContext(brief, (fact("px.close", 100),), contributions=reports, abstentions=silent))
    assert 0 < partial.conviction < whole.conviction
    assert "news" in partial.summary


def test_two_analysts_who_agree_convince_more_than_one(brief, fact):
    one = filed("technical", Stance.BULLISH, 0.8)
    silent = Abstention("fundamentals", AbstentionCause.DATA, "none")
    alone = judge(AgentContext(brief, (fact("px.close", 100),), contributions=(one,), abstentions=(silent,)))
    both = judge(
        AgentContext(brief, (fact("px.close", 100),), contributions=(one, filed("fundamentals", Stance.BULLISH, 0.8)))
    )
    against = judge(
        AgentContext(brief, (fact("px.close", 100),), contributions=(one, filed("fundamentals", Stance.BEARISH, 0.8)))
    )
    assert both.conviction > score_of(one.output) > alone.conviction > against.conviction > 0


def test_however_many_agree_the_conviction_ends_at_one(brief, fact):
    reports = tuple(filed(role, Stance.BEARISH, 1.0) for role in ("technical", "fundamentals", "news", "macro"))
    assert judge(AgentContext(brief, (fact("px.close", 100),), contributions=reports)).conviction == -1


def test_no_report_means_no_thesis(brief):
    assert isinstance(judge(AgentContext(brief)), Abstention)


@given(conviction=st.floats(-1, 1))
def test_rating_always_agrees_with_conviction(conviction):
    rating = rate(conviction)
    assert rating.sign * conviction >= 0
    assert (rating is Rating.HOLD) == (abs(conviction) < 0.10)


def thesis(conviction):
    return Thesis(
        rating=rate(conviction),
        conviction=conviction,
        horizon_sessions=21,
        summary="s",
        bull_case="b",
        bear_case="b",
        invalidation="i",
        evidence=("px.close",),
    )


def arithmetic(shares):
    return OrderPolicy(
        size=lambda conviction, _: Decimal(shares) * (1 if conviction > 0 else -1),
        check=lambda *_: (),
        limits=Limits(),
        refusals=lambda *_: (),
    )


def holding(brief, shares, margin=True):
    held = {brief.symbol: Holding(brief.symbol, Decimal(shares), Decimal(90), Decimal(100))} if shares else {}
    return replace(brief, account=Account("t", Decimal(100_000), margin, held))


def test_a_strong_view_pays_the_market_and_a_weak_one_waits_with_levels_on_the_right_sides(brief):
    strong = plan_orders(AgentContext(brief), thesis(0.6), arithmetic(50)).orders[0]
    weak = plan_orders(AgentContext(brief), thesis(0.2), arithmetic(50)).orders[0]
    assert strong.type is OrderType.MARKET
    assert weak.type is OrderType.LIMIT
    assert weak.stop_loss_stop < weak.limit_price < Decimal(100) < weak.take_profit_limit


def test_a_longer_horizon_leaves_more_room_to_stop_and_target(brief):
    def width(sessions):
        order = plan_orders(
            AgentContext(brief), thesis(0.6).model_copy(update={"horizon_sessions": sessions}), arithmetic(50)
        )
        return order.orders[0].take_profit_limit - order.orders[0].stop_loss_stop

    assert width(1) == Decimal("6.25")  # two and a half ranges of one session
    assert width(16) == 4 * width(1)


def test_what_invalidates_a_thesis_is_where_its_stop_lies(brief, fact):
    case = AgentContext(brief, (fact("px.close", 100),), contributions=(filed("technical", Stance.BULLISH, 0.9),))
    judged = judge(case)
    assert f"{plan_orders(case, judged, arithmetic(50)).orders[0].stop_loss_stop}" in judged.invalidation


def test_a_short_entry_is_the_mirror_of_a_long_one(brief):
    order = plan_orders(AgentContext(brief), thesis(-0.2), arithmetic(50)).orders[0]
    assert order.action is Action.SHORT
    assert order.take_profit_limit < Decimal(100) < order.limit_price < order.stop_loss_stop


@pytest.mark.parametrize(
    ("held", "conviction", "action", "quantity"),
    [
        (30, 0.6, Action.BUY, 20),
        (80, 0.6, Action.SELL, 30),
        (30, -0.6, Action.SELL, 30),
        (-30, 0.6, Action.COVER, 30),
        (-80, -0.6, Action.COVER, 30),
        (-30, -0.6, Action.SHORT, 20),
    ],
)
def test_the_order_takes_the_position_towards_its_size(brief, held, conviction, action, quantity):
    order = plan_orders(AgentContext(holding(brief, held)), thesis(conviction), arithmetic(50)).orders[0]
    assert (order.action, order.quantity) == (action, quantity)


def test_a_thesis_of_the_other_side_turns_the_position_in_one_plan(brief):
    plan = plan_orders(AgentContext(holding(brief, 30)), thesis(-0.6), arithmetic(50))
    assert [(order.action, order.quantity) for order in plan.orders] == [(Action.SELL, 30), (Action.SHORT, 50)]
    cash = plan_orders(AgentContext(holding(brief, 30, margin=False)), thesis(-0.6), arithmetic(50))
    assert [order.action for order in cash.orders] == [Action.SELL]


@pytest.mark.parametrize(
    ("held", "conviction", "margin"), [(50, 0.6, True), (0, 0.05, True), (30, -0.05, True), (0, -0.6, False)]
)
def test_inaction_is_deliberate_and_explained(brief, held, conviction, margin):
    plan = plan_orders(AgentContext(holding(brief, held, margin)), thesis(conviction), arithmetic(50))
    assert plan.orders == ()
    assert plan.rationale


def test_without_a_known_range_there_is_no_entry(brief, quote):
    unknown = replace(brief, quote=replace(quote, atr=None))
    assert plan_orders(AgentContext(unknown), thesis(0.6), arithmetic(50)).orders == ()


def test_voices_differ_in_what_they_tolerate(case_of, brief):
    plan = plan_orders(AgentContext(brief), thesis(0.6), arithmetic(50))
    case = case_of(tech__vol60=0.60, macro__vix=20)
    allowed = [assess(case, plan, appetite).allowed for appetite in RiskAppetite]
    assert allowed == sorted(allowed, reverse=True)
    assert allowed[0] == 1 > allowed[2]


def test_an_unknown_volatility_is_vetoed_and_an_exit_never_is(brief):
    entry = plan_orders(AgentContext(brief), thesis(0.6), arithmetic(50))
    leave = plan_orders(AgentContext(holding(brief, 80)), thesis(0.6), arithmetic(50))
    assert assess(AgentContext(brief), entry, RiskAppetite.AGGRESSIVE).verdict is Verdict.VETO
    assert assess(AgentContext(brief), leave, RiskAppetite.CONSERVATIVE).verdict is Verdict.APPROVE


def test_the_chair_takes_the_median(brief):
    plan = plan_orders(AgentContext(brief), thesis(0.6), arithmetic(50))

    def voice(name, scale):
        opinion = RiskOpinion(verdict=Verdict.SHRINK, scale=scale, reason="r", evidence=())
        return Contribution(name, opinion)

    case = AgentContext(brief, contributions=(voice("a", 1.0), voice("b", 0.5), voice("c", 0.2)))
    assert review(case, plan).allowed == Decimal("0.5")


def test_too_few_analysts_are_no_view_and_never_a_hold(brief, fact):
    silent = tuple(Abstention(role, AbstentionCause.DATA, "none") for role in ("technical", "fundamentals", "news"))
    said = judge(
        AgentContext(
            brief, (fact("px.close", 100),), contributions=(filed("macro", Stance.NEUTRAL, 0.5),), abstentions=silent
        )
    )
    assert isinstance(said, Abstention)
    assert "technical, fundamentals, news" in said.reason


@pytest.mark.parametrize(("held", "orders"), [(46, 0), (54, 0), (40, 1), (60, 1)])
def test_a_position_that_is_close_enough_is_left_alone(brief, held, orders):
    assert len(plan_orders(AgentContext(holding(brief, held)), thesis(0.6), arithmetic(50)).orders) == orders


def test_levels_of_coins_are_finer_than_a_cent(brief, quote):
    coin = replace(
        quote, last_close=Decimal("0.05123"), atr=Decimal("0.0012"), whole_shares=False, tick=Decimal("1e-8")
    )
    order = plan_orders(AgentContext(replace(brief, quote=coin)), thesis(0.2), arithmetic(5000)).orders[0]
    assert order.stop_loss_stop < order.limit_price < order.take_profit_limit


def test_purchases_of_several_insiders_count_more_than_sales(case_of):
    def said(net, buyers, sellers):
        facts = {"insider__net_90d": net, "insider__buyers_90d": buyers, "insider__sellers_90d": sellers}
        return analyst_rule("insider")(case_of(**facts))

    bought, sold = said(1, 3, 0), said(-1, 0, 3)
    assert (bought.stance, sold.stance) == (Stance.BULLISH, Stance.BEARISH)
    assert score_of(bought) == pytest.approx(-4 * score_of(sold))
    assert score_of(said(1, 1, 0)) < score_of(bought)
    assert bought.evidence == ("insider.net_90d", "insider.buyers_90d", "insider.sellers_90d")
