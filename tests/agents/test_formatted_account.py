"""The account as the agents read it."""

from dataclasses import replace
from decimal import Decimal

from decisions import plain_order
from openoutcry.agents.formatting import format_account
from openoutcry.domain.account import Account


def test_a_resting_entry_says_which_exit_it_waits_for(brief):
    close, entry = plain_order("close", brief.symbol, "sell", 10), plain_order("turn", brief.symbol, "short", 5)
    account = Account("t", Decimal(1000), open_orders=(close,), superseded=(replace(entry, awaits="close"),))
    shown = format_account(account, brief)
    assert "R1: short 5 market day, waits until R2 closed the position; R2: sell 10 market day" in shown
