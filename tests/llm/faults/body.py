"""The status is good and the body is not."""

import gzip
import json

from ...stub.http_log import Fault, Reply
from .fault_case import Ending, FaultCase, in_section
from .writing import LARGE, accepted, completion, error_inside, final, packed, passing, serving

BODY = in_section(
    "Body",
    passing("an empty body", Fault.text("")),
    passing("204 without a body", Fault.text("", 204)),
    passing("blanks alone", Fault.text(" \n\n ")),
    passing("an HTML page", Fault.html()),
    passing("JSON that ends in the middle", Fault.text('{"choices": [{"message": {"content": "{')),
    passing("a list", Fault.text("[]")),
    passing("null", Fault.text("null")),
    passing("a number", Fault.text("0")),
    passing("no choices", Fault.text('{"choices": []}')),
    passing("null for the choices", Fault.text('{"choices": null}')),
    passing("a choice without a message", completion({"finish_reason": "stop"})),
    passing("a text for the message", completion({"message": "{}"})),
    passing("function calls without a function", completion({"message": {"tool_calls": [{"id": "1"}]}})),
    passing("nesting of 100,000 levels", Fault.text("[" * 100_000)),
    passing("bytes that are not UTF-8", Fault.text(b'{"choices": "\xff\xfe"}')),
    passing("a damaged gzip body", packed(gzip.compress(b'{"choices": []}')[:-9] + b"123456789")),
    passing("gzip that is not compressed", packed(b'{"choices": []}')),
    final("a body of any size", Fault.text(LARGE)),
    final("a small gzip body of any size", packed(gzip.compress(b" " * 50_000_000))),
    passing("an error of status 504 inside", error_inside("Upstream idle timeout", 504)),
    passing("the same inside the choice", error_inside("Upstream idle timeout", 504, in_choice=True)),
    passing("an error of status 429 inside", error_inside("Rate limited", "429")),
    passing("an error without a status inside", Fault.text('{"error": "provider returned error"}')),
    final("an error of status 401 inside", error_inside("No auth credentials found", 401)),
    passing(
        "finish_reason error",
        completion({"finish_reason": "error", "message": {"role": "assistant", "content": ""}}),
    ),
    FaultCase("events where JSON is due", serving(Fault.stream()), Ending.GONE_WITHOUT),
    accepted(
        "counts of tokens that are impossible",
        lambda asked: Reply(asked.well().content, usage={"prompt_tokens": -7, "completion_tokens": "many"}),
    ),
    accepted("no counts of tokens", lambda asked: Reply(asked.well().content, usage={})),
    accepted(
        "no finish reason",
        lambda asked: completion({"message": {"role": "assistant", "content": asked.well().content}}),
    ),
    accepted(
        "content in parts, one of them a thought",
        lambda asked: completion(
            {
                "message": {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "text": json.dumps(asked.other)},
                        {"type": "text", "text": asked.well().content},
                    ],
                },
                "finish_reason": "stop",
            }
        ),
    ),
)
