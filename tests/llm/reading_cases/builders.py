"""Answers of the desk as JSON, and builders for replies of models and their expected results."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from openoutcry.domain.outputs import (
    Argument,
    Lesson,
    OrderPlan,
    OrderPlanWithLots,
    Report,
    RiskOpinion,
    RiskReview,
    SingleAgentOutput,
    SingleAgentOutputWithLots,
    Thesis,
)
from pydantic import BaseModel

Answer = dict[str, Any]
Written = str | Mapping[str, Any]
"""The content of a reply, or its message with `finish_reason`."""

Template = Written | Callable[[Answer, Answer], Written]
"""A reply in which `{good}`, `{other}`, `{fenced}` and `{fenced_other}` are filled in, or a function that writes it.

They are a good answer and another one as JSON, bare or in a Markdown fence.
"""


class Result(StrEnum):
    """What becomes of a reply."""

    ACCEPTED = "accepted"
    REPAIRED = "repaired"
    ASKED_AGAIN = "asked again"


ORDER: Answer = {
    "action": "buy",
    "quantity": 282,
    "type": "limit",
    "limit_price": 72.5,
    "stop_price": None,
    "trail": None,
    "time_in_force": "day",
    "order_class": "simple",
    "take_profit_limit": None,
    "stop_loss_stop": None,
    "stop_loss_limit": None,
    "stop_loss_trail": None,
    "rationale": "Enter.",
    "evidence": ["px.close"],
}
VIEW: Answer = {
    "rating": "buy",
    "conviction": 0.5,
    "horizon_sessions": 21,
    "summary": "It should rise.",
    "bull_case": "Up.",
    "bear_case": "Down.",
    "invalidation": "A close below support.",
    "evidence": ["px.close"],
}
AGAINST: Answer = VIEW | {"rating": "sell", "conviction": -0.5}
PLAN: Answer = {"orders": [ORDER], "rationale": "One order."}
OPINION: Answer = {"verdict": "shrink", "scale": 0.5, "reason": "Half of it.", "evidence": ["px.close"]}

GOOD: Mapping[type[BaseModel], Answer] = {
    Report: {"summary": "It rises.", "stance": "bullish", "confidence": 0.6, "evidence": ["px.close"]},
    Argument: {"claim": "It rises.", "evidence": ["px.close"]},
    Thesis: VIEW,
    OrderPlan: PLAN,
    OrderPlanWithLots: {**PLAN, "orders": [{**ORDER, "lots": ["lot-1"]}]},
    RiskOpinion: OPINION,
    RiskReview: OPINION,
    Lesson: {"lesson": "Momentum held."},
    SingleAgentOutput: VIEW | PLAN,
    SingleAgentOutputWithLots: VIEW | {"orders": [{**ORDER, "lots": ["lot-1"]}], "rationale": "One order."},
}
"""An answer of each class."""

OTHER: Mapping[type[BaseModel], Answer] = {
    Report: GOOD[Report] | {"stance": "bearish"},
    Argument: GOOD[Argument] | {"claim": "It falls."},
    Thesis: AGAINST,
    OrderPlan: {"orders": [{**ORDER, "action": "short"}], "rationale": "One order."},
    OrderPlanWithLots: {"orders": [], "rationale": "Nothing to do."},
    RiskOpinion: OPINION | {"verdict": "approve", "scale": 1},
    RiskReview: OPINION | {"verdict": "approve", "scale": 1},
    Lesson: {"lesson": "Momentum failed."},
    SingleAgentOutput: AGAINST | {"orders": [], "rationale": "Nothing to do."},
    SingleAgentOutputWithLots: AGAINST | {"orders": [], "rationale": "Nothing to do."},
}
"""Another answer of each class, which must not be taken for the first."""


@dataclass(frozen=True)
class Case:
    """One kind of reply.

    Attributes:
        write: returns the reply, from a good answer and another one.
        result: what becomes of it.
        repairs: the names of the repairs that are recorded, in any order.
        needs: fields that an answer must have for the case to apply.
        expected: returns what is read, from the good answer.
    """

    name: str
    situation: str
    write: Callable[[Answer, Answer], Written]
    result: Result
    repairs: frozenset[str] = frozenset()
    needs: Sequence[str] = ()
    expected: Callable[[Answer], Answer] = dict

    def applies(self, answer: type[BaseModel]) -> bool:
        return all(name in answer.model_fields for name in self.needs)


def _writer(template: Template) -> Callable[[Answer, Answer], Written]:
    """Return a function that fills the template with a good answer and another one."""
    if callable(template):
        return template
    return lambda good, other: _filled(template, good, other)


def _filled(template: Written, good: Answer, other: Answer) -> Written:
    if not isinstance(template, str):
        return {name: part and _filled(part, good, other) for name, part in template.items()}
    answers = {"{good}": text(good), "{other}": text(other), "{fenced}": fenced(good), "{fenced_other}": fenced(other)}
    for mark, answer in answers.items():
        template = template.replace(mark, answer)
    return template


def message(written: Written) -> dict[str, Any]:
    """Return the message of a reply, with its finish reason beside it."""
    return {"content": written} if isinstance(written, str) else dict(written)


def accepted(name: str, situation: str, write: Template) -> Case:
    return Case(name, situation, _writer(write), Result.ACCEPTED)


def repaired(
    name: str,
    situation: str,
    write: Template,
    repairs: str,
    *needs: str,
    expected: Callable[[Answer], Answer] = dict,
) -> Case:
    return Case(name, situation, _writer(write), Result.REPAIRED, frozenset(repairs.split()), needs, expected)


def again(name: str, situation: str, write: Template, *needs: str) -> Case:
    return Case(name, situation, _writer(write), Result.ASKED_AGAIN, needs=needs)


def text(answer: Answer) -> str:
    return json.dumps(answer, ensure_ascii=False)


def fenced(answer: Answer, language: str = "json") -> str:
    return f"```{language}\n{json.dumps(answer, indent=1, ensure_ascii=False)}\n```"


def order(good: Answer, **changes: Any) -> str:
    return text({**good, "orders": [{**good["orders"][0], **changes}]})


def without(good: Answer, *names: str) -> Answer:
    return {key: value for key, value in good.items() if key not in names}


def first_text(good: Answer) -> str:
    """Return the name of the first field of free text."""
    return next(name for name in ("summary", "claim", "reason", "lesson", "rationale") if name in good)


CUT = {"finish_reason": "length"}
