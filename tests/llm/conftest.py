"""A stub endpoint, a model that talks to it over real sockets, and the questions they are asked."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest
from openoutcry.domain.errors import CitationError
from openoutcry.llm.budget import Budget
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.capability_store import CapabilityStore
from openoutcry.llm.chat import ChatTransport
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.openai_model import ModelHooks, OpenAIModel
from openoutcry.llm.port import ModelRequest, Tier
from openoutcry.llm.transports.answer_limit import AnswerLimitTransport
from openoutcry.llm.transports.budget import BudgetTransport, CallBudget
from openoutcry.llm.transports.http import HttpTransport
from openoutcry.llm.transports.kept_limits import EndpointLimits, KeptLimitsTransport, MeasuredTransport
from openoutcry.llm.transports.limiter import LimitedTransport, RateLimits, RequestLimiter
from openoutcry.llm.transports.negotiated import NegotiatedTransport
from openoutcry.llm.transports.retry_policy import RetryPolicy
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from stub.server import StubServer

KEY = "sk-sentinel-7f3a91c2d4"


class View(BaseModel):
    """A view on a ticker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    summary: Annotated[str, Field(min_length=1)]
    confidence: Annotated[float, Field(ge=0, le=1)]
    evidence: tuple[str, ...]


def cites_known(view: View) -> None:
    """Refuse a view that cites anything but the two facts of the case."""
    if unknown := set(view.evidence) - {"tech.rsi14", "px.close"}:
        raise CitationError(f"the case holds no evidence called {', '.join(sorted(unknown))}")


class Naps:
    """Stands in for sleeping, and remembers how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def view_class() -> type[View]:
    return View


@pytest.fixture
def sentinel() -> str:
    return KEY


@pytest.fixture
def stub() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def log() -> InMemoryCallLog:
    return InMemoryCallLog()


@pytest.fixture
def question() -> Callable[..., ModelRequest[View]]:
    def make(**changes: Any) -> ModelRequest[View]:
        given: dict[str, Any] = {
            "role": "technical",
            "tier": Tier.QUICK,
            "system": "You read the tape.",
            "user": "[tech.rsi14] RSI is 61. [px.close] The close was 100.",
            "answer": View,
            "check": cites_known,
        }
        return ModelRequest(**{**given, **changes})

    return make


@pytest.fixture
async def model(stub: StubServer, naps: Naps, log: InMemoryCallLog) -> AsyncIterator[Callable[..., OpenAIModel]]:
    made: list[OpenAIModel] = []

    def make(url: str | None = None, **options: Any) -> OpenAIModel:
        endpoint = Endpoint(url or stub.url, SecretStr(KEY))
        policy = options.pop("retry_policy", RetryPolicy(attempts=3, timeout_s=5))
        limiter = RequestLimiter(RateLimits(options.pop("max_parallel", 8)))
        spent = CallBudget(options.pop("budget", None) or Budget(), options.pop("prices", {}))
        store = options.pop("store", None) or CapabilityStore()

        known = options.pop("limits", None) or EndpointLimits(endpoint.redacted_url, store)

        def limited(inner: ChatTransport) -> ChatTransport:
            return LimitedTransport(MeasuredTransport(BudgetTransport(inner, spent), known), limiter)

        http = HttpTransport(endpoint, policy, sleep=naps, each_attempt=limited)
        negotiated = NegotiatedTransport(http, endpoint.redacted_url, store)
        transport = AnswerLimitTransport(KeptLimitsTransport(negotiated, known), spent)
        names = ("tokens", "events", "timer")
        hooks = ModelHooks(endpoint.scrub, **{name: options.pop(name) for name in names if name in options})
        given: dict[str, Any] = {"log": log, "hooks": hooks}
        made.append(OpenAIModel(transport, "quick-1", "deep-1", **{**given, **options}))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()
