"""Dry runs: a decision with rules in every role, to show which prompts models would receive."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..desk.decision import DecisionRequest, decide
from ..domain.errors import ConfigError, NoData
from ..domain.ids import RunId
from ..llm.completion import TokenUsage
from ..llm.port import Tier
from ..llm.pricing import Price, price_table
from ..llm.transports.limiter import EXPECTED_ANSWER_TOKENS
from ..prompts.library import RenderedPrompt, load_prompts
from .as_of import parse_as_of
from .clock import now
from .decision_account import check_account_currency
from .desk import dry_run_desk
from .factories import ModelChoice, account_for, choose_model, normalize_symbol, open_market, open_store
from .known_ticker import check_ticker
from .settings import Settings

CHARACTERS_PER_TOKEN = 4
RULES = "rules"


def prompt_tokens(rendered: RenderedPrompt) -> int:
    """Return the estimated length of a prompt in tokens: characters / 4."""
    return (len(rendered.system) + len(rendered.user)) // CHARACTERS_PER_TOKEN


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """The prompt that one role would receive, without calling a model."""

    role: str
    prompt_id: str
    rendered: RenderedPrompt
    tier: Tier = Tier.QUICK

    @property
    def tokens(self) -> int:
        """Return the estimated length in tokens."""
        return prompt_tokens(self.rendered)


@dataclass(frozen=True, slots=True)
class CallEstimate:
    """The expected usage of one role's call.

    Attributes:
        answer_tokens: mean length of the role's stored answers, or that of an answer in general.
        learned: whether the length comes from stored answers of the role.
        cost_usd: None if the model has no price; 0 for rules.
    """

    preview: PromptPreview
    model: str
    answer_tokens: int
    learned: bool
    cost_usd: Decimal | None


def estimate_calls(previews: Sequence[PromptPreview], settings: Settings) -> tuple[CallEstimate, ...]:
    """Return the expected usage of each call. Prompt caching, function calls and corrections are not included.

    The lengths of answers are means over the stored runs. Raises ConfigError for an invalid price table.
    """
    choice, known, prices = choose_model(settings), open_store(settings).answer_tokens(), price_table(settings.prices)
    return tuple(_estimate(preview, choice, known.get(preview.role), prices) for preview in previews)


def _estimate(
    preview: PromptPreview, choice: ModelChoice, learned: int | None, prices: Mapping[str, Price]
) -> CallEstimate:
    model = choice.deep if preview.tier is Tier.DEEP else choice.quick
    if model is None:
        return CallEstimate(preview, RULES, 0, False, Decimal(0))
    answer, price = EXPECTED_ANSWER_TOKENS if learned is None else learned, prices.get(model)
    cost = None if price is None else price.cost(TokenUsage(preview.tokens, 0, answer, estimated=True))
    return CallEstimate(preview, model, answer, learned is not None, cost)


def dry_run(ticker: str, as_of: str | None, settings: Settings) -> tuple[PromptPreview, ...]:
    """Return the prompt of every role, in the order of the calls; raises NoData if no model would be called."""
    source, symbol = open_market(settings), normalize_symbol(ticker)
    check_ticker(settings, source, symbol)
    sent: list[tuple[str, RenderedPrompt]] = []
    timestamp = parse_as_of(as_of, source, symbol, now())
    check_account_currency(settings, source, symbol, timestamp)
    question = DecisionRequest(RunId("rehearsal"), symbol, timestamp, account_for(settings, source, symbol, timestamp))
    with dry_run_desk(settings, source, lambda role, rendered: sent.append((role, rendered))) as desk:
        decision = asyncio.run(decide(desk, question))
    if not sent:
        reason = decision.abstention.reason if decision.abstention else decision.outcome
        raise NoData(f"no model would be called: {reason}")
    roles = {role.name: role for role in desk.team.roles}
    return tuple(PromptPreview(name, roles[name].prompt.id, rendered, roles[name].tier) for name, rendered in sent)


def preview_prompt(prompt_id: str, ticker: str, as_of: str | None, settings: Settings) -> tuple[PromptPreview, ...]:
    """Return the previews of one prompt; raises ConfigError if it is unknown, or not used by the desk here."""
    prompt_id = load_prompts(settings.prompts).get(prompt_id).id
    sent = tuple(one for one in dry_run(ticker, as_of, settings) if one.prompt_id == prompt_id)
    if not sent:
        raise ConfigError(f"prompt {prompt_id!r} is not used for {ticker} by desk {settings.desk!r}")
    return sent
