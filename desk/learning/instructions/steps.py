"""The stored steps of a desk that learns its instructions, and what it records of its decisions in between."""

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from ....domain.ids import Symbol
from .optimizer_inputs import ScoredText
from .proposed_text import AttemptStatus

STEP, DECIDED = "instructions.step", "instructions.decided"
"""Kinds of entries."""
ORIGINAL = ""
"""Version of the static block of the prompt file."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WindowScore(_Entry):
    """The score of a text on the sessions between two steps.

    Attributes:
        text: the text, or ORIGINAL.
        score: 0 to 100, 50 for buy-and-hold; None if no benchmark is known.
        total_return, benchmark_return: of the account, and of the symbols bought in equal parts and held.
        shadow: whether the text only answered beside the one in force.
    """

    text: str
    score: float | None
    total_return: float | None = None
    benchmark_return: float | None = None
    shadow: bool = False


class TextVerdict(_Entry):
    """What became of a text that was proposed at an earlier step."""

    text: str
    status: AttemptStatus


class StoredProposal(_Entry):
    """A proposed text; `status` is None if it is tried, otherwise `reason` says why it is not."""

    text: str
    status: AttemptStatus | None = None
    reason: str = ""
    diagnosis: str = ""
    changes: tuple[str, ...] = ()
    expected_effect: str = ""


class InstructionStep(_Entry):
    """One step: the end of a window of sessions and the begin of the next.

    Attributes:
        session, as_of: after which session, and the moment.
        equity, deposited: of the account, in its currency; `deposited` is the sum of deposits less withdrawals.
        symbols: those that the account decides on, for the benchmark of the next window.
        in_force: the text in force from now on, or ORIGINAL.
        version: number of the texts that were put in force until now.
        in_shadow: a text that answers beside it without trading: a new one, or the one before; None for none.
        previous, previous_score: while the text in force is on trial, the text to return to, and its last score.
        scores: of the window that ended.
        verdicts: on texts of earlier steps.
        proposal: the text that was proposed now; None if none was asked for.
    """

    session: date
    as_of: datetime
    equity: Decimal
    deposited: Decimal
    symbols: tuple[Symbol, ...]
    in_force: str = ORIGINAL
    version: int = 0
    in_shadow: str | None = None
    previous: str | None = None
    previous_score: float | None = None
    scores: tuple[WindowScore, ...] = ()
    verdicts: tuple[TextVerdict, ...] = ()
    proposal: StoredProposal | None = None


class DecidedNote(_Entry):
    """One decision between two steps.

    Attributes:
        weight: position in the symbol over equity after the orders, as if all were executed at the last close.
        shadow: the text in shadow, and `shadow_weight` its weight; None if there is none or it abstained.
        outcome, conviction, summary: of the decision.
    """

    session: date
    symbol: Symbol
    weight: float
    shadow: str | None = None
    shadow_weight: float | None = None
    outcome: str = ""
    conviction: float | None = None
    summary: str = ""


def tried_texts(steps: tuple[InstructionStep, ...], original: str) -> list[ScoredText]:
    """Return every text of the steps once, in the order of their proposal, with its mean score and its status.

    Scores in shadow count only for a text that was never in force. `original` is the text of the prompt file.
    """
    live = [score for step in steps for score in step.scores if not score.shadow]
    shadow = [score for step in steps for score in step.scores if score.shadow]
    status = {verdict.text: str(verdict.status) for step in steps for verdict in step.verdicts}
    rows = [ScoredText(_mean(live, ORIGINAL), "original", original)]
    for proposal in (step.proposal for step in steps if step.proposal is not None):
        if proposal.status is not None:
            rows.append(ScoredText(None, f"{proposal.status}: {proposal.reason}", proposal.text))
            continue
        score = _mean(live, proposal.text)
        score = _mean(shadow, proposal.text) if score is None else score
        rows.append(ScoredText(score, status.get(proposal.text, "on trial"), proposal.text))
    return rows


def _mean(scores: list[WindowScore], text: str) -> float | None:
    found = [each.score for each in scores if each.text == text and each.score is not None]
    return sum(found) / len(found) if found else None
