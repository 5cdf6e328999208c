"""The key by which an endpoint finds the cached beginning of a prompt: one for each decision."""

import hashlib
from dataclasses import replace
from urllib.parse import urlsplit

from ..chat import ChatRequest, WrappingTransport
from ..completion import Completion
from ..endpoint import OPENAI_URL, Endpoint
from ..scope import current_scope

HOSTS_WITH_KEYS = frozenset({urlsplit(OPENAI_URL).hostname})
"""Hosts whose API reference has the parameter `prompt_cache_key`. Others may refuse a name that they do not know."""

_KEY_LENGTH = 32


class PromptCacheTransport(WrappingTransport):
    """Gives every request of one decision the same cache key, so that one machine of the endpoint serves them.

    Requests outside of a decision have no key. The key is not part of the key of a call.
    """

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of the request with a cache key; raises as the inner transport does."""
        return await self._inner.complete(replace(request, cache_key=_cache_key()))


def accepts_cache_key(endpoint: Endpoint) -> bool:
    """Return whether requests to this endpoint may have a cache key."""
    return urlsplit(endpoint.url).hostname in HOSTS_WITH_KEYS


def _cache_key() -> str:
    """Return a key of the running decision: a function of its symbol and time, so that replays send the same."""
    scope = current_scope()
    if not scope.symbol:
        return ""
    return hashlib.sha256(f"{scope.symbol}|{scope.as_of}".encode()).hexdigest()[:_KEY_LENGTH]
