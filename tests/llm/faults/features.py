"""The endpoint refuses a feature of the request; the fault lasts as long as the request uses it."""

from ...stub.http_log import ChatRequest, Fault
from .fault_case import Ending, FaultCase, in_section
from .writing import lacking


def _without_functions(request: ChatRequest) -> bool:
    return not (set(request.tools) - {"submit_answer"})


FEATURES = in_section(
    "Features",
    lacking(
        "no JSON schema",
        lambda request: request.format == "json_schema",
        Fault.error(400, "This response_format type is unavailable now"),
    ),
    lacking(
        "no response format",
        lambda request: request.format != "text",
        Fault.error(400, "'response_format' is not supported with this model"),
    ),
    lacking(
        "no system role",
        lambda request: request.messages[0]["role"] == "system",
        Fault.error(400, "System role not supported"),
    ),
    lacking(
        "no seed", lambda request: "seed" in request.body, Fault.error(422, "Extra inputs are not permitted: seed")
    ),
    lacking(
        "answers only as a stream",
        lambda request: not request.body.get("stream"),
        Fault.error(400, "This model only support stream mode, please enable the stream parameter"),
    ),
    FaultCase(
        "404 no endpoint supports functions",
        lambda asked: (
            asked.well()
            if _without_functions(asked.request)
            else Fault.error(404, "No endpoints found that support tool use.")
        ),
        Ending.GONE_WITHOUT,
        applies=lambda answer: answer.__name__ == "Report",
    ),
)
