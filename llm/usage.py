"""Usage of model calls: tokens and seconds by role, and cost if prices are known."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ..domain.decision import RoleUsage
from .budget import Spending
from .completion import TokenUsage
from .port import ModelCall
from .pricing import Price


def usage_by_role(calls: Sequence[ModelCall]) -> Mapping[str, RoleUsage]:
    """Return the usage per role, in order of each role's first call."""
    total: dict[str, RoleUsage] = {}
    for call in calls:
        so_far = total.get(call.role, RoleUsage(0, 0, 0, 0, 0.0))
        total[call.role] = RoleUsage(
            model_calls=so_far.model_calls + 1,
            prompt_tokens=so_far.prompt_tokens + call.prompt_tokens,
            cached_tokens=so_far.cached_tokens + call.cached_tokens,
            completion_tokens=so_far.completion_tokens + call.completion_tokens,
            wall_s=so_far.wall_s + call.wall_s,
        )
    return total


def cost_usd(calls: Sequence[ModelCall], prices: Mapping[str, Price]) -> Decimal | None:
    """Return the cost of `calls` in USD; None if the price of any model is missing."""
    if any(call.model not in prices for call in calls):
        return None
    return sum((prices[call.model].cost(_tokens(call)) for call in calls), Decimal(0))


def spending(model: str, tokens: TokenUsage, prices: Mapping[str, Price]) -> Spending:
    """Return one call of `model` as an amount of a budget; it costs nothing if the model has no price."""
    price = prices.get(model)
    return Spending(1, tokens.prompt + tokens.completion, Decimal(0) if price is None else price.cost(tokens))


def spent_in(calls: Sequence[ModelCall], prices: Mapping[str, Price]) -> Spending:
    """Return the sum of finished calls as an amount of a budget."""
    return sum((spending(call.model, _tokens(call), prices) for call in calls), Spending())


def _tokens(call: ModelCall) -> TokenUsage:
    return TokenUsage(call.prompt_tokens, call.cached_tokens, call.completion_tokens, call.estimated)
