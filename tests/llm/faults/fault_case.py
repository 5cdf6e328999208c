"""One fault of an endpoint or a model: what is sent in place of a good reply, and what becomes of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel

from ...stub.http_log import ChatRequest, Fault, Reply, ToolCall
from ..reading_cases.builders import Answer

BODY_LIMIT = 200_000
"""Bytes of a body that the tests of the faults accept, so that a larger one is small enough for many requests."""


class Ending(StrEnum):
    """What becomes of a fault."""

    ACCEPTED = "accepted"
    REPAIRED = "repaired and recorded"
    ASKED_AGAIN = "asked again"
    TRIED_AGAIN = "tried again"
    GONE_WITHOUT = "goes on without the feature"
    NO_ANSWER = "abstains: answer (3)"
    UNCITED = "abstains: citation (3)"
    NO_MODEL = "abstains: model (5)"


ABSTAINS = frozenset({Ending.NO_ANSWER, Ending.UNCITED, Ending.NO_MODEL})


@dataclass(frozen=True)
class Asked:
    """One request at which a fault can happen, with the good answer to it and another valid one."""

    request: ChatRequest
    good: Answer
    other: Answer

    def well(self) -> Reply:
        """Return the good reply."""
        return answered(self.request, json.dumps(self.good))


Serve = Callable[[Asked], Fault | Reply]


def always(_: type[BaseModel]) -> bool:
    """Return True: the fault can happen to every answer."""
    return True


@dataclass(frozen=True)
class FaultCase:
    """One fault.

    Attributes:
        serve: returns what is sent in place of the good reply.
        once: the ending if only the first request of the role meets the fault.
        lasting: the ending if every request meets it; None where that is the same.
        applies: returns whether the fault can happen to an answer of this class.
        expected: returns the answer that is read, from the good one.
        streamed: the answers are requested as streams.
        hangs: the request waits until its time limit.
        rounds: the requests that one answer takes.
        section: the heading of the table under which it is shown.
    """

    name: str
    serve: Serve
    once: Ending
    lasting: Ending | None = None
    applies: Callable[[type[BaseModel]], bool] = always
    expected: Callable[[Answer], Answer] = dict
    streamed: bool = False
    hangs: bool = False
    rounds: int = 1
    section: str = ""

    def ending(self, lasting: bool) -> Ending:
        """Return the ending of the fault."""
        return self.lasting if lasting and self.lasting is not None else self.once


def answered(request: ChatRequest, text: str) -> Reply:
    """Return a reply with the answer `text`, as a function call where one is forced."""
    if request.forced_tool:
        return Reply(tool_calls=(ToolCall(request.forced_tool, text),))
    return Reply(text)


def in_section(section: str, *cases: FaultCase) -> tuple[FaultCase, ...]:
    """Return the faults under one heading of the table."""
    return tuple(replace(case, section=section) for case in cases)
