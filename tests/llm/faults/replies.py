"""The replies that `test_reading` reads from a text, as faults of an endpoint."""

from collections.abc import Mapping

from ...stub.http_log import Reply
from ..reading_cases import CASES
from ..reading_cases.builders import Case, Result, message
from .fault_case import Asked, Ending, FaultCase, in_section

_RESULTS: Mapping[Result, tuple[Ending, Ending | None]] = {
    Result.ACCEPTED: (Ending.ACCEPTED, None),
    Result.REPAIRED: (Ending.REPAIRED, None),
    Result.ASKED_AGAIN: (Ending.ASKED_AGAIN, Ending.NO_ANSWER),
}
_READING = (
    "braces in prose", "other fence first", "thought <think>", "harmony channels", "thought alone",
    "thought not closed", "answer before an open thought", "thought cut off", "cut off after a draft",
    "draft, then final", "two answers", "two answers in a list", "draft alone", "taken back",
    "final answer not finished", "final answer invalid", "reasoning field", "two objects in the reasoning",
    "reasoning cut off", "empty", "no JSON", "other JSON", "trailing comma", "full-width punctuation", "key twice",
    "wrapper", "function call as text", "extra fields", "field in two spellings", "case of a stance",
    "case of a rating", "case of a verdict", "known synonym", "unknown synonym", "unknown verdict", "unknown action",
    "left-out nulls", "no list of orders", "negative quantity", "comma of two meanings",
    "percent without a sign", "true for a scale", "blank text", "many orders",
)  # fmt: skip
_CONTRADICTIONS = (
    "approve with 0", "approve with 0.5", "veto with 1", "stance without confidence", "rating and conviction",
    "hold with conviction", "rating and orders", "both directions",
)  # fmt: skip


def _read(case: Case) -> FaultCase:
    """Return the fault of a reply that `test_reading` reads from a text."""

    def serve(asked: Asked) -> Reply:
        written = message(case.write(asked.good, asked.other))
        content, finish = written.pop("content"), written.pop("finish_reason", None)
        return Reply(content, finish_reason=finish, extra=written)

    once, lasting = _RESULTS[case.result]
    situation = f"{case.situation}: {case.name}" if case.situation.startswith("the same for") else case.situation
    return FaultCase(situation, serve, once, lasting, case.applies, case.expected)


def _named(section: str, names: tuple[str, ...]) -> tuple[FaultCase, ...]:
    known = {case.name: case for case in CASES}
    return in_section(section, *(_read(known[name]) for name in names))


READING = _named("Reading", _READING)
CONTRADICTIONS = _named("Contradictions", _CONTRADICTIONS)
