"""Probing of the models' endpoint: which features work, and what the desk will use from then on."""

import asyncio
import os
from dataclasses import dataclass

from ..domain.errors import ConfigError
from ..llm.capabilities import Capabilities
from ..llm.capability_store import FILE_NAME, CapabilityStore
from ..llm.embeddings.port import Embedder
from ..llm.embeddings.remote import RemoteEmbedder
from ..llm.endpoint import Endpoint
from ..llm.network import network_for
from ..llm.probe import ProbeResult, probe
from ..llm.transports.embeddings import HttpEmbeddings
from ..llm.transports.http import HttpTransport
from ..llm.transports.retry_policy import RetryPolicy
from .clock import now
from .factories import choose_model, endpoint
from .settings import Settings, home

PROBE_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class EndpointProbe:
    """The result of a probe; `endpoint` is the address without secrets."""

    endpoint: str
    result: ProbeResult


def probe_endpoint(settings: Settings, spec: str) -> EndpointProbe:
    """Probe the model `spec` (`openai:NAME`) and store its capabilities, in place of those learned before.

    Embeddings are probed if the memory's embedder is at the same endpoint. Failures of the endpoint are part of the
    result. Raises ConfigError if `spec` names no model, or no endpoint is configured.
    """
    model = choose_model(settings.model_copy(update={"model": spec, "deep_model": None})).quick
    if model is None:
        raise ConfigError("rules need no endpoint; give a model to probe, such as --model openai:NAME")
    place = endpoint(settings)
    result = asyncio.run(_probed(settings, place, model))
    if result.capabilities is not None:
        store = CapabilityStore(home(settings) / FILE_NAME, lambda: now().date())
        store.clear(place.redacted_url)
        store.learn(place.redacted_url, model, result.capabilities)
    return EndpointProbe(place.redacted_url, result)


def describe_capabilities(known: Capabilities) -> str:
    """Return in one line how the desk will call a model with these capabilities."""
    mode = known.mode.name.lower().replace("_", " ")
    parts = [f"answers as {mode}", f"system prompt as {known.system.name.lower()}"]
    for name, used in (
        ("functions", known.tools),
        ("seed", known.seed),
        ("images", known.images),
        ("streaming", known.stream),
    ):
        parts.append(name if used else f"no {name}")
    return ", ".join(parts)


async def _probed(settings: Settings, place: Endpoint, model: str) -> ProbeResult:
    policy = RetryPolicy(attempts=min(settings.attempts, PROBE_ATTEMPTS), timeout_s=settings.timeout_s)
    transport = HttpTransport(place, policy, network=network_for(place.url, os.environ))
    await transport.open()
    try:
        return await probe(transport, model, _remote_embedder(settings, place, policy))
    finally:
        await transport.aclose()


def _remote_embedder(settings: Settings, place: Endpoint, policy: RetryPolicy) -> Embedder | None:
    """Return the memory's embedder if it is at the endpoint of the models, without a cache; None otherwise."""
    provider, _, name = settings.memory.embedder.partition(":")
    if provider != "openai" or not name:
        return None
    return RemoteEmbedder(HttpEmbeddings(place, policy, network=network_for(place.url, os.environ)), name)
