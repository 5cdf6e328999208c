"""Composition of the model transports: HTTP, rate limits, capability negotiation, fallback."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..domain.errors import ConfigError
from ..llm.capability_store import FILE_NAME, CapabilityStore
from ..llm.chat import ChatTransport
from ..llm.endpoint import Endpoint
from ..llm.events import CallObserver, CapabilityDowngraded, ignore_event, to_observers
from ..llm.network import network_for
from ..llm.telemetry import SpanObserver
from ..llm.transports.fallback import FallbackEndpoint, FallbackTransport
from ..llm.transports.http import HttpTransport
from ..llm.transports.limiter import LimitedTransport, RateLimits, RequestLimiter
from ..llm.transports.negotiated import Downgrade, NegotiatedTransport
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


def connect(
    settings: Settings, endpoint: Endpoint, state: Path, environ: Mapping[str, str], events: CallObserver = ignore_event
) -> ChatTransport:
    """Return the transport to the models of `settings`; capabilities are stored in the folder `state`.

    Raises ConfigError for an invalid fallback model, and for unusable proxy or certificate variables.
    """
    store = CapabilityStore(state / FILE_NAME, lambda: now().date())
    first = _endpoint_transport(settings, endpoint, store, environ, events)
    if not settings.fallback:
        return TracedTransport(first, events)
    endpoints = [FallbackEndpoint(endpoint.redacted_url, first)]
    for spec in settings.fallback:
        model, place = parse_fallback(spec, endpoint, environ)
        transport = _endpoint_transport(settings, place, store, environ, events)
        endpoints.append(FallbackEndpoint(f"{model} at {place.redacted_url}", transport, model))
    return TracedTransport(FallbackTransport(endpoints, events=events), events)


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


def _endpoint_transport(
    settings: Settings, endpoint: Endpoint, store: CapabilityStore, environ: Mapping[str, str], events: CallObserver
) -> ChatTransport:
    policy = RetryPolicy(attempts=settings.attempts, timeout_s=settings.timeout_s)
    limits = RateLimits(settings.max_parallel, settings.requests_per_minute, settings.tokens_per_minute)
    http = HttpTransport(endpoint, policy, network=network_for(endpoint.url, environ))
    limited = LimitedTransport(http, _process_limiter(endpoint.redacted_url, limits))

    def observe(found: Downgrade) -> None:
        events(CapabilityDowngraded(found.role, found.model, found.endpoint, found.effect, found.complaint))

    return NegotiatedTransport(limited, endpoint.redacted_url, store, observe)


@cache
def _process_limiter(endpoint: str, limits: RateLimits) -> RequestLimiter:
    """Return the process-wide rate limiter of an endpoint; its limits apply across desks."""
    return RequestLimiter(limits)
