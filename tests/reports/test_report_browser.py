"""The HTML report as Chromium lays it out, on wide and on narrow screens."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.decision import Decision, Outcome, PositionSnapshot, RiskOutcome
from openoutcry.domain.market import Bar
from openoutcry.domain.orders import Action, OrderClass
from openoutcry.reports.render import html
from openoutcry.reports.report_facts import ChartMarker, MarkerKind, ReportFacts

from .browser import Box, Measured, chromium, measure

WIDTHS = (1280, 400)
NARROWEST_EM = 8
REASON = (
    "a position may be at most 20 % of the equity of 100,000.00, which leaves room for 9.3 shares beside the 183 that "
    "are held or on order"
)
Laid = Callable[[Sequence[str]], tuple[Measured, ...]]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Laid:
    program = chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    return lambda pages: measure(program, pages, WIDTHS, tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def single(decision: Decision) -> Decision:
    """Return the decision with one bracket, and a position with two resting exits beside its entry."""
    bracket = decision.risk.allowed[0]
    target, stop = (
        replace(
            bracket,
            action=Action.SELL,
            quantity=Decimal(60),
            limit_price=limit,
            stop_price=level,
            order_class=OrderClass.SIMPLE,
            take_profit=None,
            stop_loss=None,
        )
        for limit, level in ((Decimal("114.40"), None), (None, Decimal("97.60")))
    )
    position = PositionSnapshot(Decimal(60), Decimal("103.10"), Decimal("104.50"), Decimal(84), (target, stop))
    return replace(decision, risk=RiskOutcome(asked=(bracket,), allowed=(bracket,)), position=position, account="main")


@pytest.fixture(scope="module")
def page(single: Decision, bars: Sequence[Bar]) -> str:
    holding = Holding(single.ticker, Decimal(60), Decimal("103.10"), Decimal("104.50"))
    account = Account("main", Decimal(93_730), holdings={single.ticker: holding})
    markers = [ChartMarker(MarkerKind.NEWS, bar.session, "news") for bar in bars[-40:]]
    markers.append(ChartMarker(MarkerKind.BUY, bars[-3].session, "bought 60", Decimal("103.10")))
    return html(single, bars, None, ReportFacts(tuple(markers), account))


@pytest.fixture(scope="module")
def limited(single: Decision, decision: Decision, bars: Sequence[Bar]) -> str:
    """Return the page of two orders with long reasons of limits, resting exits and an earlier decision."""
    clamps = tuple(replace(clamp, reason=REASON) for clamp in decision.risk.clamps)
    denied = tuple(replace(each, reason=REASON) for each in decision.risk.denied)
    risk = replace(decision.risk, clamps=clamps, denied=denied)
    return html(replace(single, risk=risk), bars, None, ReportFacts(previous=decision))


@pytest.fixture(scope="module")
def every(
    laid: Laid, page: str, limited: str, decision: Decision, abstained: Decision, bars: Sequence[Bar]
) -> tuple[tuple[Measured, ...], ...]:
    """Return an order, a hold, an abstention and orders with long reasons, each at all widths."""
    hold = replace(decision, outcome=Outcome.HOLD, risk=RiskOutcome())
    found = laid((page, html(hold, bars), html(abstained, bars), limited))
    return tuple(found[place : place + len(WIDTHS)] for place in range(0, len(found), len(WIDTHS)))


@pytest.fixture(scope="module")
def measured(every: tuple[tuple[Measured, ...], ...]) -> tuple[Measured, ...]:
    return every[0]


def inside(inner: Box, outer: Box) -> bool:
    return (
        inner[0] >= outer[0] - 1 and inner[1] >= outer[1] - 1 and inner[2] <= outer[2] + 1 and inner[3] <= outer[3] + 1
    )


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_nothing_is_wider_than_the_screen(measured: Sequence[Measured]) -> None:
    assert [each.overflow for each in measured] == [0, 0]
    assert [each.clipped for each in measured] == [0, 0]


def test_tables_are_readable_without_scrolling(every: tuple[tuple[Measured, ...], ...]) -> None:
    for each in (one for page in every for one in page):
        assert each.hidden == []
        assert each.narrowest >= NARROWEST_EM
        assert (each.overflow, each.clipped) == (0, 0)
    assert all(each.narrowest < 99 for each in every[3])


def test_level_tags_lie_in_the_chart_and_apart_from_each_other(measured: Sequence[Measured]) -> None:
    for width, each in zip(WIDTHS, measured, strict=True):
        assert len(each.tags) == 7
        assert 0 <= each.chart[0] < each.chart[2] <= width
        assert all(inside(tag.box, each.chart) for tag in each.tags)
        assert all(inside(text, tag.box) for tag in each.tags for text in tag.texts)
        assert not any(overlap(tag.texts[0], tag.texts[1]) for tag in each.tags)
        assert not any(overlap(one.box, other.box) for one, other in combinations(each.tags, 2))
        assert all(inside(text, each.chart) for text in each.texts)


def test_the_strip_has_the_figures_of_the_decision(single: Decision, measured: Sequence[Measured]) -> None:
    # 174 shares from 103.20: worth 17,956.80, and 174 * 5.70 lost at 97.50; equity is 93,730 + 60 * 104.50 = 100,000
    order, thesis = single.risk.allowed[0], single.thesis
    assert thesis is not None
    assert order.take_profit is not None
    assert order.stop_loss is not None
    for each in measured:
        assert each.figures["rating"] == thesis.rating
        assert float(each.figures["conviction"]) == thesis.conviction
        assert Decimal(each.figures["entry"]) == order.limit_price
        assert Decimal(each.figures["stop"]) == order.stop_loss.stop_price
        assert Decimal(each.figures["target"]) == order.take_profit.limit_price
        assert Decimal(each.figures["size"]) == order.quantity
        assert each.figures["value"] == "17,956.80"
        assert each.figures["loss"] == "991.80"
        assert each.figures["reward-risk"] == "1.98"
        assert each.figures["account"] == "main"
        assert each.figures["currency"] == single.currency


def test_shares_of_equity_are_of_the_account_s_equity(page: str) -> None:
    assert "18.0 % of equity" in page
    assert "1.0 % of equity" in page
    assert "6.3 % of equity" in page


def test_evidence_that_is_not_cited_is_folded(measured: Sequence[Measured]) -> None:
    assert all(each.folded for each in measured)


def test_a_hold_and_an_abstention_fit_the_screen(every: tuple[tuple[Measured, ...], ...]) -> None:
    for each in (*every[1], *every[2]):
        assert (each.overflow, each.clipped) == (0, 0)
        assert "entry" not in each.figures
