"""The model refuses, or does not come to an end."""

import json

from ...stub.http_log import Reply
from .fault_case import in_section
from .writing import misread

REFUSALS = in_section(
    "Refusals and length",
    misread("the field `refusal`", Reply(None, refusal="I cannot give advice.")),
    misread("a refusal in words", Reply("I am sorry, but I cannot help with that.")),
    misread(
        "finish_reason content_filter",
        lambda asked: Reply(asked.well().content, finish_reason="content_filter"),
    ),
    misread(
        "the length limit after the whole answer",
        lambda asked: Reply(asked.well().content, finish_reason="length"),
    ),
    misread(
        "an answer of 100,000 characters",
        lambda asked: Reply(json.dumps({**asked.good, "x": "x" * 99_000})),
    ),
)  # fmt: skip
