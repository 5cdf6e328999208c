"""The comparison itself: it finds a changed, a missing and an additional value, and lets expected changes pass."""

import pytest

from tests.compatibility.changed_values import added, becomes, is_new, same_time, scores_not_counted, within
from tests.compatibility.differences import ABSENT, ExpectedChange, ExpectedRemoval, Fits, differences, unexpected

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
    expected = (ExpectedChange("*/orders/*/type", "renamed", becomes("limit", "market")),)
    assert [each.path for each in unexpected(RECORDED, found, expected, "case")] == ["case/orders/0/quantity"]


def test_the_rest_of_a_list_is_compared_after_a_removal() -> None:
    recorded, removals = {"cited": ["a", "b", "c"]}, (ExpectedRemoval("*/cited", "gone", lambda item: item == "b"),)
    assert not unexpected(recorded, {"cited": ["a", "c"]}, (), "case", removals)
    wrong = unexpected(recorded, {"cited": ["a", "d"]}, (), "case", removals)
    assert [(each.path, each.recorded) for each in wrong] == [("case/cited/1", "c")]
    assert unexpected(recorded, {"cited": ["a", "b", "c"]}, (), "case", removals)


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("*/type", becomes("limit", "market")),
        ("*/orders/*", becomes("limit", "market")),
        ("*/orders/*/type", becomes("limit", "stop")),
        ("*/orders/*/type", becomes("market", "limit")),
        ("*/orders/*/type", is_new),
    ],
)
def test_a_change_elsewhere_or_of_other_values_is_not_expected(path: str, fits: Fits) -> None:
    found = {**RECORDED, "orders": [{"quantity": "10", "type": "market"}]}
    assert unexpected(RECORDED, found, (ExpectedChange(path, "renamed", fits),), "case")


@pytest.mark.parametrize(
    ("fits", "recorded", "found"),
    [
        (same_time, "2025-03-03 21:00", "2025-03-03T21:00:00+00:00"),
        (same_time, "2025-03-03 21:00:07", "2025-03-03T21:00:07.5+00:00"),
        (
            scores_not_counted,
            "Scores: a +0.00, b +0.10; conviction -0.00.",
            "Scores: a n/a, b +0.10; conviction +0.00.",
        ),
        (within("0.005"), "139.2900", "139.2879"),
        (added([]), ABSENT, []),
    ],
)
def test_values_that_fit(fits: Fits, recorded: object, found: object) -> None:
    assert fits(recorded, found)


@pytest.mark.parametrize(
    ("fits", "recorded", "found"),
    [
        (same_time, "2025-03-03 21:00", "2025-03-03T22:00:00+00:00"),
        (same_time, "2025-03-03 21:00", "2025-03-03T21:00:00+01:00"),
        (scores_not_counted, "Scores: a +0.01, b +0.10;", "Scores: a n/a, b +0.10;"),
        (within("0.005"), "139.29", "139.30"),
        (within("0.005"), ABSENT, "139.30"),
        (added(0), ABSENT, False),
    ],
)
def test_values_that_do_not_fit(fits: Fits, recorded: object, found: object) -> None:
    assert not fits(recorded, found)
