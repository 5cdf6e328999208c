"""The answer is streamed."""

from ...stub.http_log import Fault
from .fault_case import in_section
from .writing import accepted, completion, event_stream, final, misread, passing, piece, streamed_good

STREAM = in_section(
    "Stream",
    passing("the stream breaks off", Fault.broken_stream(), streamed=True),
    passing("the stream ends without an end marker", streamed_good(finish=None, done=False), streamed=True),
    passing(
        "an error event after the whole answer",
        streamed_good('{"error": {"message": "overloaded", "code": 529}}'),
        streamed=True,
    ),
    passing("an event that is not JSON", streamed_good("{"), streamed=True),
    passing("a stream without events", event_stream(), streamed=True),
    misread("a stream with the end marker alone", event_stream("[DONE]"), streamed=True),
    misread("a stream that ends at the length limit", streamed_good(finish="length"), streamed=True),
    final("a stream of any length", event_stream(*[piece("x" * 1000)] * 300)),
    accepted(
        "one JSON document where events are due",
        lambda asked: completion(
            {"message": {"role": "assistant", "content": asked.well().content}, "finish_reason": "stop"}
        ),
        streamed=True,
    ),
    accepted("comments and blank events", streamed_good('{"choices": []}'), streamed=True),
)
