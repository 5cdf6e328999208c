"""Labels of past decisions: none where equity is unknown or used up."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openoutcry.desk.learning.decision_labels import with_labels
from openoutcry.domain.past_decision import PastDecision

AT = datetime(2025, 3, 3, 21, tzinfo=UTC)


@pytest.mark.parametrize("equity", [None, "0", "-5"])
def test_a_decision_without_equity_has_no_label(equity):
    past = PastDecision(AT, "buy 1", equity=equity and Decimal(equity), price_return=Decimal("0.01"))
    assert with_labels([past], Decimal(100)) == [past]


def test_the_last_decision_is_rewarded_until_now():
    """100 to 103: .03 - .2 x .01 - .001 = .027."""
    past = PastDecision(AT, "buy 1", equity=Decimal(100), price_return=Decimal("0.01"), commission=Decimal("0.1"))
    (labelled,) = with_labels([past], Decimal(103))
    assert (labelled.reward, labelled.label) == (Decimal("0.027000"), "paid")
