"""The check that calls models: decisions about masked and true names, and a question that asks for the name."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, TypeVar

from pydantic import BaseModel, Field

from ... import __version__
from ...app.budgets import call_budget
from ...app.factories import account_for, choose_model, open_model
from ...app.model_access import ModelAccess
from ...app.settings import Settings
from ...desk.decision import DecisionRequest, Desk, decide
from ...desk.rule_desk import order_policy
from ...domain.abstention import Abstention
from ...domain.decision import ModelInfo
from ...domain.errors import ConfigError
from ...domain.ids import RunId
from ...domain.outputs import StructuredOutput
from ...domain.tool_spec import ToolSpec
from ...graph.build import build_without_checkpoints
from ...graph.desk_config import load_desk
from ...graph.team_builder import build_team
from ...llm.budget import Budget
from ...llm.call_log import InMemoryCallLog
from ...llm.port import Model, ModelRequest, Tier, Toolset
from ...market.source import MarketSource
from ...prompts.library import load_prompts
from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from ..plan import PlannedTrack
from .masking import Mask, mask_of
from .observation import observe
from .subject import AuditMoment, AuditSubject

MASKED = "masked against unmasked"
LEAST_AGREEMENT = 0.5
QUESTION = (
    "The names and days in this material are replaced by others. Which company is it really about? Answer with its "
    "true exchange ticker, or with UNKNOWN if you cannot tell."
)
T = TypeVar("T", bound=BaseModel)


class NameGuess(StructuredOutput):
    """The true exchange ticker of the company, or UNKNOWN."""

    schema_name: ClassVar[str] = "NameGuess"

    ticker: Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class MaskedTools:
    """Functions whose results are masked, and whose arguments are read about the true names."""

    inner: Toolset
    mask: Mask

    @property
    def specs(self) -> Sequence[ToolSpec]:
        return self.inner.specs

    def call(self, name: str, arguments: str) -> str:
        return self.mask.hide(self.inner.call(name, self.mask.reveal(arguments)))


@dataclass(frozen=True, slots=True)
class MaskedModel:
    """A model that is sent masked requests, and whose answers are read about the true names; implements `Model`."""

    inner: Model
    mask: Mask

    @property
    def info(self) -> ModelInfo:
        return self.inner.info

    async def generate(self, request: ModelRequest[T]) -> T | Abstention:
        sent = replace(
            request,
            system=self.mask.hide(request.system),
            user=self.mask.hide(request.user),
            check=lambda answer: request.check(self._revealed(answer)),
            tools=None if request.tools is None else MaskedTools(request.tools, self.mask),
        )
        answer = await self.inner.generate(sent)
        return answer if isinstance(answer, Abstention) else self._revealed(answer)

    def _revealed(self, answer: T) -> T:
        return type(answer).model_validate_json(self.mask.reveal(answer.model_dump_json()))


@dataclass(frozen=True, slots=True)
class MaskedPair:
    """Convictions of two decisions about one moment, masked and not (None: abstained), and whether it was named."""

    plain: float | None
    masked: float | None
    named: bool

    @property
    def agrees(self) -> bool:
        """Return whether both have the same direction."""
        return _sign(self.plain) == _sign(self.masked)


def _sign(conviction: float | None) -> int | None:
    return None if conviction is None else (conviction > 0) - (conviction < 0)


def masked_against_unmasked(subject: AuditSubject, budget: Budget) -> CheckView:
    """Warn if a model names a masked company, or if masking changes the direction of more than half of the decisions.

    Every sampled decision is made twice, and the name is asked for once; the calls are inside `budget`.
    """
    arms = [track for track in subject.arms if track.arm is not None and track.arm.has_model]
    if not arms:
        return verdict_view(MASKED, CheckVerdict.PASSED, "No model decides: rules do not read names.")
    details, verdict = list[str](), CheckVerdict.PASSED
    for track in arms:
        pairs = [_pair(subject, track, moment, budget) for moment in subject.sample()]
        named, agreeing = sum(pair.named for pair in pairs), sum(pair.agrees for pair in pairs)
        if named or agreeing < LEAST_AGREEMENT * len(pairs):
            verdict = CheckVerdict.WARNING
        details.append(
            f"{track.name}: {agreeing} of {len(pairs)} decisions have the same direction with masked names and days; "
            f"the model names the company in {named}"
        )
    return verdict_view(MASKED, verdict, "; ".join(details) + ".")


def _pair(subject: AuditSubject, track: PlannedTrack, moment: AuditMoment, budget: Budget) -> MaskedPair:
    settings, source = subject.settings(track), subject.adapter(subject.market(track))
    shown = next(iter(observe(settings, source, moment).texts.values()), "")
    return asyncio.run(_asked(settings, source, moment, mask_of(source, moment, subject.plan.symbols), shown, budget))


async def _asked(
    settings: Settings, source: MarketSource, moment: AuditMoment, mask: Mask, shown: str, budget: Budget
) -> MaskedPair:
    """Decide with true and with masked names, and ask for the name of what is `shown`."""
    calls = InMemoryCallLog()
    model = open_model(settings, choose_model(settings), calls, ModelAccess(call_budget(settings, calls, budget), None))
    if model is None:
        raise ConfigError("the arm has no model")
    async with model:
        plain = await _conviction(settings, source, moment, model)
        masked = await _conviction(settings, source, moment, MaskedModel(model, mask))
        asked = ModelRequest("name_probe", Tier.QUICK, QUESTION, mask.hide(shown), NameGuess)
        guess = await model.generate(asked)
    named = not isinstance(guess, Abstention) and guess.ticker.strip().upper() == str(moment.symbol)
    return MaskedPair(plain, masked, named)


async def _conviction(settings: Settings, source: MarketSource, moment: AuditMoment, model: Model) -> float | None:
    """Return the conviction of a decision for an empty account; None for an abstention."""
    file, prompts = load_desk(settings.desk), load_prompts(settings.prompts)
    desk = Desk(
        file=file,
        team=build_team(file, prompts, model, order_policy(settings.limits, settings.portfolio), seed=settings.seed),
        graph=build_without_checkpoints(file),
        source=source,
        limits=settings.limits,
        model=model.info,
        calls=InMemoryCallLog(),
        prices={},
        seed=settings.seed,
        version=__version__,
        timer=time.perf_counter,
        time_limit_s=settings.decision_timeout_s,
    )
    account = account_for(settings, source, moment.symbol, moment.as_of)
    made = await decide(desk, DecisionRequest(RunId("audit"), moment.symbol, moment.as_of, account))
    return None if made.thesis is None else float(made.thesis.conviction)
