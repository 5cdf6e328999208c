"""Composition of the model transports: HTTP, budgets, rate limits, capability negotiation, fallback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..domain.errors import ConfigError
from ..llm.capability_store import FILE_NAME, CapabilityStore
from ..llm.chat import ChatTransport
from ..llm.embeddings.transport import EmbeddingTransport
from ..llm.endpoint import Endpoint
from ..llm.events import CallObserver, CapabilityDowngraded, ignore_event, to_observers
from ..llm.network import network_for
from ..llm.pricing import check_priced
from ..llm.replay import Player, Recorder
from ..llm.telemetry import SpanObserver
from ..llm.transports.answer_limit import AnswerLimitTransport
from ..llm.transports.budget import BudgetedEmbeddings, BudgetTransport, CallBudget
from ..llm.transports.embeddings import HttpEmbeddings, LimitedEmbeddings
from ..llm.transports.fallback import FallbackEndpoint, FallbackTransport
from ..llm.transports.http import HttpTransport
from ..llm.transports.kept_limits import AnswerLimits, EndpointLimits, KeptLimitsTransport, MeasuredTransport
from ..llm.transports.limiter import LimitedTransport, RateLimits, RequestLimiter
from ..llm.transports.negotiated import Downgrade, NegotiatedTransport
from ..llm.transports.prompt_cache import PromptCacheTransport, accepts_cache_key
from ..llm.transports.recording import RecordingTransport
from ..llm.transports.replay import ReplayTransport
from ..llm.transports.retry_policy import RetryPolicy
from ..llm.transports.traced import TracedTransport
from .clock import now
from .settings import Settings

FALLBACK_KEY_NAME = "OPENAI_FALLBACK_API_KEY"
"""Environment variable with the key for fallback endpoints on other hosts; they never receive the first one's key."""


def call_observer(settings: Settings, events: CallObserver | None) -> CallObserver:
    """Return the observer of calls: `events`, and OpenTelemetry spans if `settings.telemetry` is set."""
    observers = [] if events is None else [events]
    if settings.telemetry:
        observers.append(SpanObserver())
    return to_observers(observers)


@dataclass(frozen=True, slots=True)
class Connection:
    """What the transports to the endpoints of one run share.

    Attributes:
        settings: attempts, time limits, rate limits and fallback models.
        budget: the budget of all attempts.
        store: learned capabilities.
        environ: environment with proxies, certificates and the key of fallback endpoints.
        events: receives the events of calls.
        recorder: records completions; None for no recording.
    """

    settings: Settings
    budget: CallBudget
    store: CapabilityStore
    environ: Mapping[str, str]
    events: CallObserver = ignore_event
    recorder: Recorder | None = None

    def chat(self, endpoint: Endpoint) -> ChatTransport:
        """Return the transport of chat requests to `endpoint`, and after its outages to the fallback models.

        Raises ConfigError for an invalid fallback model, and for unusable proxy or certificate variables.
        """
        transport = self._with_fallback(endpoint)
        recorded = transport if self.recorder is None else RecordingTransport(transport, self.recorder)
        return TracedTransport(recorded, self.events)

    def embeddings(self, endpoint: Endpoint) -> EmbeddingTransport:
        """Return the transport of embedding requests to `endpoint`, with its own rate limiter.

        A caller of embeddings may block the event loop of the chat requests, so it must not wait for them.
        """
        limiter = _process_limiter(f"{endpoint.redacted_url} embeddings", self._limits())
        return HttpEmbeddings(
            endpoint,
            retry_policy(self.settings),
            network=network_for(endpoint.url, self.environ),
            each_attempt=lambda inner: LimitedEmbeddings(BudgetedEmbeddings(inner, self.budget), limiter),
        )

    def _with_fallback(self, endpoint: Endpoint) -> ChatTransport:
        first = self._negotiated(endpoint, has_fallback=bool(self.settings.fallback))
        if not self.settings.fallback:
            return first
        endpoints = [FallbackEndpoint(endpoint.redacted_url, first)]
        for left, spec in enumerate(self.settings.fallback, start=1 - len(self.settings.fallback)):
            model, place = parse_fallback(spec, endpoint, self.environ)
            transport = self._negotiated(place, has_fallback=left < 0)
            endpoints.append(FallbackEndpoint(f"{model} at {place.redacted_url}", transport, model))
        return FallbackTransport(endpoints, events=self.events)

    def _negotiated(self, endpoint: Endpoint, *, has_fallback: bool = False) -> ChatTransport:
        limiter = _process_limiter(endpoint.redacted_url, self._limits())
        known = self._known_limits(endpoint.redacted_url)

        def each_attempt(inner: ChatTransport) -> ChatTransport:
            return LimitedTransport(MeasuredTransport(BudgetTransport(inner, self.budget), known), limiter)

        http = HttpTransport(
            endpoint,
            retry_policy(self.settings),
            network=network_for(endpoint.url, self.environ),
            each_attempt=each_attempt,
        )
        negotiated = NegotiatedTransport(http, endpoint.redacted_url, self.store, self._observe)
        kept = KeptLimitsTransport(negotiated, known, has_fallback=has_fallback)
        limited = AnswerLimitTransport(kept, self.budget)
        return PromptCacheTransport(limited) if accepts_cache_key(endpoint) else limited

    def _known_limits(self, endpoint: str) -> EndpointLimits:
        path = self.store.path
        shared = AnswerLimits() if path is None else _process_answer_limits(endpoint, path)
        return EndpointLimits(endpoint, self.store, shared, self._observe)

    def _limits(self) -> RateLimits:
        given = self.settings
        return RateLimits(given.max_parallel, given.requests_per_minute, given.tokens_per_minute)

    def _observe(self, found: Downgrade) -> None:
        self.events(CapabilityDowngraded(found.role, found.model, found.endpoint, found.effect, found.complaint))


def replayed(player: Player, events: CallObserver = ignore_event) -> ChatTransport:
    """Return the transport that answers chat requests from a recording."""
    return TracedTransport(ReplayTransport(player), events)


def capability_store(state: Path) -> CapabilityStore:
    """Return the store of learned capabilities in the folder `state`."""
    return CapabilityStore(state / FILE_NAME, lambda: now().date())


def retry_policy(settings: Settings) -> RetryPolicy:
    """Return the attempts and time limits of requests."""
    return RetryPolicy(attempts=settings.attempts, timeout_s=settings.timeout_s)


def check_prices(settings: Settings, models: Sequence[str], budget: CallBudget) -> None:
    """Raise ConfigError if a budget in USD is set and one of `models`, or of the fallback models, has no price."""
    if not budget.budget.child("call", budget.each).is_capped_in_usd:
        return
    fallback = [spec.partition(":")[2].partition("@http")[0] for spec in settings.fallback]
    check_priced([*models, *fallback], budget.prices)


def parse_fallback(spec: str, first: Endpoint, environ: Mapping[str, str]) -> tuple[str, Endpoint]:
    """Return the model and the endpoint of `openai:NAME` or `openai:NAME@URL`; raises ConfigError for anything else."""
    provider, _, rest = spec.partition(":")
    name, _, url = rest.partition("@http")
    if provider != "openai" or not name:
        raise ConfigError(f"unknown fallback model {spec!r}; use openai:NAME or openai:NAME@https://HOST/v1")
    if not url:
        return name, first
    address = f"http{url}"
    same_host = urlsplit(address)[:2] == urlsplit(first.url)[:2]
    key = first.api_key if same_host else SecretStr(environ.get(FALLBACK_KEY_NAME, ""))
    return name, Endpoint(address, key)


@cache
def _process_limiter(endpoint: str, limits: RateLimits) -> RequestLimiter:
    """Return the process-wide rate limiter of an endpoint; its limits apply across desks."""
    return RequestLimiter(limits)


@cache
def _process_answer_limits(endpoint: str, store: Path) -> AnswerLimits:
    """Return what is known in this process of the limits of an endpoint, shared by the runs that use the same file."""
    return AnswerLimits()
