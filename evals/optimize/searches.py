"""The ways to propose texts: Adaptive-OPRO, and weekly reflection as its control."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ...desk.learning.instructions.optimizer_inputs import (
    OPTIMIZER,
    REFLECTOR,
    ScoredText,
    optimizer_inputs,
    reflection_inputs,
    with_reflection,
)
from ...desk.learning.instructions.proposed_text import ProposedText, no_text, proposed
from ...domain.abstention import Abstention
from ...domain.learning_outputs import PromptProposal, WeeklyReflection
from ..unit import UnitDecision
from .feedback import decision_lines
from .optimization import Optimization
from .optimizer_model import OptimizerModel

WEEK = 5


class TextSearch(Protocol):
    """Proposes texts and gives each to `Optimization.attempt`, until the optimization is finished.

    Contract: every proposal that a model was asked for is one attempt, in order; the proposals depend on nothing but
    the optimization and the answers of the model. Errors of `attempt` and of the model are raised.
    """

    def run(self, optimization: Optimization, model: OptimizerModel) -> None:
        """Propose until the optimization is finished."""
        ...


class OproSearch:
    """Implements `TextSearch`: the optimizer sees the scored history of texts (Adaptive-OPRO, ATLAS 2025)."""

    def run(self, optimization: Optimization, model: OptimizerModel) -> None:
        """Propose until the optimization is finished."""
        while not optimization.is_finished:
            number = len(optimization.attempts) + 1
            optimization.attempt(proposed(model.ask(OPTIMIZER, _inputs(optimization), PromptProposal, number)))


class ReflectionSearch:
    """Implements `TextSearch`: a reflection on one week of decisions is added to the original text.

    Proposal n reflects on week n of the scoring sessions, after the last on the first again, as decided with the
    incumbent. The model sees no scores.
    """

    def run(self, optimization: Optimization, model: OptimizerModel) -> None:
        """Propose until the optimization is finished."""
        sessions = optimization.request.sessions
        weeks = [sessions[start : start + WEEK] for start in range(0, len(sessions) - WEEK + 1, WEEK)]
        while not optimization.is_finished:
            number = len(optimization.attempts) + 1
            week = weeks[(number - 1) % len(weeks)]
            accounts = optimization.incumbent.scored.accounts
            made = [each for account in accounts for each in account.decisions if each.session in week]
            optimization.attempt(_reflected(optimization, model, made, number))


def _inputs(optimization: Optimization) -> Mapping[str, str]:
    request = optimization.request
    return optimizer_inputs(request.prompt.id, request.block, optimization.incumbent.text, _tried(optimization))


def _tried(optimization: Optimization) -> Sequence[ScoredText]:
    """Return the texts so far, with the reason of a rejected one."""
    original = optimization.tried[0]
    rows = [ScoredText(original.scored.score, "original", original.text)]
    for each in optimization.attempts:
        status = f"{each.status}: {each.reason}" if each.reason else str(each.status)
        rows.append(ScoredText(each.score, status, each.proposed.text))
    return rows


def _reflected(
    optimization: Optimization, model: OptimizerModel, made: Sequence[UnitDecision], number: int
) -> ProposedText:
    inputs = reflection_inputs(optimization.request.prompt.id, f"week {number}", decision_lines(made))
    said = model.ask(REFLECTOR, inputs, WeeklyReflection, number)
    if isinstance(said, Abstention):
        return no_text(said)
    return ProposedText(with_reflection(optimization.request.block, said.reflection), said.reflection)
