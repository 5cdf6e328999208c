"""The ways to propose texts: Adaptive-OPRO, and weekly reflection as its control."""

from collections.abc import Sequence
from typing import Protocol

from ...domain.abstention import Abstention
from ...prompts.variants import required_names
from ..unit import UnitDecision
from .attempt import ProposedText
from .feedback import decision_lines, history_lines
from .optimization import Optimization
from .optimizer_model import OptimizerModel
from .outputs import PromptProposal, WeeklyReflection

WEEK = 5
MOST_SHOWN = 10
HEADING = "Reflection on recent sessions:"


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
            optimization.attempt(proposed(model.ask("prompt_optimizer", _inputs(optimization), PromptProposal, number)))


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


def proposed(said: PromptProposal | Abstention) -> ProposedText:
    """Return the text of an answer; an abstention is a text with a defect."""
    if isinstance(said, Abstention):
        return ProposedText("", defect=f"the model gave no valid answer: {said.reason}")
    return ProposedText(said.revised_instructions, said.diagnosis, said.changes, said.expected_effect)


def _inputs(optimization: Optimization) -> dict[str, str]:
    request = optimization.request
    return {
        "prompt": request.prompt.id,
        "names": ", ".join(f"`{name}`" for name in required_names(request.block)) or "none",
        "incumbent": optimization.incumbent.text,
        "history": history_lines(_history(optimization)),
    }


def _history(optimization: Optimization) -> Sequence[tuple[float | None, str, str]]:
    """Return the texts tried so far, the best last; rejected texts first, with the reason."""
    original = optimization.tried[0]
    rows: list[tuple[float | None, str, str]] = [(original.scored.score, "original", original.text)]
    for each in optimization.attempts:
        status = f"{each.status}: {each.reason}" if each.reason else str(each.status)
        rows.append((each.score, status, each.proposed.text))
    return sorted(rows, key=lambda row: -1.0 if row[0] is None else row[0])[-MOST_SHOWN:]


def _reflected(
    optimization: Optimization, model: OptimizerModel, made: Sequence[UnitDecision], number: int
) -> ProposedText:
    inputs = {
        "prompt": optimization.request.prompt.id,
        "week": f"week {number}",
        "decisions": decision_lines(made),
    }
    said = model.ask("weekly_reflector", inputs, WeeklyReflection, number)
    if isinstance(said, Abstention):
        return ProposedText("", defect=f"the model gave no valid answer: {said.reason}")
    return ProposedText(f"{optimization.request.block}\n\n{HEADING}\n{said.reflection.strip()}", said.reflection)
