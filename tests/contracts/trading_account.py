"""What every trading account must keep. An implementation's test subclasses the contract and opens accounts:

class TestMyAccount(TradingAccountContract):
    @pytest.fixture
    def opened(self): ...   # opened(source, rules, cash) -> TradingAccount
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from decisions import decision, plain_order
from openoutcry.desk.accounts.account import TradingAccount
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConflictError, DuplicateOrder, SourceUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.book.wire_names import event_name
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.market.source import MarketSource

XNYS = trading_calendar("XNYS")
CASH = 10_000_000
SYMBOL = Symbol("CALDR")
DAYS = XNYS.between(date(2025, 3, 3), date(2025, 3, 14))
FIRST, SECOND, THIRD = DAYS[:3]
Opened = Callable[..., TradingAccount]


class Outage:
    """A market that cannot be asked for splits from a moment on."""

    def __init__(self, source: MarketSource, since: date) -> None:
        self.source, self.since = source, XNYS.close(since)

    def __getattr__(self, name: str) -> object:
        return getattr(self.source, name)

    def splits(self, symbol: Symbol, *, until: object) -> object:
        if until >= self.since:
            raise SourceUnavailable("no splits today")
        return self.source.splits(symbol, until=until)


def bought(session=FIRST, quantity=100, **more):
    """Return a decision at the close of a session to buy."""
    return decision("r1", SYMBOL, XNYS.close(session), plain_order("b", SYMBOL, "buy", quantity, **more))


class TradingAccountContract:
    """The promises of `TradingAccount`, on the demo market."""

    @pytest.fixture
    def account(self, opened: Opened, demo: MarketSource) -> TradingAccount:
        return opened(demo, AccountRules(margin=True), CASH)

    def test_orders_fill_in_the_session_after_the_one_they_were_submitted_at(self, account: TradingAccount) -> None:
        account.advance(FIRST)
        (answered,) = account.submit([bought()])
        assert [answer.accepted for answer in answered.submissions] == [True]
        assert account.view(SYMBOL).quantity(SYMBOL) == 0
        events = account.advance(SECOND)
        assert account.view(SYMBOL).quantity(SYMBOL) == 100
        assert {event_name(event) for event in events.events} >= {"Filled", "BarClosed"}
        assert (events.session, events.active) == (SECOND, (SYMBOL,))

    def test_a_session_that_was_processed_changes_nothing(self, account: TradingAccount) -> None:
        account.advance(FIRST)
        account.submit([bought()])
        account.advance(SECOND)
        before = account.book.state_hash()
        assert account.advance(SECOND).events == ()
        assert account.book.state_hash() == before
        with pytest.raises(ConflictError, match="its past"):
            account.advance(FIRST)
        assert account.book.state_hash() == before

    def test_missed_sessions_are_processed_one_by_one(self, opened: Opened, demo: MarketSource) -> None:
        hashes = []
        for steps in (DAYS, (DAYS[0], DAYS[-1])):
            account = opened(demo, AccountRules(margin=True), CASH)
            account.advance(FIRST)
            account.submit([bought()])
            for session in steps:
                account.advance(session)
            hashes.append(account.book.state_hash())
        assert hashes[0] == hashes[1]

    def test_a_failed_session_leaves_no_trace_and_the_ones_before_it_stay(
        self, opened: Opened, demo: MarketSource
    ) -> None:
        account = opened(Outage(demo, THIRD), AccountRules(margin=True), CASH)
        account.advance(FIRST)
        account.submit([bought()])
        with pytest.raises(SourceUnavailable):
            account.advance(DAYS[-1])
        assert account.book.session == SECOND.isoformat()
        assert account.view(SYMBOL).quantity(SYMBOL) == 100

    def test_the_view_changes_nothing_and_sets_resting_entries_apart(self, account: TradingAccount) -> None:
        account.advance(FIRST)
        account.submit([bought(limit="1.00")])
        account.advance(SECOND)
        before = account.book.state_hash()
        view = account.view(SYMBOL)
        assert [order.client_order_id for order in view.superseded] == ["b"]
        assert view.open_orders == ()
        assert [(past.asked, past.filled, past.status) for past in view.last_orders] == [(100, 0, "open")]
        assert account.book.state_hash() == before

    def test_the_same_decision_again_gets_the_same_answer_and_changes_nothing(self, account: TradingAccount) -> None:
        account.advance(FIRST)
        answered = account.submit([bought()])
        account.advance(SECOND)
        before = account.book.state_hash()
        assert account.submit([bought()]) == answered
        assert account.book.state_hash() == before
        with pytest.raises(DuplicateOrder):
            account.submit([bought(quantity=5)])
        assert account.book.state_hash() == before

    def test_decisions_are_submitted_all_or_none(self, account: TradingAccount) -> None:
        account.advance(SECOND)
        before = account.book.state_hash()
        late = decision("late", "VEXIL", XNYS.close(FIRST), plain_order("l", "VEXIL", "buy", 1))
        for batch in ([bought(SECOND), late], [late, bought(SECOND)]):
            with pytest.raises(ConflictError, match="decide anew"):
                account.submit(batch)
            assert account.book.state_hash() == before

    def test_a_rejected_order_is_an_answer_and_the_others_stand(self, account: TradingAccount) -> None:
        account.advance(FIRST)
        other = Symbol("VEXIL")
        dear = decision("r2", other, XNYS.close(FIRST), plain_order("d", other, "buy", 10**6))
        answers = [answer for each in account.submit([dear, bought()]) for answer in each.submissions]
        assert [(each.accepted, each.reason) for each in answers] == [(False, "insufficient_buying_power"), (True, "")]

    def test_an_abstention_is_returned_unchanged_and_leaves_everything(self, account: TradingAccount) -> None:
        account.advance(FIRST)
        account.submit([bought(limit="1.00")])
        account.advance(SECOND)
        before = account.book.state_hash()
        silent = decision("r2", SYMBOL, XNYS.close(SECOND), outcome=Outcome.ABSTAIN)
        assert list(account.submit([silent])) == [silent]
        assert account.book.state_hash() == before

    def test_a_decision_replaces_the_resting_entries_that_it_lists_and_no_others(self, account: TradingAccount) -> None:
        account.advance(FIRST)
        account.submit([bought(limit="1.00")])
        account.advance(SECOND)
        hold = decision("r2", SYMBOL, XNYS.close(SECOND))
        with pytest.raises(ConflictError, match="decide on CALDR anew"):
            account.submit([hold])
        (answered,) = account.submit([replace(hold, superseded=("b",))])
        assert answered.superseded == ("b",)
        assert account.view(SYMBOL).superseded == ()

    def test_a_cash_account_cannot_sell_short(self, opened: Opened, demo: MarketSource) -> None:
        account = opened(demo, AccountRules(), CASH)
        account.advance(FIRST)
        short = decision("r1", SYMBOL, XNYS.close(FIRST), plain_order("s", SYMBOL, "short", 1))
        (answered,) = account.submit([short])
        assert [answer.accepted for answer in answered.submissions] == [False]
        assert not account.view(SYMBOL).margin
