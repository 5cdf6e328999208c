"""Proposals refuse numbers that cannot be meant."""

from decimal import Decimal

import pytest
from openoutcry.domain.errors import InvalidOutput
from openoutcry.domain.ids import Symbol
from openoutcry.domain.outputs import OrderPlan, Rating
from openoutcry.domain.proposal import (
    AllocationProposal,
    CashTarget,
    DecisionKind,
    Direction,
    DirectionProposal,
    ExposureProposal,
    NoteSection,
    RatingProposal,
    RatioProposal,
    ReportProposal,
    SignalSide,
    SignalsProposal,
    TargetAction,
    TargetCashProposal,
    TradeSignal,
    WeightEntry,
    proposal_kind,
)

A = Symbol("AAA")
NAN, INFINITE = Decimal("NaN"), Decimal("Infinity")


@pytest.mark.parametrize("bad", [NAN, Decimal("sNaN"), INFINITE, -INFINITE], ids=["nan", "snan", "inf", "-inf"])
@pytest.mark.parametrize(
    "build",
    [
        lambda x: RatingProposal(A, Rating.BUY, x),
        lambda x: DirectionProposal(A, Direction.LONG, x),
        lambda x: DirectionProposal(A, Direction.LONG, Decimal(1), reward_to_risk=x),
        lambda x: DirectionProposal(A, Direction.LONG, Decimal(1), stop=x),
        lambda x: ExposureProposal(A, x),
        lambda x: RatioProposal(A, x),
        lambda x: CashTarget(A, TargetAction.INCREASE, x),
        lambda x: CashTarget(A, TargetAction.HOLD, None, (), x),
        lambda x: WeightEntry(A, x),
        lambda x: AllocationProposal((), x),
        lambda x: TradeSignal(A, SignalSide.BUY, (), (), x),
    ],
    ids=[
        "rating",
        "direction",
        "reward",
        "stop",
        "exposure",
        "ratio",
        "cash",
        "confidence",
        "weight",
        "CASH",
        "signal",
    ],
)
def test_a_number_that_is_not_finite_is_refused(build, bad):
    with pytest.raises(InvalidOutput, match="not a finite number"):
        build(bad)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: ExposureProposal(A, Decimal("1.01")), "not from -1 to 1"),
        (lambda: RatioProposal(A, Decimal("-0.1")), "not from 0 to 1"),
        (lambda: RatingProposal(A, Rating.SELL, Decimal("0.1")), "rating sell contradicts"),
        (lambda: RatingProposal(A, Rating.HOLD, Decimal("0.3")), "rating hold contradicts"),
        (lambda: DirectionProposal(A, Direction.SHORT, Decimal("0.1")), "direction short contradicts"),
        (lambda: DirectionProposal(A, Direction.LONG, Decimal(1), stop=Decimal(0)), "not above 0"),
        (lambda: CashTarget(A, TargetAction.INCREASE, Decimal(-1)), "negative"),
        (lambda: TargetCashProposal((CashTarget(A, TargetAction.HOLD, None),) * 2), "more than once: AAA"),
        (lambda: AllocationProposal((WeightEntry(A, Decimal(1)),) * 2), "more than once: AAA"),
        (lambda: ReportProposal(()), "no sections"),
    ],
    ids=["exposure", "ratio", "sell", "hold", "short", "stop", "cash", "two-targets", "two-weights", "empty-note"],
)
def test_a_contradiction_is_named(build, words):
    with pytest.raises(InvalidOutput, match=words):
        build()


def test_every_kind_has_a_proposal():
    half = Decimal("0.5")
    proposals = [
        OrderPlan(orders=(), rationale="nothing to do"),
        RatingProposal(A, Rating.OVERWEIGHT, half),
        DirectionProposal(A, Direction.FLAT, Decimal(0)),
        ExposureProposal(A, -half),
        RatioProposal(A, half),
        TargetCashProposal(()),
        AllocationProposal(()),
        SignalsProposal(()),
        ReportProposal((NoteSection("Thesis", "Margins widen."),)),
    ]
    assert [proposal_kind(each) for each in proposals] == list(DecisionKind)
