"""Limits of a desk file tighten those of the settings, and never loosen them."""

from decimal import Decimal

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.risk.limit_settings import Limits
from openoutcry.tests.desk_factory import rules, taken
from openoutcry.tests.scripted_answers import AS_OF, CLEAR


@pytest.fixture
def desk_with(tmp_path):
    """Return a function that writes the single agent with other limits, and returns the path."""

    def write(limits):
        text = (BUILT_IN / "single_agent.yaml").read_text(encoding="utf-8")
        path = tmp_path / "desk.yaml"
        path.write_text(text.replace("limits: default", f"limits: {limits}"), encoding="utf-8")
        return str(path)

    return write


def test_tighter_limits_apply_and_the_others_stay(desk_with):
    desk = load_desk(desk_with("{max_position: 0.05, min_price: 10, restricted: [acme]}"))
    limits = desk.limits_within(Limits(restricted=frozenset({"OTHER"})))
    assert (limits.max_position, limits.min_price) == (Decimal("0.05"), Decimal(10))
    assert limits.restricted == {"OTHER", "ACME"}
    assert limits.max_loss == Limits().max_loss
    assert load_desk("single_agent").limits_within(Limits()) == Limits()


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ("{max_position: 0.5}", "risk.limits.max_position of the desk is 0.5, wider than the 0.20"),
        ("{min_price: 0.5}", "risk.limits.min_price of the desk is 0.5, wider than the 1"),
    ],
    ids=["above", "below"],
)
def test_a_wider_limit_is_refused(desk_with, demo, limits, said):
    with pytest.raises(ConfigError, match=said):
        rules(demo, desk_with(limits))


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ("{max_position: 0}", "must be above 0"),
        ("{max_positions: 0.1}", "max_positions"),
        ("{max_loss: .nan}", "finite"),
    ],
    ids=["zero", "unknown", "nan"],
)
def test_what_is_no_limit_is_refused(desk_with, limits, said):
    with pytest.raises(ConfigError, match=said):
        load_desk(desk_with(limits))


def test_orders_obey_the_limits_of_the_desk(desk_with, demo):
    whole = taken(rules(demo, "single_agent"), CLEAR, AS_OF).risk.allowed[0].quantity
    small = taken(rules(demo, desk_with("{max_position: 0.02}")), CLEAR, AS_OF).risk.allowed[0]
    assert 0 < small.quantity < whole
    assert small.quantity * Decimal("136.66") <= Decimal(2_000)
