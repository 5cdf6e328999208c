"""Probes the features of a model at an endpoint with a few short calls."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError

from ..domain.errors import ModelError
from ..domain.picture import Picture
from ..domain.tool_spec import ToolSpec
from .capabilities import Capabilities, OutputMode, SystemRole
from .chat import ChatRequest, ChatTransport, Parameters
from .completion import Completion
from .embeddings.port import Embedder
from .probe_picture import probe_picture
from .schema import answer_schema
from .transports.errors import RequestRejected

MOST_ADAPTATIONS = 8
MAX_TOKENS = 400
"""Enough for a model that reasons before a short answer."""

_ECHO = ToolSpec("echo", "Return the word.", {"type": "object", "properties": {"word": {"type": "string"}}})


class ProbeAnswer(BaseModel):
    """One word."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    word: str


class Feature(StrEnum):
    """Features that are probed; the values are displayed to users."""

    CHAT = "chat"
    SYSTEM_ROLE = "system role"
    JSON_SCHEMA = "JSON schema"
    JSON_OBJECT = "JSON mode"
    FORCED_TOOL = "forced function call"
    TOOLS = "functions"
    SEED = "seed"
    IMAGES = "images"
    STREAMING = "streaming"
    EMBEDDINGS = "embeddings"


@dataclass(frozen=True, slots=True)
class FeatureResult:
    """Whether a feature works, and the observed detail."""

    feature: Feature
    works: bool
    detail: str


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Features of a model at an endpoint.

    Attributes:
        features: results in the order of probing; only `CHAT` if chat does not work.
        capabilities: the best capabilities that worked; None if chat does not work.
        calls: number of requests sent.
    """

    model: str
    features: tuple[FeatureResult, ...]
    capabilities: Capabilities | None
    calls: int

    def works(self, feature: Feature) -> bool:
        """Return whether `feature` was probed and works."""
        return any(each.feature is feature and each.works for each in self.features)


async def probe(transport: ChatTransport, model: str, embedder: Embedder | None = None) -> ProbeResult:
    """Probe `model` through a transport without negotiation and fallback.

    Errors of the endpoint are not raised but returned as the detail of a feature. Without `embedder`, embeddings are
    not probed.
    """
    prober = _Prober(transport, model)
    features = [each async for each in prober.features()]
    if embedder is not None and prober.capabilities is not None:
        features.append(await _embeddings(embedder))
    return ProbeResult(model, tuple(features), prober.capabilities, prober.calls)


class _Prober:
    def __init__(self, transport: ChatTransport, model: str) -> None:
        self._transport, self.calls = transport, 0
        self.capabilities: Capabilities | None = None
        self._request = ChatRequest(
            role="probe",
            model=model,
            system="You answer with one JSON object and nothing else.",
            user='Answer with the JSON object {"word": "yes"}.',
            schema=answer_schema(ProbeAnswer),
            parameters=Parameters(max_tokens=MAX_TOKENS),
            capabilities=Capabilities(OutputMode.PLAIN),
        )

    async def features(self) -> AsyncIterator[FeatureResult]:
        """Adapt the plain request until it is accepted, then probe each feature alone and yield its result."""
        chat = await self._chat()
        yield chat
        if not chat.works:
            return
        adapted = self._request.capabilities
        yield FeatureResult(
            Feature.SYSTEM_ROLE, adapted.system is SystemRole.SYSTEM, f"sent as {adapted.system.name.lower()}"
        )
        best = OutputMode.PLAIN
        for feature, mode in _MODES:
            result = await self._checked(feature, replace(adapted, mode=mode))
            best = min(best, mode) if result.works else best
            yield result
        tools = await self._checked(Feature.TOOLS, adapted, tools=(_ECHO,), tools_open=True)
        seed = await self._checked(Feature.SEED, adapted, seed=1)
        images = await self._checked(Feature.IMAGES, adapted, pictures=(probe_picture(),))
        streaming = await self._streamed(adapted)
        for result in (tools, seed, images, streaming):
            yield result
        self.capabilities = replace(
            adapted,
            mode=best,
            tools=tools.works,
            seed=seed.works,
            images=images.works,
            stream=streaming.works or adapted.stream_only,
        )

    async def _chat(self) -> FeatureResult:
        """Adapt the plain request until it is accepted."""
        for _ in range(MOST_ADAPTATIONS):
            outcome = await self._sent(self._request)
            if isinstance(outcome, Completion):
                return FeatureResult(Feature.CHAT, True, outcome.served.reported_model or "answers")
            remaining = _remaining(self._request.capabilities, outcome)
            if remaining is None:
                break
            self._request = replace(self._request, capabilities=remaining)
        return FeatureResult(Feature.CHAT, False, str(outcome))

    async def _checked(
        self,
        feature: Feature,
        capabilities: Capabilities,
        *,
        tools: tuple[ToolSpec, ...] = (),
        tools_open: bool = False,
        seed: int | None = None,
        pictures: tuple[Picture, ...] = (),
    ) -> FeatureResult:
        request = replace(
            self._request,
            capabilities=capabilities,
            tools=tools,
            tools_open=tools_open,
            seed=seed,
            pictures=pictures,
        )
        outcome = await self._sent(request)
        if isinstance(outcome, ModelError):
            return FeatureResult(feature, False, str(outcome))
        if feature in _CHECKED and not _fits(outcome):
            return FeatureResult(feature, False, "accepted, but the answer does not have the requested form")
        called = bool(outcome.message.tool_calls)
        return FeatureResult(feature, True, "called" if feature is Feature.TOOLS and called else "accepted")

    async def _streamed(self, capabilities: Capabilities) -> FeatureResult:
        pieces: list[str] = []
        receive: Callable[[str], None] = pieces.append
        outcome = await self._sent(replace(self._request, capabilities=capabilities, observer=receive))
        if isinstance(outcome, ModelError):
            return FeatureResult(Feature.STREAMING, False, str(outcome))
        if not pieces:
            return FeatureResult(Feature.STREAMING, False, "accepted, but the answer came in one piece")
        return FeatureResult(Feature.STREAMING, True, f"{len(pieces)} pieces")

    async def _sent(self, request: ChatRequest) -> Completion | ModelError:
        self.calls += 1
        try:
            return await self._transport.complete(request)
        except ModelError as error:
            return error


_MODES = (
    (Feature.JSON_SCHEMA, OutputMode.JSON_SCHEMA),
    (Feature.JSON_OBJECT, OutputMode.JSON_OBJECT),
    (Feature.FORCED_TOOL, OutputMode.TOOL_CALL),
)
_CHECKED = frozenset({Feature.JSON_SCHEMA, Feature.JSON_OBJECT, Feature.FORCED_TOOL})


def _remaining(capabilities: Capabilities, error: ModelError) -> Capabilities | None:
    if not isinstance(error, RequestRejected) or error.effect is None:
        return None
    remaining = capabilities.downgrade(error.effect)
    return None if remaining == capabilities else remaining


def _fits(completion: Completion) -> bool:
    """Return whether the answer, without any repair, is the requested object."""
    try:
        ProbeAnswer.model_validate(json.loads(completion.message.answer))
    except (ValueError, RecursionError, ValidationError):
        return False
    return True


async def _embeddings(embedder: Embedder) -> FeatureResult:
    try:
        vectors = await asyncio.to_thread(embedder.embed, ["probe"])
    except ModelError as error:
        return FeatureResult(Feature.EMBEDDINGS, False, str(error))
    return FeatureResult(Feature.EMBEDDINGS, True, f"{vectors.shape[1]} dimensions")
