"""The rule of analysts without a rule of their own: the signals in whatever evidence their tools give."""

from collections.abc import Callable

from ...domain.abstention import Abstention
from ...domain.outputs import Report
from ..context import AgentContext
from .debate import SIGNALS_BY_ANALYST
from .signals import report_from


def analyst_rule(name: str) -> Callable[[AgentContext], Report | Abstention]:
    """Return the rule of the analyst `name`, which reports on every signal that its evidence holds."""

    def report(context: AgentContext) -> Report | Abstention:
        signals = [signal for reader in SIGNALS_BY_ANALYST.values() for signal in reader(context)]
        return report_from(name, signals)

    return report
