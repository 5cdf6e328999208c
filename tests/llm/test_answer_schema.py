"""Schemas of answers in the strict dialect."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.outputs import (
    Argument,
    OrderPlan,
    OrderPlanWithLots,
    Report,
    RiskOpinion,
    RiskReview,
    SingleAgentOutput,
    SingleAgentOutputWithLots,
    Thesis,
)
from openoutcry.domain.resting_outputs import ANSWER_CLASSES, PLAN_CLASSES
from openoutcry.llm.schema import answer_schema
from pydantic import BaseModel, Field, create_model
from stub.answers import Filler

ALLOWED = {
    "type", "enum", "anyOf", "items", "properties", "required", "additionalProperties", "description",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems",
}  # fmt: skip
ANSWERS = [
    *(Argument, Report, RiskOpinion, RiskReview, Thesis),
    *PLAN_CLASSES.values(),
    *ANSWER_CLASSES.values(),
]


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for child in [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]:
        yield from parts(child)
    if "items" in schema:
        yield from parts(schema["items"])


def is_strict(schema: dict[str, Any]) -> bool:
    return all(
        set(part) <= ALLOWED
        and (
            part.get("type") != "object"
            or (part["required"] == list(part["properties"]) and part["additionalProperties"] is False)
        )
        for part in parts(schema)
    )


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_desks_answers_are_strict(answer):
    schema = answer_schema(answer)
    Draft202012Validator.check_schema(schema.body)
    assert is_strict(schema.body)
    assert schema.name == answer.schema_name


def test_what_a_model_should_know_is_kept():
    schema = answer_schema(Thesis).body["properties"]
    assert schema["conviction"] == {"type": "number", "minimum": -1, "maximum": 1}
    assert schema["rating"]["enum"] == ["buy", "overweight", "hold", "underweight", "sell"]
    assert schema["evidence"]["description"] == "ids of evidence in the case, and no others"


def test_what_may_be_null_says_so():
    order = answer_schema(OrderPlan).body["properties"]["orders"]["items"]
    assert order["properties"]["limit_price"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}


@pytest.mark.parametrize(
    ("plain", "picking"), [(OrderPlan, OrderPlanWithLots), (SingleAgentOutput, SingleAgentOutputWithLots)]
)
def test_lots_are_asked_for_only_where_there_are_any_and_a_trail_always(plain, picking):
    asked, with_lots = (answer_schema(kind).body["properties"]["orders"]["items"] for kind in (plain, picking))
    assert "stop_loss_trail" in asked["required"]
    assert "lots" not in answer_schema(plain).text
    assert with_lots["required"] == [*asked["required"], "lots"]
    assert {name: part for name, part in with_lots["properties"].items() if name != "lots"} == asked["properties"]
    assert with_lots["properties"]["lots"]["items"] == {"type": "string"}


@pytest.mark.parametrize("classes", [PLAN_CLASSES, ANSWER_CLASSES], ids=["plan", "answer"])
def test_actions_on_resting_orders_are_asked_for_only_where_orders_rest(classes):
    for with_lots in (False, True):
        asked, resting = (answer_schema(classes[with_lots, rests]).body for rests in (False, True))
        assert "resting" not in answer_schema(classes[with_lots, False]).text
        assert resting["required"] == [*asked["required"], "resting"]
        assert {name: part for name, part in resting["properties"].items() if name != "resting"} == asked["properties"]
        item = resting["properties"]["resting"]["items"]
        assert resting["properties"]["resting"]["type"] == "array"
        assert item["properties"]["action"]["enum"] == ["keep", "replace", "cancel"]
        assert item["properties"]["order"]["enum"][:2] == ["R1", "R2"]


def test_defaults_do_not_make_a_field_optional_for_the_model():
    class Loose(BaseModel):
        name: str = "x"
        sort: Literal["only"] = "only"
        note: Annotated[str | None, Field(max_length=9, description="why", examples=["a"])] = None

    body = answer_schema(Loose).body
    assert is_strict(body)
    assert body["required"] == ["name", "sort", "note"]
    assert body["properties"]["sort"]["enum"] == ["only"]
    assert body["properties"]["note"]["description"] == "why"


def test_a_description_beside_a_reference_wins():
    class Side(StrEnum):
        UP = "up"
        DOWN = "down"

    class Pick(BaseModel):
        side: Annotated[Side, Field(description="where it goes")]

    side = answer_schema(Pick).body["properties"]["side"]
    assert (side["enum"], side["description"]) == (["up", "down"], "where it goes")


class Tree(BaseModel):
    """A class that strict mode cannot hold."""

    children: "list[Tree]"


class Bag(BaseModel):
    """Another one."""

    things: dict[str, int]


@pytest.mark.parametrize("answer", [Tree, Bag])
def test_what_cannot_be_strict_is_refused(answer):
    with pytest.raises(ConfigError):
        answer_schema(answer)


LEAVES = st.sampled_from(
    [
        (str, ...),
        (str, Field(min_length=3, max_length=8)),
        (int, Field(ge=3, le=5)),
        (int, Field(gt=7)),
        (float, Field(gt=0, lt=1)),
        (float, Field(le=-4)),
        (bool, True),
        (Literal["a", "b"], ...),
        (Optional[float], None),  # noqa: UP045 -- as older code writes it
        (tuple[str, ...], ...),
        (list[int], Field(min_length=2, max_length=3)),
        (list[Literal["x"]], ...),
        (Report, ...),
        (tuple[Argument, ...], ...),
        (Argument | None, ...),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LEAVES, min_size=1, max_size=6), st.integers(0, 400))
def test_any_flat_answer_is_strict_and_the_stub_can_fill_it(leaves, characters):
    answer = create_model("Made", **{f"field{place}": leaf for place, leaf in enumerate(leaves)})
    raw, body = answer.model_json_schema(), answer_schema(answer).body
    assert is_strict(body)
    filler = Filler(characters)
    answer.model_validate(filler.fill(raw, "[px.close] is 3"))
    Draft202012Validator(body).validate(filler.fill(body, "[px.close] is 3"))
