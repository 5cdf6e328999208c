"""Budgets of attempts: each one is reserved before it is sent, and settled by what it used."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ...domain.errors import BudgetExceeded
from ..budget import NO_CAPS, NOTHING, Budget, BudgetCaps, Reservation, Spending
from ..capabilities import TokenLimit
from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import NO_TOKENS, Completion, TokenUsage
from ..embeddings.transport import EmbeddingReply, EmbeddingRequest, EmbeddingTransport, WrappingEmbeddings
from ..pricing import Price
from ..usage import spending
from .failures import AttemptFailed


@dataclass(frozen=True, slots=True)
class CallBudget:
    """The budget that attempts are spent from.

    Attributes:
        budget: the innermost budget of all calls.
        prices: list prices by model name.
        each: caps of one attempt.
    """

    budget: Budget
    prices: Mapping[str, Price] = field(default_factory=dict)
    each: BudgetCaps = NO_CAPS

    @property
    def limits_answers(self) -> bool:
        """Return whether the length of answers counts: a cap in tokens or USD applies to attempts."""
        level = self.budget.child("call", self.each)
        return level.is_capped_in_tokens or level.is_capped_in_usd

    @contextmanager
    def reserved(self, model: str, presumed: TokenUsage) -> Iterator[Reservation]:
        """Reserve an attempt for a block, and settle it if the block raises; raises as `reserve` does."""
        reservation = self.reserve(model, presumed)
        try:
            yield reservation
        except AttemptFailed as error:
            reservation.settle(self.spent(model, error.failure.lost))
            raise
        except BaseException:
            reservation.keep()
            raise

    def reserve(self, model: str, presumed: TokenUsage) -> Reservation:
        """Reserve the presumed tokens of an attempt; raises BudgetExceeded, also for a model whose cost is unknown."""
        level = self.budget.child("call", self.each)
        if level.is_capped_in_usd and model not in self.prices:
            raise BudgetExceeded(f"the model {model} has no price, so a budget in USD cannot be kept; add its price")
        return level.reserve(spending(model, presumed, self.prices))

    def spent(self, model: str, tokens: TokenUsage) -> Spending:
        """Return what an attempt spent; nothing if the endpoint charged no tokens for it."""
        return spending(model, tokens, self.prices) if tokens != NO_TOKENS else NOTHING


class BudgetTransport(WrappingTransport):
    """Sends an attempt if the budget has room for the most that it can cost.

    A reply is settled by its tokens. A failed attempt stays booked as far as the endpoint may have charged it: not at
    all if it was rejected or never sent, by estimate if it timed out or broke off, and with the whole reservation if it
    was canceled.
    """

    def __init__(self, inner: ChatTransport, budget: CallBudget) -> None:
        super().__init__(inner)
        self._budget = budget

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request`; raises BudgetExceeded, and as the inner transport does."""
        _check_bounded(request)
        with self._budget.reserved(request.model, request.presumed_tokens) as reservation:
            completion = await self._inner.complete(request)
        reservation.settle(spending(request.model, completion.tokens + completion.lost, self._budget.prices))
        return completion


def _check_bounded(request: ChatRequest) -> None:
    """Raise BudgetExceeded for a bounded answer whose length can be neither limited nor cut off."""
    has = request.capabilities
    if request.bounded and not has.keeps_limits:
        raise BudgetExceeded(
            f"the endpoint of {request.model} has ignored the limit on the length of an answer, so a budget in tokens "
            "or USD cannot be kept; cap calls instead, use another endpoint, or let `openoutcry doctor --model` probe "
            "this one again"
        )
    if request.bounded and has.token_limit is TokenLimit.UNLIMITED and not has.stream:
        raise BudgetExceeded(
            f"the endpoint of {request.model} neither limits the length of an answer nor streams it, so a budget in "
            "tokens or USD cannot be kept; cap calls instead, or use another endpoint"
        )


class BudgetedEmbeddings(WrappingEmbeddings):
    """Sends an attempt at embeddings if the budget has room for it; settles it as BudgetTransport does."""

    def __init__(self, inner: EmbeddingTransport, budget: CallBudget) -> None:
        super().__init__(inner)
        self._budget = budget

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """Return the reply of the inner transport; raises BudgetExceeded, and as the inner transport does."""
        with self._budget.reserved(request.model, request.presumed_tokens) as reservation:
            reply = await self._inner.embed(request)
        reservation.settle(spending(request.model, reply.tokens, self._budget.prices))
        return reply
