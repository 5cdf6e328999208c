"""A decision with something in every part of it, and the bars to draw."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, cast

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import (
    DebateTurn,
    Decision,
    MarketInfo,
    ModelInfo,
    Outcome,
    Provenance,
    RecalledMemory,
    RiskAssessment,
    RiskOutcome,
    RoleReport,
    RoleUsage,
    Usage,
)
from openoutcry.domain.evidence import Evidence, EvidenceKind
from openoutcry.domain.ids import (
    ClientOrderId,
    EvidenceId,
    RunId,
    Symbol,
)
from openoutcry.domain.market import Bar
from openoutcry.domain.orders import (
    Action,
    Clamp,
    DeniedOrder,
    Order,
    OrderClass,
    OrderType,
    StopLoss,
    TakeProfit,
    TimeInForce,
)
from openoutcry.domain.outputs import (
    Argument,
    OrderPlan,
    Rating,
    Report,
    RiskOpinion,
    RiskReview,
    Stance,
    Thesis,
    Verdict,
)
from pydantic import BaseModel

CALDR = Symbol("CALDR")
AS_OF = datetime(2025, 3, 3, 21, tzinfo=UTC)


def _bars(count: int, seed: int = 274) -> tuple[Bar, ...]:
    chance, close = Random(seed), 92.0
    bars: list[Bar] = []
    day = date(2024, 9, 6)
    while len(bars) < count:
        day += timedelta(days=1)
        if day.weekday() >= 5:
            continue
        start, close = close * (1 + chance.gauss(0, 0.004)), close * (1 + chance.gauss(0.0009, 0.016))
        high, low = max(start, close) * (1 + abs(chance.gauss(0, 0.006))), min(start, close) * 0.993
        bars.append(
            Bar(
                symbol=CALDR,
                session=day,
                start=datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC),
                known_at=datetime(day.year, day.month, day.day, 21, tzinfo=UTC),
                **{
                    name: Decimal(f"{price:.2f}")
                    for name, price in {"open": start, "high": high, "low": low, "close": close}.items()
                },
                volume=Decimal(chance.randint(1_200_000, 5_400_000)),
            )
        )
    return tuple(bars)


def _ids(*names: str) -> tuple[EvidenceId, ...]:
    return tuple(EvidenceId(name) for name in names)


def _fact(name: str, kind: EvidenceKind, text: str, value: str | None = None, source: str = "demo") -> Evidence:
    return Evidence(EvidenceId(name), kind, source, AS_OF, text, None if value is None else Decimal(value))


EVIDENCE = (
    _fact("px.close", EvidenceKind.PRICE, "last close 104.50", "104.50"),
    _fact("px.ret63", EvidenceKind.PRICE, "total return over 63 sessions: +9.4 %", "0.094"),
    _fact("tech.rsi14", EvidenceKind.INDICATOR, "RSI over 14 sessions: 61.2", "61.2"),
    _fact("tech.mom12_1", EvidenceKind.INDICATOR, "return from 252 to 21 sessions ago: +17.8 %", "0.178"),
    _fact("tech.vol60", EvidenceKind.INDICATOR, "annualised volatility of 60 sessions: 25.3 %", "0.253"),
    _fact("fund.sue", EvidenceKind.RATIO, "standardised unexpected earnings: +1.9", "1.9"),
    _fact("fund.pe_ttm", EvidenceKind.RATIO, "price to trailing earnings: 27.4", "27.4"),
    _fact(
        "news.3f2a9c01",
        EvidenceKind.NEWS,
        "“Caldera Robotics lifts full-year guidance as warehouse orders outrun supply” (wire, 2025-02-27)",
    ),
    _fact(
        "news.77b0e4d2",
        EvidenceKind.NEWS,
        "“Rival cuts prices on entry-level arms by a tenth” (wire, 2025-02-28)",
    ),
    _fact("sent.score7", EvidenceKind.SENTIMENT, "mean tone of 7 days of headlines: +0.31", "0.31"),
    _fact("macro.vix", EvidenceKind.MACRO, "implied volatility of the market: 18.6", "18.6"),
    _fact("cal.month_end", EvidenceKind.CALENDAR, "20 sessions left in the month", "20"),
)

THESIS = Thesis(
    rating=Rating.OVERWEIGHT,
    conviction=0.46,
    horizon_sessions=21,
    summary="Momentum and an earnings surprise point the same way, and the market has not paid for them in full yet. "
    "The case is good, not certain: valuation leaves little room for a slip.",
    bull_case="Guidance was lifted, the surprise was large, and twelve-month momentum is intact.",
    bear_case="A rival cuts prices, and at 27 times earnings a margin scare would hurt.",
    invalidation="A close below 97.50, or a statement that takes the lifted guidance back.",
    evidence=_ids("fund.sue", "tech.mom12_1", "news.3f2a9c01"),
)


def _order(place: int, action: Action, quantity: int, kind: OrderType, **levels: str) -> Order:
    given = {name: Decimal(level) for name, level in levels.items()}
    target, stop = given.get("target"), given.get("stop_loss")
    return Order(
        client_order_id=ClientOrderId(f"20250303-CALDR-9d41c07e-{place}"),
        symbol=CALDR,
        action=action,
        quantity=Decimal(quantity),
        type=kind,
        limit_price=given.get("limit"),
        stop_price=given.get("stop"),
        trail=given.get("trail"),
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.BRACKET if target and stop else OrderClass.SIMPLE,
        take_profit=TakeProfit(target) if target else None,
        stop_loss=StopLoss(stop) if stop else None,
        rationale="Enter on a small dip; leave where the thesis would be wrong.",
        evidence=_ids("px.close", "tech.vol60"),
    )


BRACKET = _order(0, Action.BUY, 400, OrderType.LIMIT, limit="103.20", target="114.50", stop_loss="97.50")
BREAKOUT = _order(1, Action.BUY, 150, OrderType.STOP, stop="108.75")
FAR = _order(2, Action.BUY, 50, OrderType.LIMIT, limit="70.00")

RISK = RiskOutcome(
    asked=(BRACKET, BREAKOUT, FAR),
    clamps=(
        Clamp("risk_committee", BRACKET.client_order_id, Decimal(400), Decimal(300), "the committee lets 75 % through"),
        Clamp("sizing", BRACKET.client_order_id, Decimal(300), Decimal(174), "a conviction of +0.46 earns +18.2 %"),
        Clamp("risk_committee", BREAKOUT.client_order_id, Decimal(150), Decimal("112.5"), "75 % of the quantity"),
        Clamp("max_position", BREAKOUT.client_order_id, Decimal("112.5"), Decimal("9.3"), "a position may be 20 %"),
        Clamp("whole_shares", BREAKOUT.client_order_id, Decimal("9.3"), Decimal(9), "only whole shares are traded"),
        Clamp("price_collar", FAR.client_order_id, Decimal(50), Decimal(0), "70.00 is more than 20 % away"),
    ),
    denied=(DeniedOrder(FAR, "70.00 is more than 20 % away"),),
    allowed=(replace(BRACKET, quantity=Decimal(174)), replace(BREAKOUT, quantity=Decimal(9))),
)


def _report(role: str, stance: Stance, confidence: float, summary: str, *ids: str) -> RoleReport:
    return RoleReport(role, Report(summary=summary, stance=stance, confidence=confidence, evidence=_ids(*ids)))


def _turn(speaker: str, number: int, claim: str, *ids: str) -> DebateTurn:
    return DebateTurn(speaker, number, Argument(claim=claim, evidence=_ids(*ids)))


def _voice(speaker: str, verdict: Verdict, scale: float, reason: str) -> RiskAssessment:
    return RiskAssessment(
        speaker, RiskOpinion(verdict=verdict, scale=scale, reason=reason, evidence=_ids("tech.vol60"))
    )


DECISION = Decision(
    run_id=RunId("20250303T210000-CALDR-5b7e"),
    ticker=CALDR,
    as_of=AS_OF,
    desk="debate",
    model=ModelInfo("openai", "quick-model", "deep-model"),
    market=MarketInfo("demo", "c0ffee5e1f00d1234567890abcdef001", synthetic=True),
    outcome=Outcome.ORDERS,
    abstention=None,
    thesis=THESIS,
    risk=RISK,
    reports=(
        _report("technical", Stance.BULLISH, 0.64, "Trend up, not yet stretched.", "tech.rsi14", "tech.mom12_1"),
        _report("news", Stance.NEUTRAL, 0.52, "Lifted guidance against a price cut.", "news.3f2a9c01", "news.77b0e4d2"),
        _report("fundamentals", Stance.BULLISH, 0.61, "Earnings beat the seasonal walk.", "fund.sue", "fund.pe_ttm"),
        _report("macro", Stance.BEARISH, 0.5, "Implied volatility is a little high.", "macro.vix"),
    ),
    debate=(
        _turn("bull", 0, "The surprise is large and drift follows surprises.", "fund.sue", "tech.mom12_1"),
        _turn("bear", 0, "At 27 times earnings the surprise is paid for.", "fund.pe_ttm"),
        _turn("bull", 1, "Momentum says it is not paid for in full.", "tech.mom12_1", "px.ret63"),
        _turn("bear", 1, "A rival's price cut comes after the guidance.", "news.77b0e4d2"),
    ),
    opinions=(
        _voice("aggressive", Verdict.APPROVE, 1, "The loss to the stop is small."),
        _voice("neutral", Verdict.SHRINK, 0.75, "Size for the volatility there is."),
        _voice("conservative", Verdict.SHRINK, 0.5, "The valuation leaves no room."),
    ),
    evidence=EVIDENCE,
    recalled=(
        RecalledMemory(
            "m-18",
            "long",
            Decimal("0.71"),
            {"recency": Decimal("0.2"), "relevance": Decimal("0.51")},
            "Dips held.",
            "trade_reflection",
            datetime(2024, 11, 4, 21, tzinfo=UTC),
            ("research_manager", "trader"),
        ),
    ),
    usage=Usage(
        by_role={"technical": RoleUsage(1, 1820, 1024, 210, 2.4), "trader": RoleUsage(2, 5210, 2048, 640, 7.9)},
        cost_usd=Decimal("0.0213"),
        wall_s=18.4,
    ),
    provenance=Provenance(
        version="0.1.0",
        config_hash="a1b2c3d4e5f60718",
        prompt_hashes={"technical": "1f2e3d4c5b6a7988", "trader": "99887766554433aa"},
        seed=7,
        degraded=("macro: no series DGS10 is held", "fundamentals: only three quarters are known"),
    ),
    plan=OrderPlan(orders=(), rationale="A dip to buy, a breakout to follow, and one far bid."),
    review=RiskReview(
        verdict=Verdict.SHRINK,
        scale=0.75,
        reason="Three quarters is what the volatility bears.",
        evidence=_ids("macro.vix"),
    ),
)


@pytest.fixture(scope="session")
def decision() -> Decision:
    return DECISION


@pytest.fixture(scope="session")
def bars() -> tuple[Bar, ...]:
    return _bars(126)


@pytest.fixture(scope="session")
def abstained() -> Decision:
    return replace(
        DECISION,
        outcome=Outcome.ABSTAIN,
        abstention=Abstention("research_manager", AbstentionCause.MODEL, "the endpoint did not answer within 60 s"),
        thesis=None,
        risk=RiskOutcome(),
        plan=None,
        review=None,
        opinions=(),
        debate=(),
        reports=(),
        model=ModelInfo("rules", "rules", "rules"),
        usage=Usage({}, None, 0.2),
    )


def _poison(value: object, text: str) -> Any:
    """Put `text` in place of every string in `value`, at any depth; enums and dates stay."""
    if type(value) is str:
        return text
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _poison(getattr(value, name), text) for name in type(value).model_fields})
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _poison(getattr(value, field.name), text) for field in fields(value)})
    if isinstance(value, tuple):
        return tuple(_poison(one, text) for one in value)
    if isinstance(value, Mapping):
        return {
            _poison(f"{key}", f"{text} {place}"): _poison(one, text) for place, (key, one) in enumerate(value.items())
        }
    return value


@pytest.fixture(scope="session")
def poisoned() -> Callable[[str], Decision]:
    """Return the decision with one text in place of every word that a model, a source or an operator could choose."""
    return lambda text: cast("Decision", _poison(DECISION, text))


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></table><h1>big</h1>",
    "<!-- <b> -->",
    "[x](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "<https://evil.example>",
    "see https://evil.example or www.evil.example",
    "[x]: http://evil.example",
    "| pipes | are | here |",
    "a \\| b \\",
    "`code` ```\nfence",
    "# heading\n\n## another\n\n---\n\n- item\n\n    code",
    "1. one",
    "2) two",
    "= = =",
    ": ---",
    "+ plus",
    "*bold* _italic_ **both** ~~gone~~ __under__",
    "&lt;b&gt; &amp; &#60;i&#62;",
    "{{ 7 * 7 }} {% raw %}",
    "\x1b[2J\u202eesrever\x00",
    "$x^2$ [^1]",
)


@pytest.fixture(params=HOSTILE, ids=repr, scope="session")
def hostile(request: pytest.FixtureRequest) -> str:
    """Return words that try to be more than words."""
    return str(request.param)
