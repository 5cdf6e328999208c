"""The first difference of two requests, as a JSON pointer."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.llm.request_difference import first_difference, nearest

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab/~", max_size=3), inner, max_size=4),
    max_leaves=12,
)


def resolve(pointer, value):
    """Follow a JSON pointer, RFC 6901."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


@given(JSON)
def test_equal_values_have_no_difference(value):
    assert first_difference(value, copy.deepcopy(value)) is None


@given(JSON, JSON)
def test_the_pointer_leads_to_the_place_that_differs(one, other):
    found = first_difference(one, other)
    if found is None:
        assert json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
        return
    ends = []
    for value in (one, other):
        try:
            ends.append(json.dumps(resolve(found.path, value), sort_keys=True))
        except (LookupError, TypeError):
            ends.append(None)
    assert ends[0] != ends[1]


@pytest.mark.parametrize(
    ("recorded", "asked", "path", "values"),
    [
        ({"a": [1, {"b/c": "x"}]}, {"a": [1, {"b/c": "y"}]}, "/a/1/b~1c", ('"x"', '"y"')),
        ({"a": 1}, {"a": 1, "b": "new"}, "/b", ("nothing", '"new"')),
        ({"a": [1, 2]}, {"a": [1]}, "/a/1", ('"2"', "nothing")),
        ({"a": 1}, {"a": True}, "/a", ('"1"', '"true"')),
        ("same " * 40 + "left" + "s" * 90, "same " * 40 + "right", "", None),
    ],
)
def test_values_are_shown_around_the_difference(recorded, asked, path, values):
    found = first_difference(recorded, asked)
    assert found.path == path
    if values is not None:
        assert (found.recorded, found.asked) == values
    else:
        assert "left" in found.recorded
        assert "right" in found.asked
        assert max(len(found.recorded), len(found.asked)) < 70


def test_the_nearest_request_is_the_one_with_the_fewest_differences():
    candidates = [{"user": "one", "seed": 1}, {"user": "text A", "seed": 7}, {"user": "text B", "seed": 8}]
    assert nearest({"user": "text C", "seed": 8}, candidates) == candidates[2]
    assert nearest({}, []) is None
