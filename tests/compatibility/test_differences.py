"""The comparison itself: it finds a changed, a missing and an additional value, and lets expected changes pass."""

import pytest

from tests.compatibility.differences import ExpectedChange, differences, unexpected

RECORDED = {"orders": [{"quantity": "10", "type": "limit"}], "outcome": "orders"}


@pytest.mark.parametrize(
    ("found", "path"),
    [
        ({"orders": [{"quantity": "11", "type": "limit"}], "outcome": "orders"}, "case/orders/0/quantity"),
        ({"orders": [{"quantity": "10"}], "outcome": "orders"}, "case/orders/0/type"),
        ({"orders": [], "outcome": "orders"}, "case/orders/0"),
        ({**RECORDED, "side": "buy"}, "case/side"),
        ({**RECORDED, "outcome": None}, "case/outcome"),
    ],
)
def test_the_first_differing_path_is_named(found: object, path: str) -> None:
    assert [each.path for each in differences(RECORDED, found, "case")] == [path]


def test_numbers_of_different_types_differ() -> None:
    assert list(differences({"calls": 1}, {"calls": True}))
    assert list(differences({"calls": 1}, {"calls": 1.0}))


def test_only_expected_paths_may_differ() -> None:
    found = {"orders": [{"quantity": "11", "type": "market"}], "outcome": "orders"}
    expected = (ExpectedChange("*/orders/*/type", "renamed"),)
    assert [each.path for each in unexpected(RECORDED, found, expected, "case")] == ["case/orders/0/quantity"]
