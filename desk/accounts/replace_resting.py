"""Entries that earlier decisions left resting: when a later decision takes their place."""

from collections.abc import Callable, Iterable

from ...domain.decision import Outcome
from ...domain.ids import RunId, Symbol
from ...ledger.book.journal import Journal
from ...ledger.broker import Broker

SubmitFunction = Callable[[Broker], Iterable[bool]]
"""Sends the orders of a decision to a broker, and says of each whether it was taken."""


def replace_resting_entries(
    broker: Broker, run_id: RunId, symbol: Symbol, outcome: Outcome, *, intentional: bool, send: SubmitFunction | None
) -> None:
    """Note a decision and, where it takes their place, cancel the entries that rest for its symbol.

    A hold does if it was meant (`on_purpose`), orders do if one of them will be taken. They are tried on a copy of the
    account, for what rests may hold the buying power that they need; `send` is None where there are none.
    """
    if send is None or not broker.replaceable_entries(symbol):
        supersedes = intentional
    else:
        trial = trial_broker(broker)
        trial.record_decision(run_id, symbol, outcome)
        supersedes = any(send(trial))
    broker.record_decision(run_id, symbol, outcome, supersedes=supersedes)


def trial_broker(broker: Broker) -> Broker:
    """Return a broker on a copy of the account, to try decisions and orders; its journal has only their events.

    It must not process bars or corporate actions.
    """
    return Broker(Journal(), broker.book.trial(), broker.sessions)
