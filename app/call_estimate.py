"""The expected model calls, tokens and cost of the prompts of a decision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ..graph.call_policy import SINGLE_CALL, CallSpec
from ..llm.completion import TokenUsage
from ..llm.pictures import picture_tokens
from ..llm.policy.judging_model import JUDGE_SYSTEM
from ..llm.port import Tier
from ..llm.pricing import Price, price_table
from ..llm.transports.limiter import EXPECTED_ANSWER_TOKENS
from ..prompts.library import RenderedPrompt
from ..tools.charts.kinds import HEIGHT, WIDTH
from .factories import ModelChoice, choose_model, open_store
from .settings import Settings

CHARACTERS_PER_TOKEN = 4
RULES = "rules"
JUDGE = "_judge"
"""How the roles of judges end."""


def prompt_tokens(rendered: RenderedPrompt) -> int:
    """Return the estimated length of a prompt in tokens: characters / 4."""
    return (len(rendered.system) + len(rendered.user)) // CHARACTERS_PER_TOKEN


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """The prompt that one role would receive, without calling a model; `policy` says how often it is sent.

    `charts` is the number of pictures beside the text.
    `answer_tokens` is the presumed length of an answer that is longer than usual ones; None for a usual one.
    """

    role: str
    prompt_id: str
    rendered: RenderedPrompt
    tier: Tier = Tier.QUICK
    policy: CallSpec = SINGLE_CALL
    charts: int = 0
    answer_tokens: int | None = None

    @property
    def tokens(self) -> int:
        """Return the estimated length of the text in tokens."""
        return prompt_tokens(self.rendered)


@dataclass(frozen=True, slots=True)
class CallEstimate:
    """The expected usage of equal calls of one role.

    Attributes:
        calls: number of the calls.
        prompt_tokens: estimated tokens of their prompts together.
        answer_tokens: those of their answers: the mean length of the role's stored answers, or a usual one.
        learned: whether the length comes from stored answers of the role.
        cost_usd: None if the model has no price; 0 for rules.
        charts: number of pictures that are sent with them.
    """

    role: str
    prompt_id: str
    model: str
    calls: int
    prompt_tokens: int
    answer_tokens: int
    learned: bool
    cost_usd: Decimal | None
    charts: int = 0


def estimate_calls(previews: Sequence[PromptPreview], settings: Settings) -> tuple[CallEstimate, ...]:
    """Return the expected usage of each prompt: its calls for answers, second opinions of a cascade, and grades.

    Prompt caching, function calls and corrections are not included; a cascade is counted as if the deep model were
    always asked. The lengths of answers are means over the stored runs. Raises ConfigError for an invalid price table.
    """
    estimator = _Estimator(choose_model(settings), open_store(settings).answer_tokens(), price_table(settings.prices))
    return tuple(each for preview in previews for each in estimator.of(preview))


def summed(estimates: Sequence[CallEstimate]) -> tuple[CallEstimate, ...]:
    """Return one estimate for each role, prompt and model, in the order of their first calls."""
    found = dict[tuple[str, str, str], CallEstimate]()
    for each in estimates:
        key = (each.role, each.prompt_id, each.model)
        found[key] = _plus(found[key], each) if key in found else each
    return tuple(found.values())


def total_cost(costs: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum of costs; None if any is unknown."""
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None


def _plus(one: CallEstimate, other: CallEstimate) -> CallEstimate:
    return replace(
        one,
        calls=one.calls + other.calls,
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        answer_tokens=one.answer_tokens + other.answer_tokens,
        learned=one.learned and other.learned,
        cost_usd=total_cost([one.cost_usd, other.cost_usd]),
        charts=one.charts + other.charts,
    )


@dataclass(frozen=True, slots=True)
class _Estimator:
    choice: ModelChoice
    known: Mapping[str, int]
    prices: Mapping[str, Price]

    def of(self, preview: PromptPreview) -> Iterator[CallEstimate]:
        policy, deep = preview.policy, preview.tier is Tier.DEEP
        if policy.cascade is None:
            yield self._calls(preview, preview.role, policy.samples, preview.tokens, deep=deep)
        else:
            yield self._calls(preview, preview.role, policy.samples, preview.tokens, deep=False)
            yield self._calls(preview, preview.role, policy.samples, preview.tokens, deep=True)
        if policy.grades:
            answer = self.known.get(preview.role, EXPECTED_ANSWER_TOKENS)
            tokens = preview.tokens + answer + len(JUDGE_SYSTEM) // CHARACTERS_PER_TOKEN
            yield self._calls(preview, f"{preview.role}{JUDGE}", policy.grades, tokens, deep=True)

    def _calls(self, preview: PromptPreview, role: str, calls: int, tokens: int, *, deep: bool) -> CallEstimate:
        model = self.choice.deep if deep else self.choice.quick
        if model is None:
            return CallEstimate(role, preview.prompt_id, RULES, calls, calls * tokens, 0, False, Decimal(0))
        charts = preview.charts if role == preview.role else 0  # a judge is not sent the charts
        tokens += charts * picture_tokens(WIDTH, HEIGHT, model)
        learned, price = self.known.get(role), self.prices.get(model)
        presumed = EXPECTED_ANSWER_TOKENS if preview.answer_tokens is None else preview.answer_tokens
        answer = calls * (presumed if learned is None else learned)
        cost = None if price is None else price.cost(TokenUsage(calls * tokens, 0, answer, estimated=True))
        return CallEstimate(
            role, preview.prompt_id, model, calls, calls * tokens, answer, learned is not None, cost, calls * charts
        )
