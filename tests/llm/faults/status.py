"""The endpoint reports an error by its status."""

from ...stub.http_log import Fault
from .fault_case import Ending, FaultCase, in_section
from .writing import LARGE, final, passing, serving

DATE_OF_THE_PAST = "Thu, 01 Jan 2015 00:00:00 GMT"

_AGAIN = ((408, "Request Timeout"), (500, "internal error"), (502, "bad gateway"), (504, "upstream timeout"),
          (520, "web server returned an unknown error"), (529, "Overloaded"))  # fmt: skip
_REFUSED = (
    (400, "this request cannot be read"),
    (401, "Incorrect API key provided"),
    (402, "Insufficient credits"),
    (403, "You have no access to this model"),
    (404, "The model `m` does not exist"),
    (405, "Method Not Allowed"),
    (413, "Request Entity Too Large"),
    (415, "Unsupported Media Type"),
    (418, "I'm a teapot"),
    (422, "validation failed"),
    (400, "This model's maximum context length is 8192 tokens. Please reduce the length of the messages."),
    (400, "The response was filtered: content_filter"),
    (429, "You exceeded your current quota (insufficient_quota)"),
)
STATUS = in_section(
    "Status",
    *(passing(f"{code} {text}", Fault.error(code, text)) for code, text in _AGAIN),
    passing("429 with Retry-After in seconds", Fault.error(429, "slow down", retry_after="3")),
    passing("503 with Retry-After as a date", Fault.error(503, "busy", retry_after=DATE_OF_THE_PAST)),
    passing("429 with an impossible Retry-After", Fault.error(429, "slow down", retry_after="-1e99")),
    passing("503 with an HTML page", Fault.html(503)),
    *(final(f"{code} {text}", Fault.error(code, text)) for code, text in _REFUSED),
    final("302 to another address", Fault.error(302, "moved", location="http://127.0.0.1:9/v1")),
    passing("500 with a body of any size", Fault.text(LARGE * 5, 500)),
    FaultCase(
        "400 json_validate_failed",
        serving(Fault.text('{"error": {"message": "Failed to generate JSON", "code": "json_validate_failed"}}', 400)),
        Ending.TRIED_AGAIN,
        Ending.NO_ANSWER,
    ),
    passing(
        "400 tool_use_failed",
        Fault.text('{"error": {"message": "Failed to call a function.", "code": "tool_use_failed"}}', 400),
    ),
)
