"""Earlier decisions of an account with their outcomes, the same from a log in memory and from the run store."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from decisions import Scripted, decision, plain_order
from openoutcry.agents.history_formatting import format_history
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.decision_history import (
    AccountFigures,
    DecisionLog,
    account_figures,
    kept_decision,
)
from openoutcry.desk.records.run_status import Status
from openoutcry.desk.records.run_store import Run, RunStore
from openoutcry.desk.session import SessionPorts, run_session
from openoutcry.desk.shown_history import shown_account
from openoutcry.desk.stated_decision import stated_decision
from openoutcry.desk.stored_history import StoredHistory, figures_of
from openoutcry.domain.account import Account
from openoutcry.domain.decision import Outcome
from openoutcry.domain.ids import Symbol
from openoutcry.domain.past_decision import PastDecision
from openoutcry.domain.proposal import (
    AllocationProposal,
    CashTarget,
    SignalSide,
    SignalsProposal,
    TargetAction,
    TargetCashProposal,
    TradeSignal,
    WeightEntry,
)
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.desk_sections import MemorySpec
from openoutcry.graph.learning_section import NOTHING_LEARNED, LabelsLearning
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.market.view import MarketView
from openoutcry.tests.desk.account_pair import open_in_memory, open_stored

XNYS = trading_calendar("XNYS")
DAYS = XNYS.between(date(2025, 3, 3), date(2025, 3, 7))
CALDR = Symbol("CALDR")
CASH = 10_000_000
KNOWN = AccountFigures(Decimal(100), Decimal("0.01"))


class Reading(Scripted):
    """A scripted strategy that is shown its last decisions."""

    history_length = 3


def desk(learning=NOTHING_LEARNED, **memory):
    """Return a desk that is shown its last decisions."""
    return load_desk("single_agent").model_copy(
        update={"memory": MemorySpec(preset="last", **memory), "learning": learning}
    )


def submitted(run, as_of, *orders, **more):
    return replace(decision(run, CALDR, as_of, *orders, **more), submissions=())


@pytest.fixture
def weekly(demo):
    """Decide at every session of a week in memory: buy 10, hold, buy 5, then nothing."""
    account = InMemoryAccount.open("test", AccountRules(margin=True), CASH, demo)
    buys = [[plain_order(f"o{n}", "CALDR", "buy", n)] if n else [] for n in (10, 0, 5, 0, 0)]
    strategy = Reading(*buys)
    asyncio.run(run_backtest(account, strategy, [CALDR], DAYS[0], DAYS[-1], every=Every.DAY))
    return account, strategy


def test_a_backtest_shows_the_decisions_before_the_session_and_what_their_orders_filled(weekly):
    account, strategy = weekly
    shown = [question.account.past_decisions for question in strategy.asked]
    assert [len(each) for each in shown] == [0, 1, 2, 3, 3]
    assert [each.stated for each in shown[3]] == ["buy 10", "no orders", "buy 5"]
    assert [each.shares for each in shown[3]] == [10, 0, 5]
    first = account.book.orders["o10"]
    assert shown[1][0].cash_change == -Decimal(first.value + first.commission) / 100 < 0
    assert [each.as_of for each in shown[4]] == [XNYS.close(day) for day in DAYS[1:4]]  # the newest three
    assert shown[1][0].equity == Decimal(CASH) / 100
    assert shown[1][0].account_return == 0


def test_only_a_strategy_that_reads_its_history_is_shown_it(demo):
    account = InMemoryAccount.open("test", AccountRules(margin=True), CASH, demo)
    strategy = Scripted([plain_order("o", "CALDR", "buy", 10)], [])
    asyncio.run(run_backtest(account, strategy, [CALDR], DAYS[0], DAYS[1], every=Every.DAY))
    assert [question.account.past_decisions for question in strategy.asked] == [(), ()]


def test_the_log_is_independent_of_the_order_of_writing_and_of_repetition():
    made = [submitted(f"r{n}", XNYS.close(day), plain_order(f"o{n}", "CALDR", "buy", 1)) for n, day in enumerate(DAYS)]
    forward, backward = DecisionLog(), DecisionLog()
    for each in made:
        forward.record([each], KNOWN)
    for each in (*reversed(made), *made):
        backward.record([each], KNOWN)
    now = XNYS.close(DAYS[3])
    assert forward.past(CALDR, now, 10) == backward.past(CALDR, now, 10)
    assert [each.past.as_of for each in forward.past(CALDR, now, 2)] == [XNYS.close(DAYS[1]), XNYS.close(DAYS[2])]


def test_what_was_not_submitted_is_no_past_decision():
    log = DecisionLog()
    log.record([decision("a", CALDR, XNYS.close(DAYS[0]), outcome=Outcome.ABSTAIN)], KNOWN)
    assert not log.past(CALDR, XNYS.close(DAYS[1]), 5)


def test_the_stored_history_equals_the_one_in_memory_and_survives_a_repeated_session(demo, tmp_path):
    rules = AccountRules(margin=True)
    held, (stored, ledger) = open_in_memory(demo, rules, CASH), open_stored(tmp_path / "b.db", demo, rules, CASH)
    runs, log = RunStore(tmp_path / "runs.db"), DecisionLog()
    seen = []
    for account in (held, stored):
        found = {}
        strategy = Reading(*[[plain_order(f"o{n}", "CALDR", "buy", n)] for n in (10, 3, 2)])
        for day in DAYS[:3]:
            history = log if account is held else stored_history(runs, account)
            for _ in range(2):  # the second run repeats nothing
                record = asyncio.run(
                    run_session(
                        account, strategy, [CALDR], day, ports=SessionPorts(find_decision=found.get, history=history)
                    )
                )
                found.update({each.run_id: each for each in record.decisions})
            if account is held:
                log.record(record.decisions, account_figures(account.book))
            else:
                keep(runs, record.decisions)
        seen.append([question.account.past_decisions for question in strategy.asked])
    ledger.close()
    runs.close()
    assert seen[0] == seen[1]
    assert [each.shares for each in seen[1][2]] == [10, 3]


def stored_history(runs, account):
    return StoredHistory(runs, "t", XNYS, figures_of(account.journal_events))


def keep(runs, decisions):
    for each in decisions:
        own = replace(each, account="t")
        runs.begin(Run(each.run_id, each.as_of, each.ticker, each.as_of, "test", Status.RUNNING, None, "{}", "x"))
        runs.record(own, Status.SUBMITTED)
        runs.move(each.run_id, Status.DONE)


def test_the_run_store_returns_submitted_decisions_of_one_account_before_the_moment(tmp_path):
    runs = RunStore(tmp_path / "runs.db")
    for n, day in reversed(list(enumerate(DAYS))):
        keep(runs, [submitted(f"r{n}", XNYS.close(day))])
    keep(runs, [decision("dry", CALDR, XNYS.close(DAYS[0]) + timedelta(hours=1))])
    now = XNYS.close(DAYS[3])
    assert [each.run_id for each in runs.submitted_decisions("t", "CALDR", now, 2)] == ["r1", "r2"]
    assert [each.run_id for each in runs.submitted_decisions("t", "CALDR", now, 9)] == ["r0", "r1", "r2"]
    assert not runs.submitted_decisions("other", "CALDR", now, 9)
    assert not runs.submitted_decisions("t", "GRUND", now, 9)
    runs.close()


def test_a_desk_is_shown_so_many_decisions_within_its_days_with_the_price_since(demo):
    view = MarketView(demo, XNYS.close(DAYS[4]))
    past = tuple(PastDecision(XNYS.close(day), "hold") for day in (date(2025, 1, 6), *DAYS))
    account = Account("t", Decimal(1), past_decisions=past)
    shown = shown_account(account, desk(last=3, within_days=30), view, CALDR).past_decisions
    assert [each.as_of for each in shown] == [XNYS.close(day) for day in DAYS[1:4]]  # none of the moment itself
    bars = {bar.session: bar.close for bar in view.bars(CALDR, count=10)}
    assert not [each for each in view.dividends(CALDR) if each.ex_date in DAYS]
    assert float(shown[0].price_return) == pytest.approx(float(bars[DAYS[4]] / bars[DAYS[1]]) - 1, abs=1e-6)
    one = shown_account(account, desk(last=9, within_days=3), view, CALDR).past_decisions
    assert [each.as_of for each in one] == [XNYS.close(DAYS[1]), XNYS.close(DAYS[2]), XNYS.close(DAYS[3])]


@pytest.mark.parametrize(
    ("proposal", "words", "amount"),
    [
        (AllocationProposal((WeightEntry(CALDR, Decimal("0.25")),)), "weight 0.25", Decimal("0.25")),
        (AllocationProposal((WeightEntry(Symbol("GRUND"), Decimal(1)),)), "weight 0", Decimal(0)),
        (
            TargetCashProposal((CashTarget(CALDR, TargetAction.INCREASE, Decimal(1200), ("cheap",)),)),
            "increase, target 1200",
            Decimal(1200),
        ),
        (TargetCashProposal(()), "not named", None),
        (
            SignalsProposal((TradeSignal(CALDR, SignalSide.BUY, (), ("rates",), Decimal("0.6")),)),
            "buy, probability 0.6",
            Decimal("0.6"),
        ),
    ],
    ids=["weight", "no weight", "target", "not named", "signal"],
)
def test_a_book_decision_is_stated_for_its_symbol(proposal, words, amount):
    stated = stated_decision(replace(decision("r", CALDR, XNYS.close(DAYS[0])), proposal=proposal))
    assert (stated.words, stated.amount) == (words, amount)


def test_a_decision_is_formatted_on_one_line_with_its_outcome():
    past = PastDecision(
        XNYS.close(DAYS[0]),
        "buy 10",
        conviction=Decimal("0.4"),
        reason="It is cheap.\nIgnore this.",
        shares=Decimal(10),
        cash_change=Decimal("-1234.5"),
        account_return=Decimal("0.0123"),
        price_return=Decimal("-0.02"),
    )
    assert format_history([past]) == [
        "decided 2025-03-03: buy 10, conviction +0.40; filled +10 shares, cash -1,234.50; price since -2.00%; "
        "account until then +1.23%; reason: It is cheap. Ignore this."
    ]


def test_a_kept_decision_names_its_orders():
    kept = kept_decision(submitted("r", XNYS.close(DAYS[0]), plain_order("o", "CALDR", "buy", 3)), None)
    assert kept.orders == ("o",)
    assert kept.past.equity is None


def test_a_desk_that_learns_by_labels_is_shown_the_reward_of_each_decision_until_the_next(demo):
    """Closes of CALDR in 2025: 03-03 70.80, 03-04 71.48, 03-05 72.78, 03-06 73.34."""
    equity = (Decimal(1000), Decimal(1010), Decimal(1010))
    past = tuple(
        PastDecision(XNYS.close(day), "hold", equity=worth, commission=paid, price_return=None)
        for day, worth, paid in zip(DAYS, equity, (Decimal(2), Decimal(0), Decimal(0)), strict=False)
    )
    account = Account("t", Decimal(1000), past_decisions=past)
    view = MarketView(demo, XNYS.close(DAYS[3]))
    first, second, third = shown_account(account, desk(LabelsLearning(), last=3), view, CALDR).past_decisions
    assert float(first.reward) == pytest.approx(0.01 - 0.2 * (71.48 / 70.80 - 1) - 0.002, abs=2e-5)
    assert float(second.reward) == pytest.approx(-0.2 * (72.78 / 71.48 - 1), abs=2e-5)
    assert float(third.reward) == pytest.approx(1000 / 1010 - 1 - 0.2 * (73.34 / 72.78 - 1), abs=2e-5)
    assert [each.label for each in (first, second, third)] == ["paid", "cost", "cost"]
    assert "label: paid" in format_history([first])[0]
    unlabelled = shown_account(account, desk(last=3), view, CALDR).past_decisions
    assert {each.label for each in unlabelled} == {""}
