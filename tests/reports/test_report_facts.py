"""The strip, the changes and the exposure of a report, and the overlays of its chart."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from openoutcry.domain.account import Account, Holding
from openoutcry.domain.decision import Decision, Outcome, RiskOutcome
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.market import Bar
from openoutcry.domain.orders import Action
from openoutcry.domain.outputs import Rating
from openoutcry.reports.changes import changes_since
from openoutcry.reports.chart_overlays import moving_average
from openoutcry.reports.exposure import portfolio_of
from openoutcry.reports.price_chart import chart, volume_limit
from openoutcry.reports.render import html, markdown
from openoutcry.reports.report_facts import ChartMarker, MarkerKind, ReportFacts
from openoutcry.reports.verdict import verdict_of


def rated(decision: Decision, rating: Rating, outcome: Outcome) -> Decision:
    assert decision.thesis is not None
    thesis = decision.thesis.model_copy(update={"rating": rating})
    return replace(decision, thesis=thesis, outcome=outcome, risk=RiskOutcome())


def test_a_hold_is_named_once(decision: Decision, bars: Sequence[Bar]) -> None:
    hold = rated(decision, Rating.HOLD, Outcome.HOLD)
    assert verdict_of(hold, None, None).headline == "hold"
    assert verdict_of(rated(decision, Rating.SELL, Outcome.HOLD), None, None).headline == "sell, no orders"
    assert markdown(hold, bars).startswith("# CALDR: HOLD at a conviction of +0.46\n")
    assert "hold, hold" not in html(hold, bars).lower()


def test_a_hold_gives_the_reason_of_the_limits_where_they_denied_every_order(decision: Decision) -> None:
    denied = replace(decision, outcome=Outcome.HOLD, risk=replace(decision.risk, allowed=()))
    assert verdict_of(denied, None, None).reason == "70.00 is more than 20 % away"


def test_a_short_loses_above_its_entry(decision: Decision) -> None:
    # 10 shares short from 100, stop 105 and target 90: 50 are at risk for 100, that is 5 % of 1,000
    long = decision.risk.allowed[0]
    assert long.stop_loss is not None
    assert long.take_profit is not None
    short = replace(
        long,
        action=Action.SHORT,
        quantity=Decimal(10),
        limit_price=Decimal(100),
        stop_loss=replace(long.stop_loss, stop_price=Decimal(105)),
        take_profit=replace(long.take_profit, limit_price=Decimal(90)),
    )
    (strip,) = verdict_of(
        replace(decision, risk=RiskOutcome((short,), allowed=(short,))), Decimal(101), Decimal(1000)
    ).orders
    assert (strip.size, strip.loss, strip.loss_share, strip.reward_risk) == (-10, 50, Decimal("0.05"), 2)


def test_several_entries_are_averaged_and_an_unprotected_one_has_no_known_loss(decision: Decision) -> None:
    # 174 from 103.20 and 9 from 108.75: 18,935.55 for 183 shares
    (strip,) = verdict_of(decision, Decimal("104.50"), Decimal(100_000)).orders
    assert (strip.size, strip.value) == (183, Decimal("18935.55"))
    assert (strip.stop, strip.loss, strip.reward_risk) == (None, None, None)


def test_changes_name_what_differs(decision: Decision, bars: Sequence[Bar]) -> None:
    assert decision.thesis is not None
    before = replace(
        decision,
        run_id=RunId("before"),
        as_of=decision.as_of - timedelta(days=7),
        thesis=decision.thesis.model_copy(update={"conviction": 0.2}),
        evidence=tuple(replace(f, text="surprise: +0.4") if f.id == "fund.sue" else f for f in decision.evidence),
    )
    found = changes_since(before, decision)
    assert [line.name for line in found.lines if line.changed] == ["Conviction"]
    assert [(each.before.text if each.before else "") for each in found.evidence] == ["surprise: +0.4"]
    assert "surprise: +0.4" in html(decision, bars, None, ReportFacts(previous=before))
    assert "This is the first decision of this desk on CALDR" in html(decision, bars)
    assert "This is the first decision of this desk on CALDR" in markdown(decision, bars)


def test_exposure_counts_shorts_against_longs() -> None:
    # equity 500 + 1,000 - 500 = 1,000: gross 150 %, net 50 %
    held = {
        Symbol("A"): Holding(Symbol("A"), Decimal(10), Decimal(90), Decimal(100)),
        Symbol("B"): Holding(Symbol("B"), Decimal(-5), Decimal(110), Decimal(100)),
    }
    book = portfolio_of(Account("main", Decimal(500), holdings=held), hypothetical=False)
    assert (book.gross, book.net) == (Decimal("1.5"), Decimal("0.5"))
    assert [each.unrealized for each in book.positions] == [100, 50]
    assert [each.weight for each in book.positions] == [1, Decimal("-0.5")]


def test_an_average_needs_all_its_closes() -> None:
    assert moving_average([1, 2, 3, 6], 3) == (None, None, 2, 11 / 3)


def test_an_event_after_the_last_bar_is_drawn_at_the_last_bar(bars: Sequence[Bar]) -> None:
    last = bars[-1].session
    after, at = ([ChartMarker(MarkerKind.NEWS, last + timedelta(days=days), "news")] for days in (3, 0))
    early = [ChartMarker(MarkerKind.NEWS, bars[0].session - timedelta(days=1), "old")]
    circle = re.compile(r'<circle cx="([\d.]+)"')
    assert circle.findall(chart(bars, (), None, after)) == circle.findall(chart(bars, (), None, at))
    assert len(circle.findall(chart(bars, (), None, after))) == 1
    assert circle.findall(chart(bars, (), None, early)) == []


def test_one_huge_volume_does_not_set_the_scale() -> None:
    assert volume_limit([*range(1, 100), 1e9]) == 98
    assert volume_limit([0, 0]) == 0
