"""What a desk that learns its instructions records of a decision, and what its reflector is shown of it."""

from datetime import date
from decimal import Decimal

import pytest
from broker_session import order
from openoutcry.desk.learning.instructions.decided import DecidedOrders, decided_note, week_lines, weight_after
from openoutcry.desk.learning.instructions.proposed_text import AttemptStatus, ProposedText, proposed
from openoutcry.desk.learning.instructions.steps import DecidedNote
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.brief import Brief
from openoutcry.domain.decision import Outcome
from openoutcry.domain.ids import Symbol
from openoutcry.domain.learning_outputs import PromptProposal
from openoutcry.domain.market import Quote
from openoutcry.domain.orders import Action
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.view import MarketView
from scripted_answers import THESIS

XNYS = trading_calendar("XNYS")
HALDM = Symbol("HALDM")
MONDAY, TUESDAY, WEDNESDAY = date(2025, 2, 10), date(2025, 2, 11), date(2025, 2, 12)
"""HALDM closes at 179.08, 177.44 and 176.44."""
PRICE = Decimal(100)


def brief(cash=8_000, held=20):
    holdings = {HALDM: Holding(HALDM, Decimal(held), PRICE, PRICE)}
    account = Account("test", Decimal(cash), holdings=holdings)
    quote = Quote(HALDM, MONDAY, PRICE, Decimal("0.02"), Decimal(2), Decimal(1_000_000))
    return Brief(HALDM, XNYS.close(MONDAY), MONDAY, TUESDAY, quote, account, synthetic=True)


def ended(*orders, outcome=Outcome.ORDERS):
    return DecidedOrders(
        outcome, [order(HALDM, action, quantity, leg) for leg, (action, quantity) in enumerate(orders)]
    )


@pytest.mark.parametrize(
    ("orders", "weight"),
    [
        ((), 0.2),
        (((Action.BUY, 10), (Action.BUY, 5)), 0.35),
        (((Action.SELL, 20),), 0.0),
        (((Action.SHORT, 40),), -0.2),
    ],
    ids=["none", "buys", "sells", "shorts"],
)
def test_the_weight_counts_what_is_held_and_every_order(orders, weight):
    assert weight_after(brief(), ended(*orders)) == pytest.approx(weight)


@pytest.mark.parametrize("cash", [-2_000, -3_000], ids=["none", "negative"])
def test_an_account_without_equity_has_no_weight(cash):
    assert weight_after(brief(cash), ended((Action.BUY, 10))) == 0


def test_a_decision_is_recorded_with_the_weights_of_both_texts():
    thesis = THESIS.model_copy(update={"summary": "s" * 159 + "abc"})
    note = decided_note(brief(), thesis, ended((Action.BUY, 10)), "new", ended((Action.SELL, 10)))
    assert (note.session, note.symbol, note.outcome) == (MONDAY, HALDM, "orders")
    assert (note.weight, note.shadow, note.shadow_weight) == (pytest.approx(0.3), "new", pytest.approx(0.1))
    assert (note.conviction, note.summary) == (thesis.conviction, "s" * 159 + "a")


@pytest.mark.parametrize("shadowed", [None, ended(outcome=Outcome.ABSTAIN)], ids=["no text", "an abstention"])
def test_without_an_answer_of_the_text_in_shadow_there_is_no_weight_of_it(shadowed):
    note = decided_note(brief(), None, ended(outcome=Outcome.ABSTAIN), "new", shadowed)
    assert (note.shadow_weight, note.weight) == (None, pytest.approx(0.2))
    assert (note.outcome, note.conviction, note.summary) == ("abstain", None, "")


def test_a_week_is_shown_with_the_return_that_followed_each_decision(demo):
    view = MarketView(demo, XNYS.close(WEDNESDAY))
    notes = [
        DecidedNote(session=MONDAY, symbol=HALDM, weight=0.25, outcome="orders", conviction=-0.5, summary="It falls."),
        DecidedNote(session=WEDNESDAY, symbol=HALDM, weight=0.0, outcome="abstain"),
    ]
    assert week_lines(view, notes).splitlines() == [
        f"- 2025-02-10 HALDM: orders; weight +0.25; conviction -0.50; return that followed {177.44 / 179.08 - 1:+.2%}; "
        "It falls.",
        "- 2025-02-12 HALDM: abstain; weight +0.00; conviction none; return that followed unknown; ",
    ]
    assert week_lines(view, []) == "no decision"


def test_an_answer_is_a_text_with_its_reasons_and_an_abstention_one_with_a_defect():
    said = PromptProposal(
        diagnosis="It buys too late.",
        changes=("Buy sooner.",),
        expected_effect="More return.",
        revised_instructions="New.",
    )
    assert proposed(said) == ProposedText("New.", "It buys too late.", ("Buy sooner.",), "More return.", "")
    silent = proposed(Abstention("prompt_optimizer", AbstentionCause.ANSWER, "prose"))
    assert silent == ProposedText("", "", (), "", "the model gave no valid answer: prose")


def test_the_stored_names_of_what_became_of_a_text_are_fixed():
    assert [str(each) for each in AttemptStatus] == ["adopted", "not_better", "rolled_back", "rejected", "repeated"]
