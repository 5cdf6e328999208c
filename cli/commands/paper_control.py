"""`openoutcry paper halt | reduce | resume | approvals | approve | deny`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import Console

from ...app.approvals import ApprovalResult, ApprovalService, operator_name
from ...app.daily_stores import open_daily_stores
from ...app.id_prefix import match_id
from ...app.session_approvals import SessionApprovals, settings_of_account
from ...app.settings import load_settings
from ...desk.accounts.approvals import proposal_line
from ...domain.account import AccountState
from ...domain.errors import ConfigError
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from ...ledger.model.order import OrderStatus
from ...ledger.model.proposal import ProposalStatus
from ...ledger.store.ledger import Ledger
from ..console.exit_codes import ExitCode
from ..console.session_progress import SessionProgress
from ..console.tables import print_line, print_notice, print_rows
from .paper import open_configured_ledger, report_account

APPROVAL_COLUMNS = (
    "order_id", "action", "quantity", "symbol", "type", "limit", "stop", "reference", "expires", "awaits", "status",
    "reason",
)  # fmt: skip
GOES_ON = "Cancels, settlement, corporate actions, fees and interest go on."
PERMITTED = {
    AccountState.ACTIVE: "All orders are accepted.",
    AccountState.REDUCING: "Orders that reduce a position are accepted; entries are rejected until `paper resume`.",
    AccountState.HALTED: (
        "All new orders are rejected. `paper reduce` accepts orders that reduce a position, `paper resume` accepts all."
    ),
}


def halt(name: str, reason: str, *, cancel_all: bool, as_json: bool) -> None:
    """Halt the account; with `cancel_all`, cancel its resting exits too."""
    _check_reason(reason)
    with open_configured_ledger() as ledger:
        with ledger.transaction(name) as broker:
            live = _live(broker)
            broker.halt(reason, cancel_all=cancel_all)
        _report_state(ledger, name, live, as_json=as_json)


def reduce(name: str, reason: str, *, as_json: bool) -> None:
    """Accept only orders that reduce a position; a halted account is resumed and reduced in one transaction."""
    _check_reason(reason)
    with open_configured_ledger() as ledger:
        with ledger.transaction(name) as broker:
            live = _live(broker)
            if broker.book.state is AccountState.HALTED:
                broker.resume(reason)
            broker.reduce(reason)
        _report_state(ledger, name, live, as_json=as_json)


def resume(name: str, reason: str, *, as_json: bool) -> None:
    """Accept all orders again."""
    with open_configured_ledger() as ledger:
        with ledger.transaction(name) as broker:
            broker.resume(reason)
        _report_state(ledger, name, (), as_json=as_json)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ConfigError("--reason must not be empty")


def _live(broker: Broker) -> tuple[str, ...]:
    return tuple(order.terms.order_id for order in broker.book.live_orders())


def _report_state(ledger: Ledger, name: str, live: Sequence[str], *, as_json: bool) -> None:
    """Print the account's state, what it accepts and what became of the orders that were `live` before."""
    book = ledger.broker(name).book
    reason = book.halted or book.reducing
    state = f"{name} is {book.state}" + (f": {reason}" if reason else "")
    report_account(ledger, name, state, as_json=as_json)
    if not as_json:
        print_line(PERMITTED[book.state])
        if book.state is not AccountState.ACTIVE:
            print_line(_orders_left(book, live))
        print_line(GOES_ON)


def _orders_left(book: Book, live: Sequence[str]) -> str:
    canceled = [each for each in live if book.orders[each].status is OrderStatus.CANCELED]
    resting = [order.terms.order_id for order in book.live_orders()]
    return f"Orders canceled: {', '.join(canceled) or 'none'}. Orders that still rest: {', '.join(resting) or 'none'}."


def approvals(name: str, *, every: bool, as_json: bool) -> None:
    """Print the orders that wait for approval, or every proposed order."""
    with open_configured_ledger(reading=True) as ledger:
        book = ledger.broker(name).book
        lines = [proposal_line(book, each) for each in book.proposals.values()]
    chosen = [line for line in lines if every or line.status == ProposalStatus.PENDING]
    print_rows(chosen, as_json=as_json, nothing="No orders wait for approval.", columns=APPROVAL_COLUMNS)


@dataclass(frozen=True, slots=True)
class Answer:
    """The arguments of `paper approve` and `paper deny`."""

    account: str
    order: str | None
    session: str | None
    by: str | None
    reason: str
    market: str | None
    approve: bool


def answer(given: Answer, *, as_json: bool) -> ExitCode:
    """Answer one order or those of a session; return REFUSED if one lapsed instead of being approved."""
    if (given.order is None) == (given.session is None):
        raise ConfigError("give either an ORDER or --session DATE")
    settings = settings_of_account(load_settings({}), given.account)
    if given.market:
        settings = settings.model_copy(update={"market": given.market})
    observer = SessionProgress(Console(stderr=True))
    with open_daily_stores(settings) as stores:
        approvals = SessionApprovals(settings, stores, observer, approve=given.approve)
        result = _answered(approvals.service, stores.ledger, given)
    print_rows(result.answered, as_json=as_json, nothing="", columns=APPROVAL_COLUMNS)
    if not as_json and result.waiting:
        print_line(f"Orders of the session that still wait: {result.waiting}")
    for each in result.lapsed:
        print_notice(f"openoutcry: order {each.order_id} was not approved, it has lapsed: {each.reason}")
    for session in approvals.continued:
        print_notice(f"session {session.row.session} of account {session.row.account}: {session.row.status}")
    return ExitCode.REFUSED if given.approve and result.lapsed else ExitCode.DONE


def _answered(service: ApprovalService, ledger: Ledger, given: Answer) -> ApprovalResult:
    by = operator_name() if given.by is None else given.by
    if given.session is not None:
        by_session = service.approve_session if given.approve else service.deny_session
        return by_session(given.account, _session(given.session), by=by, reason=given.reason)
    known = ledger.broker(given.account).book.proposals
    listing = f"openoutcry paper approvals --all --account {given.account}"
    order = given.order or ""
    if any(each.startswith(order) for each in known):  # the service refuses an unknown order
        order = match_id(order, known, "proposed order", listing)
    by_order = service.approve if given.approve else service.deny
    return by_order(given.account, order, by=by, reason=given.reason)


def _session(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--session {text!r} is not a date such as 2025-03-03") from error
