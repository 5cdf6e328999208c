"""Replies as models write them, for every answer of the desk, and what becomes of each."""

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


def message(written: Written) -> dict[str, Any]:
    """Return the message of a reply, with its finish reason beside it."""
    return {"content": written} if isinstance(written, str) else dict(written)


def accepted(name: str, situation: str, write: Callable[[Answer, Answer], Written]) -> Case:
    return Case(name, situation, write, Result.ACCEPTED)


def repaired(
    name: str,
    situation: str,
    write: Callable[[Answer, Answer], Written],
    repairs: str,
    *needs: str,
    expected: Callable[[Answer], Answer] = dict,
) -> Case:
    return Case(name, situation, write, Result.REPAIRED, frozenset(repairs.split()), needs, expected)


def again(name: str, situation: str, write: Callable[[Answer, Answer], Written], *needs: str) -> Case:
    return Case(name, situation, write, Result.ASKED_AGAIN, needs=needs)


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

REPLIES: tuple[Case, ...] = (
    accepted("bare", "one JSON object", lambda good, _: text(good)),
    accepted("blank lines", "blank lines around the object", lambda good, _: f"\n\n {text(good)}\n\n"),
    Case(
        "tag in a text",
        "a thought tag inside a text of the object",
        lambda good, _: text({**good, first_text(good): "a <think> tag"}),
        Result.ACCEPTED,
        expected=lambda good: {**good, first_text(good): "a <think> tag"},
    ),
    repaired("prose", "words around the object", lambda good, _: f"Certainly. {text(good)} Good luck!", "prose"),
    repaired(
        "braces in prose",
        "braces in the words before the object",
        lambda good, _: f"I weighed {{momentum}} and {{value}} first.\n{text(good)}",
        "prose",
    ),
    repaired("fence", "a Markdown fence", lambda good, _: fenced(good), "fence"),
    repaired("fence of any language", "a fence of another language", lambda good, _: fenced(good, "python"), "fence"),
    repaired(
        "other fence first",
        "a fence that holds no JSON before the one that does",
        lambda good, _: f"Table:\n```text\nclose 72.5\n```\nAnswer:\n{fenced(good)}",
        "fence prose",
    ),
    *(
        repaired(
            f"thought {start}",
            f"a thought in `{start}` and `{end}`",
            lambda good, other, start=start, end=end: f"{start}maybe {text(other)} {end}\n{text(good)}",
            "thought",
        )
        for start, end in (
            ("<think>", "</think>"),
            ("<thinking>", "</thinking>"),
            ("<THOUGHT>", "</THOUGHT>"),
            ("<reasoning effort='high'>", "</reasoning>"),
            ("<scratchpad>", "</scratchpad>"),
            ("<seed:think>", "</seed:think>"),
            ("[THINK]", "[/THINK]"),
            ("◁think▷", "◁/think▷"),
            ("<|begin_of_thought|>", "<|end_of_thought|>"),
        )
    ),
    repaired(
        "thought opened by the template",
        "a thought that is closed and was opened in the prompt",
        lambda good, other: f"maybe {text(other)}</think>{text(good)}",
        "thought",
    ),
    repaired(
        "harmony channels",
        "the channels of the harmony format",
        lambda good, other: (
            f"<|channel|>analysis<|message|>maybe {text(other)}<|end|><|start|>assistant"
            f"<|channel|>final<|message|>{text(good)}<|return|>"
        ),
        "thought",
    ),
    again(
        "harmony without a final channel",
        "harmony channels without a final one",
        lambda good, _: f"<|channel|>analysis<|message|>maybe {text(good)}<|end|>",
    ),
    again(
        "thought alone",
        "an object inside a thought, and nothing after it",
        lambda good, _: f"<think>{text(good)}</think>",
    ),
    again(
        "thought not closed",
        "an object inside a thought that is not closed",
        lambda good, _: f"<think>One option would be {text(good)} but on reflection",
    ),
    again(
        "answer before an open thought",
        "an object before a thought that is not closed",
        lambda good, _: f"{text(good)}\n<think>but the evidence points the other way",
    ),
    again(
        "thought cut off",
        "a draft inside a thought that was cut off at the length limit",
        lambda good, _: CUT | {"content": f"<think>One option would be {text(good)} but on reflection I will"},
    ),
    again("cut off after the object", "an object at the length limit", lambda good, _: CUT | {"content": text(good)}),
    again(
        "cut off after a draft",
        "a fenced draft, and words cut off at the length limit",
        lambda good, _: CUT | {"content": f"First draft:\n{fenced(good)}\nOn reflection the evidence"},
    ),
    repaired(
        "draft, then final",
        "an announced draft, then the final answer",
        lambda good, other: (
            f"First draft:\n{fenced(other)}\nOn reflection that is wrong. Final answer:\n{fenced(good)}"
        ),
        "fence prose earlier_object",
    ),
    repaired(
        "the same twice",
        "the same answer twice",
        lambda good, _: f"{text(good)}\nTo repeat:\n{fenced(good)}",
        "fence prose repeated_object",
    ),
    again("two answers", "two different answers", lambda good, other: f"{text(other)}\n{text(good)}"),
    again("two answers in a list", "a list of two answers", lambda good, other: f"[{text(other)}, {text(good)}]"),
    again("draft alone", "a draft and no final answer", lambda good, _: f"First draft:\n{fenced(good)}"),
    again(
        "taken back",
        "an object that the next words take back",
        lambda good, _: f"{text(good)}\nOn reflection that is wrong.",
    ),
    again(
        "final answer not finished",
        "a draft, then a final answer that ends in the middle",
        lambda good, other: f"Draft: {text(other)}\nFinal answer: {text(good)[:-9]}",
    ),
    again(
        "final answer invalid",
        "a valid draft, then a final answer that is no JSON",
        lambda good, other: f"Draft: {text(other)}\nFinal answer: {text(good).replace(':', ' is', 1)}",
    ),
    repaired(
        "reasoning field",
        "no content; the field `reasoning` ends with the one object",
        lambda good, _: {"content": None, "reasoning": f"Thinking… final: {text(good)}"},
        "reasoning_field prose",
    ),
    repaired(
        "reasoning_content field",
        "no content; the field `reasoning_content` ends with the one object",
        lambda good, _: {"content": "", "reasoning_content": text(good)},
        "reasoning_field",
    ),
    again(
        "two objects in the reasoning",
        "no content; the reasoning holds two objects",
        lambda good, other: {"content": None, "reasoning": f"maybe {text(other)}, final: {text(good)}"},
    ),
    again(
        "reasoning goes on",
        "no content; the reasoning goes on after the object",
        lambda good, _: {"content": None, "reasoning": f"One way: {text(good)} and then there is the risk"},
    ),
    again(
        "reasoning cut off",
        "no content; the reasoning was cut off at the length limit",
        lambda good, _: CUT | {"content": None, "reasoning": text(good)},
    ),
    again("empty", "no text at all", lambda *_: ""),
    again("blanks", "blanks alone", lambda *_: " \n\t "),
    again("no JSON", "words without an object", lambda *_: "I would rather buy."),
    again("other JSON", "an object with none of the fields", lambda *_: '{"weather": "fine"}'),
)
"""The position of the answer in the reply."""

WRITING: tuple[Case, ...] = (
    repaired(
        "trailing comma", "a comma before a closing bracket", lambda good, _: text(good)[:-1] + ",}", "trailing_comma"
    ),
    repaired(
        "full-width punctuation",
        "full-width punctuation between the values",
        lambda good, _: text(good).replace('", "', '"，"').replace('": "', '"： "'),
        "punctuation",
        "evidence",
        "rationale",
    ),
    repaired(
        "line break in a text",
        "a line break inside a text",
        lambda good, _: text({**good, first_text(good): "One\nline"}).replace("\\n", "\n"),
        "raw_control",
        expected=lambda good: {**good, first_text(good): "One\nline"},
    ),
    again(
        "key twice",
        "a field that is given twice with different values",
        lambda good, _: f'{{"{first_text(good)}": "Not at all.", {text(good)[1:]}',
    ),
    repaired("list of one", "a list around the object", lambda good, _: f"[{text(good)}]", "array_of_one"),
    repaired("wrapper", "an object of one field around it", lambda good, _: text({"answer": good}), "wrapper"),
    repaired(
        "function call as text",
        "the call of the answer's function, written as text",
        lambda good, _: text({"name": "submit_answer", "arguments": good}),
        "tool_call",
    ),
    repaired(
        "function call with JSON text",
        "the same with its arguments as JSON text",
        lambda good, _: f"<tool_call>{text({'name': 'submit_answer', 'arguments': text(good)})}</tool_call>",
        "tool_call json_in_text prose",
    ),
    repaired(
        "extra fields",
        "fields that were not asked for",
        lambda good, _: text({**good, "reasoning": "because", "ticker": "CALDR"}),
        "extra_key",
    ),
    again(
        "field in two spellings",
        "a field in two spellings with different values",
        lambda good, _: text({**good, first_text(good).upper(): "Not at all."}),
    ),
)
"""How the object is written."""

VALUES: tuple[Case, ...] = (
    repaired(
        "case of a stance",
        "a term in another case, with blanks or brackets",
        lambda good, _: text({**good, "stance": " [Bullish]. "}),
        "enum_spelling",
        "stance",
    ),
    repaired(
        "case of a rating",
        "the same for a rating",
        lambda g, _: text({**g, "rating": "BUY"}),
        "enum_spelling",
        "rating",
    ),
    repaired(
        "case of a verdict",
        "the same for a verdict",
        lambda g, _: text({**g, "verdict": "Shrink"}),
        "enum_spelling",
        "verdict",
    ),
    repaired(
        "case of an action",
        "the same in an order",
        lambda g, _: order(g, action="Buy", type="LIMIT"),
        "enum_spelling",
        "orders",
    ),
    repaired(
        "known synonym",
        "a term of the table of synonyms",
        lambda g, _: text({**g, "stance": "看涨"}),
        "synonym",
        "stance",
    ),
    repaired("known rating", "the same for a rating", lambda g, _: text({**g, "rating": "买入"}), "synonym", "rating"),
    again("unknown synonym", "a term that is in no table", lambda g, _: text({**g, "stance": "hold"}), "stance"),
    again("unknown rating", "the same for a rating", lambda g, _: text({**g, "rating": "strong buy"}), "rating"),
    again("unknown verdict", "the same for a verdict", lambda g, _: text({**g, "verdict": "ok"}), "verdict"),
    again("unknown action", "the same in an order", lambda g, _: order(g, action="enter"), "orders"),
    repaired(
        "left-out nulls",
        "fields left out that may be null",
        lambda g, _: text({**g, "orders": [without(g["orders"][0], "stop_price", "trail", "stop_loss_limit")]}),
        "omitted_null",
        "orders",
    ),
    repaired("null as text", "null as a text", lambda g, _: order(g, trail="null"), "null_as_text", "orders"),
    repaired(
        "deliberate hold",
        "an empty list of orders without a reason",
        lambda g, _: text({**without(g, "rationale"), "orders": []}),
        "no_rationale",
        "orders",
        expected=lambda g: {**g, "orders": [], "rationale": "No reason was given."},
    ),
    *(
        repaired(
            f"idle order {name}",
            situation,
            lambda g, _, changes=changes: order(g, **changes),
            "idle_order",
            "orders",
            expected=lambda g: {**g, "orders": []},
        )
        for name, situation, changes in (
            ("quantity", "an order of quantity zero", {"quantity": 0}),
            ("action", "an order to hold", {"action": "Hold", "quantity": 0}),
        )
    ),
    again("no list of orders", "null for the orders", lambda g, _: text({**g, "orders": None}), "orders"),
    again("negative quantity", "a negative quantity", lambda g, _: order(g, quantity=-5), "orders"),
    repaired(
        "list as JSON text",
        "a list as JSON text",
        lambda g, _: text({**g, "evidence": '["px.close"]'}),
        "list_as_text",
        "evidence",
    ),
    repaired(
        "one id for a list",
        "one id where a list is due",
        lambda g, _: text({**g, "evidence": "px.close"}),
        "single_for_list",
        "evidence",
    ),
    repaired(
        "null for a list",
        "null where a list of ids is due",
        lambda g, _: text({**g, "evidence": None}),
        "null_for_list",
        "evidence",
        expected=lambda g: {**g, "evidence": []},
    ),
    repaired(
        "id in brackets",
        "ids in brackets",
        lambda g, _: text({**g, "evidence": ["[px.close]"]}),
        "id_brackets",
        "evidence",
    ),
    repaired(
        "id twice",
        "an id twice",
        lambda g, _: text({**g, "evidence": ["px.close", "px.close"]}),
        "repeated_id",
        "evidence",
    ),
    repaired(
        "number as text", "a number as a text", lambda g, _: order(g, limit_price="72.50"), "number_as_text", "orders"
    ),
    repaired(
        "thousands",
        "thousands separators of one clear convention",
        lambda g, _: order(g, quantity="1,234,567", limit_price="1.072,5"),
        "number_as_text",
        "orders",
        expected=lambda g: {**g, "orders": [{**g["orders"][0], "quantity": 1234567, "limit_price": 1072.5}]},
    ),
    again("comma of two meanings", "a comma that may be either", lambda g, _: order(g, quantity="1,234"), "orders"),
    repaired(
        "percent", "a percent sign on a share", lambda g, _: text({**g, "confidence": "60 %"}), "percent", "confidence"
    ),
    again("percent without a sign", "60 for 0.6", lambda g, _: text({**g, "confidence": 60}), "confidence"),
    again("scale of a hundred", "50 for 0.5", lambda g, _: text({**g, "scale": 50}), "scale"),
    again("true for a number", "true for a number", lambda g, _: text({**g, "confidence": True}), "confidence"),
    again(
        "true for a scale", "true for a number", lambda g, _: text({**g, "verdict": "approve", "scale": True}), "scale"
    ),
    again("true for a quantity", "true for a quantity", lambda g, _: order(g, quantity=True), "orders"),
    repaired(
        "invisible characters",
        "control, direction and zero-width characters in a text",
        lambda g, _: text({**g, first_text(g): "In\u202evi\u200bsi\u009bble\u2067 \U000e0041text"}),
        "control_characters",
        expected=lambda g: {**g, first_text(g): "Invisible text"},
    ),
    again("blank text", "a text of blanks", lambda g, _: text({**g, first_text(g): " \u200b\n"})),
    again("long text", "a text of more than 10,000 characters", lambda g, _: text({**g, first_text(g): "x" * 10_001})),
    again("long answer", "an object of more than 50,000 characters", lambda g, _: text({**g, "more": "x" * 50_000})),
    again("many orders", "more than 20 orders", lambda g, _: text({**g, "orders": g["orders"] * 21}), "orders"),
    again(
        "many ids",
        "more than 200 ids",
        lambda g, _: text({**g, "evidence": [f"px.{n}" for n in range(201)]}),
        "evidence",
    ),
)
"""The values of the fields."""

CONTRADICTIONS: tuple[Case, ...] = (
    *(
        again(
            f"{verdict} with {scale}",
            f"verdict {verdict} with a scale of {scale}",
            lambda g, _, verdict=verdict, scale=scale: text({**g, "verdict": verdict, "scale": scale}),
            "verdict",
        )
        for verdict, scale in (
            ("approve", 0),
            ("approve", 0.5),
            ("veto", 1),
            ("veto", 0.5),
            ("shrink", 0),
            ("shrink", 1),
        )
    ),
    again(
        "stance without confidence",
        "a stance with a direction and a confidence of 0",
        lambda g, _: text({**g, "confidence": 0}),
        "stance",
    ),
    again(
        "rating and conviction",
        "rating buy with a negative conviction",
        lambda g, _: text({**g, "conviction": -0.5}),
        "rating",
    ),
    again(
        "hold with conviction",
        "rating hold with a strong conviction",
        lambda g, _: text({**g, "rating": "hold"}),
        "rating",
    ),
    again(
        "rating and orders",
        "rating buy with an order that opens a short position",
        lambda g, _: order(g, action="short"),
        "rating",
        "orders",
    ),
    again(
        "both directions",
        "a plan that buys and shorts",
        lambda g, _: text({**g, "orders": [g["orders"][0], {**g["orders"][0], "action": "short"}]}),
        "orders",
    ),
)
"""Answers that contradict themselves."""

SECTIONS: Mapping[str, tuple[Case, ...]] = {
    "The position of the answer": REPLIES,
    "How the object is written": WRITING,
    "The values of its fields": VALUES,
    "Contradictions": CONTRADICTIONS,
}
CASES: tuple[Case, ...] = tuple(case for cases in SECTIONS.values() for case in cases)
PAIRS: tuple[tuple[Case, type[BaseModel]], ...] = tuple(
    (case, answer) for case in CASES for answer in GOOD if case.applies(answer)
)
