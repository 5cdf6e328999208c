"""Opens trading accounts of both kinds."""

from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.accounts.stored_account import StoredAccount
from openoutcry.domain.decision import Outcome
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.store.ledger import Ledger


class RecordingAccount(StoredAccount):
    """A stored account whose submitted decisions can be found again, as in a run store."""

    def __init__(self, ledger, name, source):
        self.decisions = {}
        super().__init__(ledger, name, source, self.decisions.get)

    def submit(self, decisions):
        answered = super().submit(decisions)
        self.decisions.update({each.run_id: each for each in answered if each.outcome is not Outcome.ABSTAIN})
        return answered


def open_stored(path, source, rules, cash, name="t"):
    """Open an account in a new database; returns it with its ledger, which the caller closes."""
    ledger = Ledger.open(f"sqlite:///{path}", trading_calendar)
    ledger.create(name, rules)
    with ledger.transaction(name) as broker:
        broker.deposit("opening", cash)
    return RecordingAccount(ledger, name, source), ledger


def open_in_memory(source, rules, cash, name="t"):
    return InMemoryAccount.open(name, rules, cash, source)
