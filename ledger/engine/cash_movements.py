"""Deposits and withdrawals, once per reference."""

from ...domain.errors import OrderRejected
from ..book.margin import withdrawable
from ..model.events import Deposited
from ..orders.recorder import EventRecorder


def deposit(recorder: EventRecorder, reference: str, amount: int) -> None:
    """Deposit `amount` minor units; raises OrderRejected if it is not positive or the reference has another amount."""
    if amount <= 0:
        raise OrderRejected(f"a deposit of {amount} is not positive; nothing was booked")
    _move(recorder, reference, amount)


def withdraw(recorder: EventRecorder, reference: str, amount: int) -> None:
    """Withdraw `amount` minor units; raises OrderRejected like `deposit`, and for cash that is not free."""
    if amount <= 0:
        raise OrderRejected(f"a withdrawal of {amount} is not positive; nothing was booked")
    book = recorder.book
    if reference not in book.references and amount > (limit := withdrawable(book)):
        raise OrderRejected(f"{amount} cannot be withdrawn, only {limit} minor units are free; withdraw less")
    _move(recorder, reference, -amount)


def _move(recorder: EventRecorder, reference: str, amount: int) -> None:
    booked = recorder.book.references.get(reference)
    if booked is None:
        recorder.record(Deposited(reference, amount))
    elif booked != amount:
        raise OrderRejected(f"the reference {reference} was used for another amount; choose a new one")
