"""The model calls functions."""

from pydantic import BaseModel

from ...stub.http_log import Fault, Reply, ToolCall
from .fault_case import Asked, Ending, FaultCase, Serve, in_section
from .writing import misread, serving


def _has_functions(answer: type[BaseModel]) -> bool:
    return answer.__name__ == "Report"


def _has_none(answer: type[BaseModel]) -> bool:
    return not _has_functions(answer)


_SIGNED = {"extra_content": {"google": {"thought_signature": "c2ln"}}}


def _signed(asked: Asked) -> Fault | Reply:
    """Call a function with a signature, and refuse a request that does not bring both back."""
    calls = [call for said in asked.request.messages for call in said.get("tool_calls") or ()]
    if not calls:
        return Reply(None, (ToolCall("no_such_function", ""),), extra={"reasoning": "hm"}, call_extra=_SIGNED)
    back = all(call.get("extra_content") == _SIGNED["extra_content"] for call in calls)
    whole = all(call["function"]["arguments"] == "{}" for call in calls)
    kept = all(said.get("reasoning") == "hm" for said in asked.request.messages if said.get("tool_calls"))
    return asked.well() if back and whole and kept else Fault.error(400, "the call came back changed")


def _until_results(calls: Reply) -> Serve:
    """Return a fault that ends when the model receives the results of its calls."""
    return lambda asked: asked.well() if any(m["role"] == "tool" for m in asked.request.messages) else calls


FUNCTIONS = in_section(
    "Functions",
    *(
        FaultCase(name, _until_results(Reply(None, tuple(calls))), Ending.ACCEPTED, applies=_has_functions, rounds=2)
        for name, calls in (
            ("a function that is not known", [ToolCall("no_such_function")]),
            ("arguments that are not JSON", [ToolCall("macro", "{")]),
            ("arguments that are no object", [ToolCall("macro", "[1]")]),
            ("40 calls at once", [ToolCall("macro", id=f"c{number}") for number in range(40)]),
        )
    ),
    FaultCase(
        "empty arguments, signatures and reasoning to return",
        _signed,
        Ending.ACCEPTED,
        applies=_has_functions,
        rounds=2,
    ),
    FaultCase(
        "calls without an end",
        serving(Reply(None, (ToolCall("macro"),))),
        Ending.NO_ANSWER,
        applies=_has_functions,
        rounds=4,
    ),
    misread("a function where none is on offer", Reply(None, (ToolCall("buy_everything"),)), applies=_has_none),
)
