"""The configured embedder of the memory."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from ..domain.errors import ConfigError
from .settings import Settings, home

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..llm.embeddings.port import Embedder
    from ..llm.endpoint import Endpoint
    from .model_access import ModelAccess

HASHING = "hashing"


def open_embedder(settings: Settings, access: "ModelAccess | None", endpoint: "Callable[[], Endpoint]") -> "Embedder":
    """Return the configured embedder. Models load, and endpoints are called, lazily on first use.

    `endpoint` returns the endpoint of models. Its calls are spent from the budget of `access`, and from the cap
    `memory.max_tokens` of this embedder. Vectors of models are recorded on the tape of `access`, or replayed from it.
    """
    from ..llm.embeddings.recorded import RecordingEmbedder, ReplayEmbedder
    from ..llm.replay import Player

    tape = access.tape if access and settings.memory.embedder != HASHING else None
    if isinstance(tape, Player):
        return ReplayEmbedder(_embedder_name(settings), tape)
    made = _new_embedder(settings, access, endpoint)
    return made if tape is None else RecordingEmbedder(made, tape)


def _new_embedder(settings: Settings, access: "ModelAccess | None", endpoint: "Callable[[], Endpoint]") -> "Embedder":
    from ..llm.embeddings.cache import CachedEmbedder
    from ..llm.embeddings.hashing import HashingEmbedder

    spec, kept = settings.memory.embedder, home(settings) / "embeddings.db"
    provider, _, name = spec.partition(":")
    if spec == HASHING:
        return HashingEmbedder()
    if spec == "minilm":
        from ..llm.embeddings.minilm import MiniLMEmbedder

        return CachedEmbedder(MiniLMEmbedder(home(settings) / "models"), kept)
    if provider != "openai" or not name:
        raise ConfigError(f"unknown embedder {spec!r}; use hashing, minilm, or openai:NAME")
    from ..llm.budget import Budget, BudgetCaps
    from ..llm.embeddings.remote import RemoteEmbedder
    from ..llm.transports.budget import CallBudget
    from .model_connection import Connection, capability_store, check_prices

    outer = access.budget if access else CallBudget(Budget())
    own = replace(outer, budget=outer.budget.child("memory", BudgetCaps(max_tokens=settings.memory.max_tokens)))
    check_prices(settings, [name], own)
    connection = Connection(settings, own, capability_store(home(settings)), os.environ)
    return CachedEmbedder(RemoteEmbedder(connection.embeddings(endpoint()), name), kept)


def _embedder_name(settings: Settings) -> str:
    """Return the name of the configured embedder; an embedder of an endpoint is named like its setting."""
    if settings.memory.embedder != "minilm":
        return settings.memory.embedder
    from ..llm.embeddings.minilm import MiniLMEmbedder

    return MiniLMEmbedder(settings.home / "models").name
