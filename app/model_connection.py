"""Composes the transports of the models: HTTP, limits, capabilities, fallback."""

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
"""The key for fallback endpoints on other hosts; the key of the first endpoint is never sent to them."""


def call_observer(settings: Settings, events: CallObserver | None) -> CallObserver:
    """Return the observer of calls: `events`, and spans where the settings ask for them."""
    observers = [] if events is None else [events]
    if settings.telemetry:
        observers.append(SpanObserver())
    return to_observers(observers)


def connect(
    settings: Settings, endpoint: Endpoint, state: Path, environ: Mapping[str, str], events: CallObserver = ignore_event
) -> ChatTransport:
    """Return the transport to the models of `settings`; `state` is the folder that keeps capabilities.

    Raises ConfigError for a fallback that is no model, and for proxy or certificate variables that cannot be used.
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
        raise ConfigError(f"there is no fallback model {spec!r}; use openai:NAME or openai:NAME@https://HOST/v1")
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
    """Return the one limiter of the process for an endpoint: its limits hold across desks."""
    return RequestLimiter(limits)
