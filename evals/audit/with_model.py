"""The check that calls models: decisions about masked and true names, and a question that asks for the name."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, TypeVar

from pydantic import BaseModel, Field

from ...app.settings import Settings
from ...domain.abstention import Abstention
from ...domain.decision import ModelInfo
from ...domain.outputs import StructuredOutput
from ...domain.tool_spec import ToolSpec
from ...llm.budget import Budget
from ...llm.call_log import InMemoryCallLog
from ...llm.port import Model, ModelRequest, Tier, Toolset
from ...market.source import MarketSource
from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from ..plan import PlannedTrack
from .deciding import connected_model, decisions_at, desk_with_model
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
    """A model that is sent masked requests, and whose answers are read about the true names; implements `Model`.

    Charts show the true days, so masked requests have none.
    """

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
            pictures=(),
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
    arms = subject.model_arms
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
    async with connected_model(settings, InMemoryCallLog(), budget) as model:
        plain = await _conviction(settings, source, moment, model)
        masked = await _conviction(settings, source, moment, MaskedModel(model, mask))
        asked = ModelRequest("name_probe", Tier.QUICK, QUESTION, mask.hide(shown), NameGuess)
        guess = await model.generate(asked)
    named = not isinstance(guess, Abstention) and guess.ticker.strip().upper() == str(moment.symbol)
    return MaskedPair(plain, masked, named)


async def _conviction(settings: Settings, source: MarketSource, moment: AuditMoment, model: Model) -> float | None:
    """Return the conviction of a decision for an empty account; None for an abstention."""
    made = await decisions_at(desk_with_model(settings, source, model), settings, moment)
    thesis = next((each.thesis for each in made if each.ticker == moment.symbol), None)
    return None if thesis is None else float(thesis.conviction)
