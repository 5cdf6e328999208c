"""Who sits where: from a desk file, the prompts and a model to the members of a desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..agents.analyst import Analyst
from ..agents.analyst import Rule as AnalystRule
from ..agents.arithmetic import Arithmetic
from ..agents.reflector import Reflector, plainly
from ..agents.research_manager import ResearchManager
from ..agents.researcher import Researcher
from ..agents.risk_committee import RiskManager, RiskVoice
from ..agents.rules import committee, debate, fundamentals, macro, news, orders, technical, thesis
from ..agents.rules import solo as solo_rule
from ..agents.seat import Seat
from ..agents.solo import Solo
from ..agents.trader import Trader
from ..domain.errors import ConfigError
from ..llm.port import Model, Tier
from ..prompts.book import PromptBook, Rendered
from ..tools.toolbox import tools_named
from .bench import Members
from .desk_file import DeskFile, RoleSpec

Rehearse = Callable[[str, Rendered], None]

ANALYST_RULES: Mapping[str, AnalystRule] = {
    "technical": technical.technical,
    "news": news.news,
    "fundamentals": fundamentals.fundamentals,
    "macro": macro.macro,
}


def seat_members(
    desk: DeskFile,
    prompts: PromptBook,
    model: Model | None,
    arithmetic: Arithmetic,
    *,
    seed: int,
    rehearse: Rehearse | None = None,
) -> Members:
    """Seat everyone that `desk` names; with `model` None, every role is answered by its rule.

    `rehearse` is then shown what a model would have been sent, by the name of the seat.

    Raises ConfigError for an unknown tool, a missing prompt, or an analyst that no rule answers for.
    """
    seating = _Seating(prompts, model, seed, rehearse)
    if desk.solo is not None:
        solo = Solo(seating.of(desk.solo), desk.solo.tools, solo_rule.decide_alone, arithmetic)
        voices, chair = _voices(desk, seating), _chair(desk, seating)
        return Members(solo=solo, voices=voices, chair=chair, reflector=_reflector(desk, seating))
    return Members(
        analysts=tuple(_analyst(spec, seating) for spec in desk.analysts),
        researchers=tuple(
            Researcher(seating.take(side, "researcher"), side, debate.argue) for side in desk.deliberation.sides
        ),
        manager=ResearchManager(seating.take("research_manager", tier=Tier.DEEP), thesis.judge),
        trader=Trader(seating.take("trader"), orders.plan_orders, arithmetic),
        rounds=desk.deliberation.rounds,
        voices=_voices(desk, seating),
        chair=_chair(desk, seating),
        reflector=_reflector(desk, seating),
    )


@dataclass(frozen=True, slots=True)
class _Seating:
    prompts: PromptBook
    model: Model | None
    seed: int
    rehearse: Rehearse | None

    def take(self, name: str, prompt: str | None = None, tier: Tier = Tier.QUICK) -> Seat:
        # A plain string: a side or an appetite would put a type of its own into every checkpoint.
        return Seat(str(name), self.prompts.get(prompt or name), self.model, tier, self.seed, self.rehearse)

    def of(self, spec: RoleSpec) -> Seat:
        tools_named(spec.tools)
        return self.take(spec.name, spec.prompt, spec.model)


def _analyst(spec: RoleSpec, seating: _Seating) -> Analyst:
    rule = ANALYST_RULES.get(spec.name)
    if rule is None and seating.model is None:
        known = ", ".join(ANALYST_RULES)
        raise ConfigError(f"no rule answers for the analyst {spec.name!r}; use a model, or one of {known}")
    return Analyst(seating.of(spec), spec.tools, rule, calls_tools=spec.call_tools)


def _voices(desk: DeskFile, seating: _Seating) -> tuple[RiskVoice, ...]:
    return tuple(
        RiskVoice(seating.take(appetite, "risk_voice"), appetite, committee.speak) for appetite in desk.risk.committee
    )


def _reflector(desk: DeskFile, seating: _Seating) -> Reflector | None:
    return Reflector(seating.take("reflector"), plainly) if desk.memory.kept else None


def _chair(desk: DeskFile, seating: _Seating) -> RiskManager | None:
    if desk.risk.chair is None:
        return None
    return RiskManager(seating.take("risk_manager", tier=Tier.DEEP), committee.review)
