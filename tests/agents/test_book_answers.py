"""Decisions over a book by rule, and what becomes of them: proposals, and a thesis on each symbol."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openoutcry.agents.context import AgentContext, Contribution
from openoutcry.agents.decisions.book_forms import ALLOCATION, SIGNALS, TARGET_CASH, RatedSymbol
from openoutcry.agents.decisions.book_proposals import book_proposal_of, book_thesis_of, proposal_from
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.book_outputs import (
    AllocationDecision,
    BookView,
    SignalEntry,
    SignalsDecision,
    TargetCashDecision,
)
from openoutcry.domain.brief import Brief
from openoutcry.domain.errors import InvalidOutput
from openoutcry.domain.ids import Symbol
from openoutcry.domain.outputs import Rating
from scripted_answers import THESIS

from tests.risk.proposals.builders import quote

AAA, BBB, CCC, DDD = map(Symbol, ("AAA", "BBB", "CCC", "DDD"))
PRICES = {AAA: 100, BBB: 50, CCC: 20, DDD: 10}
AT = datetime(2025, 3, 3, 21, tzinfo=UTC)
SILENT = Abstention("allocator", AbstentionCause.DATA, "nothing is known")


def briefs(cash=10_000, **held):
    holdings = {
        Symbol(name): Holding(Symbol(name), Decimal(shares), Decimal(1), Decimal(1)) for name, shares in held.items()
    }
    account = Account("test", Decimal(cash), holdings=holdings)
    days = (date(2025, 3, 3), date(2025, 3, 4))
    return [Brief(name, AT, *days, quote(name, close), account, synthetic=True) for name, close in PRICES.items()]


def rated(*convictions, **account):
    """Return the symbols with these convictions; None is an abstention."""
    return [
        RatedSymbol(brief, SILENT if said is None else THESIS.model_copy(update={"conviction": said}))
        for brief, said in zip(briefs(**account), convictions, strict=False)
    ]


def test_an_allocation_is_the_positive_convictions_and_the_rest_cash():
    answer = ALLOCATION.by_rule(rated(0.5, 0.25, -0.5, None))
    assert [(each.symbol, each.weight) for each in answer.entries] == [(AAA, 0.5), (BBB, 0.25), (CCC, 0), (DDD, 0)]
    assert answer.cash == 0.25
    assert answer.evidence == ("AAA/px.close", "BBB/px.close", "CCC/px.close")


def test_convictions_of_more_than_one_together_are_shares_of_it():
    answer = ALLOCATION.by_rule(rated(0.9, 0.6, 0.01))
    assert [each.weight for each in answer.entries] == [0.6, 0.4, 0]
    assert answer.cash == 0


def test_target_cash_closes_what_is_held_and_rated_negative_and_shares_most_of_the_cash_by_conviction():
    answer = TARGET_CASH.by_rule(rated(0.6, -0.5, -0.5, 0.2, AAA=10, BBB=4))
    said = {each.symbol: (str(each.action), each.target_cash_amount) for each in answer.entries}
    spent = 0.95 * 10_000
    assert said[BBB] == ("close", 0)
    assert said[CCC] == ("hold", None)
    assert said[AAA] == ("increase", pytest.approx(10 * 100 + spent * 0.6 / 0.8))
    assert said[DDD] == ("increase", pytest.approx(spent * 0.2 / 0.8))
    assert [each.confidence for each in answer.entries] == [0.8, 0.75, 0.75, 0.6]


def test_without_cash_or_views_everything_is_held():
    for answer in (TARGET_CASH.by_rule(rated(0.6, cash=0)), TARGET_CASH.by_rule(rated(None, 0.01))):
        assert {(str(each.action), each.target_cash_amount) for each in answer.entries} == {("hold", None)}


def test_signals_are_the_convictions_with_a_side():
    answer = SIGNALS.by_rule(rated(0.6, -0.5, 0.01, None))
    said = [(each.symbol, str(each.action), each.probability, each.evidence) for each in answer.entries]
    assert said == [(AAA, "buy", 0.8, ("AAA/px.close",)), (BBB, "sell", 0.75, ("BBB/px.close",))]


@pytest.mark.parametrize(
    ("names", "said"),
    [((AAA, BBB, CCC, DDD, Symbol("ZZZ")), "not asked for: ZZZ"), ((AAA, AAA), "more than once: AAA"),
     ((AAA, CCC), "left out: BBB, DDD; name every symbol")],
    ids=["strange", "twice", "left-out"],
)  # fmt: skip
def test_symbols_that_do_not_fit_the_book_are_refused(names, said):
    entries = [
        {"symbol": name, "action": "hold", "target_cash_amount": None, "reasons": ("x",), "confidence": 0.5}
        for name in names
    ]
    answer = TargetCashDecision.model_validate({"entries": entries, "summary": "So.", "evidence": ()})
    book = tuple(briefs())
    with pytest.raises(InvalidOutput, match=said):
        TARGET_CASH.check(answer, AgentContext(book[0], book=book))


def signals(*entries):
    stated = {"evidence": (), "limitations": ("x",)}
    return SignalsDecision(
        entries=tuple(SignalEntry(symbol=s, action=a, probability=p, **stated) for s, a, p in entries),
        summary="So.",
        evidence=("AAA/px.close", "BBB/px.close", "AAA/news.0"),
    )


def context(*said):
    return AgentContext(briefs()[0], contributions=tuple(Contribution(author, output) for author, output in said))


def test_a_thesis_on_one_symbol_has_its_side_and_its_evidence_under_the_ids_of_the_symbol():
    known = context(("head", signals((AAA, "buy", 0.3), (BBB, "sell", 0.8))))
    found = {symbol: book_thesis_of(known, "head", symbol) for symbol in (AAA, BBB, CCC)}
    assert [each.conviction for each in found.values()] == [0.3, -0.8, 0]
    assert [each.rating for each in found.values()] == [Rating.OVERWEIGHT, Rating.SELL, Rating.HOLD]
    assert [each.evidence for each in found.values()] == [("px.close", "news.0"), ("px.close",), ()]


@pytest.mark.parametrize(
    ("action", "amount", "conviction"),
    [("increase", 500.0, 0.7), ("decrease", 5.0, -0.7), ("close", 0.0, -0.7), ("hold", None, 0)],
)
def test_the_thesis_of_a_target_is_its_signed_confidence(action, amount, conviction):
    entry = {"symbol": AAA, "action": action, "target_cash_amount": amount, "reasons": ("x",), "confidence": 0.7}
    answer = TargetCashDecision.model_validate({"entries": [entry], "summary": "So.", "evidence": ()})
    assert book_thesis_of(context(("head", answer)), "head", AAA).conviction == conviction
    (target,) = proposal_from(answer).entries
    assert (target.symbol, str(target.action), target.confidence) == (AAA, action, Decimal("0.7"))
    assert target.amount == (None if amount is None else Decimal(str(amount)))


def test_the_thesis_of_an_allocation_is_the_weight_within_one():
    stated = {"summary": "So.", "evidence": ()}
    entries = [{"symbol": AAA, "weight": 1.5}, {"symbol": BBB, "weight": -0.25}]
    answer = AllocationDecision.model_validate({"entries": entries, "cash": None, **stated})
    known = context(("head", answer))
    assert [book_thesis_of(known, "head", symbol).conviction for symbol in (AAA, BBB)] == [1, -0.25]
    proposal = proposal_from(answer)
    assert [(each.symbol, each.weight) for each in proposal.entries] == [(AAA, Decimal("1.5")), (BBB, Decimal("-0.25"))]
    assert proposal.cash is None


def test_the_last_decision_of_the_author_counts_and_that_of_no_other():
    early, late, other = (signals((AAA, side, p)) for side, p in (("buy", 0.9), ("sell", 0.4), ("buy", 1.0)))
    known = context(("head", early), ("head", late), ("skeptic", other))
    assert book_thesis_of(known, "head", AAA).conviction == -0.4
    assert book_proposal_of(known, "head") == proposal_from(late)
    assert (book_thesis_of(known, "nobody", AAA), book_proposal_of(known, "nobody")) == (None, None)


def test_another_kind_of_view_is_no_proposal():
    with pytest.raises(TypeError, match="BookView is no decision over a book"):
        proposal_from(BookView(summary="So.", evidence=()))
