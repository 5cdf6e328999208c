"""Transcripts of the portfolio desks with a scripted model, and numbers that no answer over a book may have."""

import math
from pathlib import Path

import pytest
from desk_transcript import decided, transcript
from openoutcry.domain.book_outputs import AllocationDecision, AllocationEntry, CashTargetEntry
from openoutcry.tests.graph.test_benchmark_desks import allocation
from openoutcry.tests.graph.test_book_portfolios import SCRIPT
from pydantic import ValidationError

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("desk", ["sentiment_mv", "fincon_portfolio", "alpha_weights"])
def test_who_is_asked_what_and_sees_what(demo, desk):
    decisions, model = decided(demo, desk, SCRIPT | allocation(0.2, 0.1, 0.0))
    assert all(each.abstention is None for each in decisions)
    assert transcript(model) == (GOLDEN / f"{desk}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_invalid(number):
    with pytest.raises(ValidationError):
        AllocationEntry(symbol="CALDR", weight=number)
    with pytest.raises(ValidationError):
        AllocationDecision(entries=(), cash=number, summary="s", evidence=())
    with pytest.raises(ValidationError):
        CashTargetEntry(symbol="CALDR", action="increase", target_cash_amount=number, reasons=(), confidence=0.5)
