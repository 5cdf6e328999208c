"""The rule of analysts without a rule of their own: the signals in whatever evidence their tools give."""

from collections.abc import Callable, Iterable

from ...domain.abstention import Abstention
from ...domain.ids import EvidenceId
from ...domain.outputs import Report
from ..context import AgentContext
from .debate import SIGNALS_BY_ANALYST
from .insider import insider_signals
from .signals import Signal, report_from

POSITION, RECORD = "sig.", ".record"
"""Prefix of the positions of trading rules, and suffix of their records."""


def analyst_rule(name: str) -> Callable[[AgentContext], Report | Abstention]:
    """Return the rule of the analyst `name`, which reports on every signal that its evidence holds."""

    def report(context: AgentContext) -> Report | Abstention:
        signals = [signal for reader in SIGNALS_BY_ANALYST.values() for signal in reader(context)]
        return report_from(name, [*signals, *insider_signals(context), *_positions(context)])

    return report


def _positions(context: AgentContext) -> Iterable[Signal]:
    """Yield the positions, -1 to 1, of trading rules, each with the same weight."""
    for item in context.evidence:
        if item.id.startswith(POSITION) and not item.id.endswith(RECORD) and item.value is not None:
            name = item.id.removeprefix(POSITION)
            score = max(-1.0, min(1.0, float(item.value)))
            yield Signal(score, 1.0, f"The rule {name} is at {score:+z.2f}.", (EvidenceId(item.id),))
