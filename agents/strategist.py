"""The strategist: sets side and confidence for a period, and answers several times so that its certainty is known."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Any

from ..domain.abstention import Abstention
from ..domain.deliberation_outputs import Guidance, PeriodStrategy, StrategyAction
from ..market.view import MarketView
from ..tools.signals.guide import guide_strength, vote_certainty
from .context import AgentContext
from .contributor import Contributor
from .role import Role

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Strategist(Contributor):
    """Answers `samples` times with different seeds; the certainty is the entropy of the answers.

    A rule answers once, with certainty 1, because its answers do not differ; for an observer of prompts, it answers as
    often as a model.
    """

    samples: int = 1

    async def answer(self, role: Role, context: AgentContext, view: MarketView) -> Any:
        """Return the guidance of all answers, or the first abstention if there is no answer."""
        once = role.model is None and role.on_prompt is None
        seeds = range(1 if once else self.samples)
        roles = [role if not seed else replace(role, seed=(role.seed or 0) + seed) for seed in seeds]
        answers = await asyncio.gather(*(Contributor.answer(self, each, context, view) for each in roles))
        strategies = [answer for answer in answers if not isinstance(answer, Abstention)]
        return guidance_of(strategies) if strategies else answers[0]


def guidance_of(strategies: Sequence[PeriodStrategy]) -> Guidance:
    """Return the guidance of repeated answers: the side of the majority, and its lower median confidence.

    The certainty is that of the votes for the two sides; tau = side x confidence / 3 x certainty. If the sides are
    tied, the certainty is at its floor, and the side is that of the first answer.
    """
    actions = [each.action for each in strategies]
    action = max(dict.fromkeys(actions), key=actions.count)
    agreeing = [each for each in strategies if each.action is action]
    confidence = median_low(each.action_confidence for each in agreeing)
    certainty = vote_certainty(actions, len(StrategyAction))
    return Guidance(
        action=action,
        action_confidence=confidence,
        votes=len(strategies),
        agreeing=len(agreeing),
        certainty=round(certainty, DIGITS),
        tau=round(guide_strength(action.sign, confidence, certainty), DIGITS),
        summary=agreeing[0].explanation,
        evidence=tuple(dict.fromkeys(name for each in agreeing for name in each.evidence)),
    )
