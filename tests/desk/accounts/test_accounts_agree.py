"""A stored and an in-memory account end in the same state by the same orders on the same bars."""

import asyncio
from collections import Counter
from itertools import count

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from openoutcry.desk.session import run_session
from openoutcry.domain.errors import ConfigError
from openoutcry.ledger.book.wire_names import event_name
from openoutcry.ledger.model.account_rules import AccountRules, BarInterval, SplitPolicy
from openoutcry.ledger.pricing.commission import Commission, CommissionKind
from openoutcry.ledger.pricing.slippage import Slippage, SlippageKind
from openoutcry.ledger.reports.audit import check_book
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.desk.account_pair import open_in_memory, open_stored
from openoutcry.tests.desk.random_market import (
    DAYS,
    SYMBOLS,
    PlannedStrategy,
    markets,
    plans,
)

NUMBER = count()
rules = st.builds(
    AccountRules,
    margin=st.booleans(),
    split_orders=st.sampled_from(SplitPolicy),
    bars=st.sampled_from(BarInterval),
    cash_bps=st.sampled_from([0, 300]),
    borrow_bps=st.sampled_from([0, 30]),
    fractional=st.booleans(),
    slippage=st.builds(Slippage, st.just(SlippageKind.FIXED), bps=st.integers(0, 5)),
    commission=st.builds(Commission, st.just(CommissionKind.BPS), rate=st.integers(0, 3)),
)


def lived(account, plan, skipped):
    """Run all sessions but the `skipped` ones; return the state after each, and the error that stopped it, if any."""
    states = []
    for session in DAYS:
        if session in skipped:
            continue
        try:
            record = asyncio.run(run_session(account, PlannedStrategy(plan), SYMBOLS, session))
        except ConfigError as error:
            return [*states, str(error)]
        answers = [each.submissions for each in record.decisions]
        states.append((account.book.state_hash(), record.events, answers))
    return states


@given(market=markets, plan=plans, rules=rules, skipped=st.sets(st.sampled_from(DAYS[1:-1]), max_size=3))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_accounts_end_in_the_same_state(tmp_path, market, plan, rules, skipped):
    folder = tmp_path / str(next(NUMBER))
    source = market.write(folder / "market")
    stored, ledger = open_stored(folder / "book.db", source, rules, 10_000_000)
    try:
        memory = open_in_memory(source, rules, 10_000_000)
        assert lived(memory, plan, skipped) == lived(stored, plan, skipped)
        assert not [check for check in verify(ledger, "t") if check.breaches]
        assert not [check for check in check_book(memory.broker.journal, memory.book) if check.breaches]
        for kind, number in Counter(event_name(each) for each in memory.broker.journal.events).items():
            event(f"{kind}: {'some' if number else 'none'}")
    finally:
        ledger.close()
