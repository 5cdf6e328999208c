"""One agent's output in a heading and a text, for the progress of a decision."""

from collections.abc import Callable
from typing import Any

from rich.text import Text

from ...agents.context import Contribution
from ...domain.abstention import Abstention
from ...domain.outputs import Argument, OrderPlan, Report, RiskOpinion, Stance, StructuredOutput, Thesis
from ...domain.text import strip_control
from ...reports.contribution_tables import in_one_line, notes_of

STANCE_STYLE = {Stance.BULLISH: "green", Stance.NEUTRAL: "yellow", Stance.BEARISH: "red"}
Described = tuple[Text, Text]


def describe(role: str, said: object) -> Described:
    """Return a heading and the text for one agent's output."""
    if isinstance(said, Abstention):
        return Text(f"{role} abstains", style="bold yellow"), Text(strip_control(f"{said.cause}: {said.reason}"))
    if isinstance(said, Contribution):
        return _describe_output(role, said.output, said.round)
    return Text(role, style="bold"), Text("done")


def _describe_output(role: str, said: StructuredOutput, number: int) -> Described:
    for kind, form in _FORMS:
        if isinstance(said, kind):
            heading, text = form(role, said, number)
            return heading, Text(strip_control(text))
    content = said.model_dump(mode="json")
    text = strip_control(" ".join(in_one_line(content).split()))
    return Text(f"{role}: {text}" if text else role, style="bold"), Text(strip_control(notes_of(content)))


def _report(role: str, said: Report, _: int) -> tuple[Text, str]:
    style = STANCE_STYLE[said.stance]
    return Text.assemble((role, "bold"), (f" {said.stance} {said.confidence:.0%}", style)), said.summary


def _argument(role: str, said: Argument, number: int) -> tuple[Text, str]:
    turn = "opening" if number == 0 else f"answer {number}"
    return Text(f"{role}, {turn}", style="bold"), said.claim


def _thesis(role: str, said: Thesis, _: int) -> tuple[Text, str]:
    heading = Text(f"{role}: {said.rating}, conviction {said.conviction:+z.2f}", style="bold")
    return heading, f"{said.summary} Invalidated by: {said.invalidation}"


def _plan(role: str, said: OrderPlan, _: int) -> tuple[Text, str]:
    actions = "".join(f", {each.action} {each.order}" for each in said.resting or ())
    return Text(strip_control(f"{role}: {len(said.orders)} order(s){actions}"), style="bold"), said.rationale


def _opinion(role: str, said: RiskOpinion, _: int) -> tuple[Text, str]:
    return Text(f"{role}: {said.verdict}, lets through {said.allowed:.0%}", style="bold"), said.reason


_FORMS: tuple[tuple[type[StructuredOutput], Callable[[str, Any, int], tuple[Text, str]]], ...] = (
    (Report, _report),
    (Argument, _argument),
    (Thesis, _thesis),
    (OrderPlan, _plan),
    (RiskOpinion, _opinion),
)
"""Outputs with a form of their own; all others are described by their values."""
