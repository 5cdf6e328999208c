"""What the checks of an audit that call models are expected to cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ...app.usage_estimate import UsageEstimate
from ...desk.backtest import sessions_to_decide
from ...domain.trading_calendar import trading_calendar
from ..estimate import unit_usage
from ..plan import ExperimentPlan, PlannedTrack
from .model_checks import MODEL_COUNTERFACTUAL, MODEL_PLACEBO, MODEL_SESSIONS
from .sensitivity import first_units
from .subject import MOST_MOMENTS, AuditSubject
from .with_model import MASKED


@dataclass(frozen=True, slots=True)
class AuditEstimate:
    """One check of one arm.

    Attributes:
        decisions: runs of the desk: on one symbol, or over the book.
        calls, tokens: of models; `cost_usd` is None if a price is not known.
    """

    check: str
    arm: str
    decisions: int
    calls: int
    tokens: int
    cost_usd: Decimal | None


def estimate_audit(plan: ExperimentPlan, moments: int = MOST_MOMENTS) -> tuple[AuditEstimate, ...]:
    """Return the expected cost of the checks that call models, without a call; empty if no model decides."""
    subject = AuditSubject(plan, moments=moments)
    return tuple(each for track in subject.model_arms for each in _of_arm(subject, track))


def _of_arm(subject: AuditSubject, track: PlannedTrack) -> Iterator[AuditEstimate]:
    used, sampled = unit_usage(subject.units(track)[0], subject.plan).without_learning, len(subject.sample())
    over_book = track.arm is not None and track.arm.desk.over_book
    runs = used.sessions if over_book else used.decisions
    yield _estimated(MASKED, track, used, runs, decisions=2 * sampled, probes=sampled)
    yield _estimated(MODEL_COUNTERFACTUAL, track, used, runs, decisions=2 * sampled)
    if len(subject.plan.symbols) > 1:
        yield _estimated(
            MODEL_PLACEBO, track, used, runs, decisions=2 * _placebo_runs(subject, track, over_book=over_book)
        )


def _placebo_runs(subject: AuditSubject, track: PlannedTrack, *, over_book: bool) -> int:
    units = first_units(subject, track)
    days = subject.plan.sessions[:MODEL_SESSIONS]
    deciding = len(sessions_to_decide(trading_calendar(units[0].calendar), days, units[0].every))
    return deciding * sum(1 if over_book else len(unit.symbols) for unit in units)


def _estimated(
    check: str, track: PlannedTrack, used: UsageEstimate, runs: int, *, decisions: int, probes: int = 0
) -> AuditEstimate:
    """Scale the usage of `runs` runs; a probe is a call with the tokens of an average one."""
    calls = Decimal(used.calls) / runs * decisions + probes
    share = calls / max(used.calls, 1)
    return AuditEstimate(
        check=check,
        arm=track.name,
        decisions=decisions,
        calls=int(calls),
        tokens=int((used.prompt_tokens + used.answer_tokens) * share),
        cost_usd=None if used.cost_usd is None else used.cost_usd * share,
    )
