"""OpenTelemetry spans of model calls; requires the extra `otel`. Spans contain no prompts, answers or secrets."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..domain.errors import ConfigError
from . import genai_attributes as names
from .events import AgentAbstained, CallEvent, CallFailed, CallFinished, CallStarted, FirstToken

if TYPE_CHECKING:
    from opentelemetry import trace
    from opentelemetry.trace import Span, Tracer

TRACER = "openoutcry.llm"


class SpanObserver:
    """Converts events to spans: one span per call, with the first token as a span event, and one span per abstention.

    Calls with the same key are sequential, so the key identifies the open span. Events must arrive in order.
    """

    def __init__(self, provider: "trace.TracerProvider | None" = None) -> None:
        """Use `provider`, or the global one; raises ConfigError if OpenTelemetry is not installed."""
        try:
            from opentelemetry import trace  # noqa: PLC0415 -- an extra
        except ImportError as error:
            raise ConfigError("tracing needs OpenTelemetry; install openoutcry[otel]") from error
        self._trace = trace
        self._tracer: Tracer = (provider or trace.get_tracer_provider()).get_tracer(TRACER)
        self._open: dict[str, Span] = {}

    def __call__(self, event: CallEvent) -> None:
        """Start, annotate or end the span of an event."""
        if isinstance(event, CallStarted):
            self._start(event)
        elif isinstance(event, FirstToken) and event.key in self._open:
            self._open[event.key].add_event("first_token", {"seconds": event.seconds})
        elif isinstance(event, CallFinished):
            self._finish(event)
        elif isinstance(event, CallFailed):
            self._fail(event)
        elif isinstance(event, AgentAbstained):
            with self._tracer.start_as_current_span(f"abstain {event.role}") as span:
                span.set_attributes({names.AGENT_NAME: event.role, names.ERROR_TYPE: event.cause})

    def _start(self, event: CallStarted) -> None:
        attributes = {
            names.OPERATION: names.CHAT,
            names.PROVIDER: names.OPENAI,
            names.REQUEST_MODEL: event.model,
            names.AGENT_NAME: event.role,
            names.CALL_KEY: event.key,
        }
        kind = self._trace.SpanKind.CLIENT
        self._open[event.key] = self._tracer.start_span(f"{names.CHAT} {event.model}", kind=kind, attributes=attributes)

    def _finish(self, event: CallFinished) -> None:
        span = self._open.pop(event.key, None)
        if span is None:
            return
        span.set_attributes(
            {
                names.RESPONSE_MODEL: event.reported_model or event.model,
                names.FINISH_REASONS: (event.finish_reason,),
                names.INPUT_TOKENS: event.prompt_tokens,
                names.OUTPUT_TOKENS: event.completion_tokens,
                names.CACHED_TOKENS: event.cached_tokens,
                names.ATTEMPTS: event.attempts,
                names.SERVER_ADDRESS: urlsplit(event.endpoint).hostname or "",
            }
        )
        span.end()

    def _fail(self, event: CallFailed) -> None:
        span = self._open.pop(event.key, None)
        if span is None:
            return
        span.set_attribute(names.ERROR_TYPE, event.error)
        span.set_status(self._trace.StatusCode.ERROR, event.reason)
        span.end()
