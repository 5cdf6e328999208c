"""LiveTradeBench and StockBench as desks: who sees what, corrections, and what a bad answer ends in."""

import json
from pathlib import Path

import pytest
from desk_transcript import BOOK, CITABLE, PART, decided, first_citable, symbols_in, transcript
from openoutcry.desk.stored_history import StoredHistory, figures_of
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.book_outputs import (
    AllocationDecision,
    AllocationEntry,
    CashTargetEntry,
    NeedEntry,
    NeedsDecision,
    TargetCashDecision,
)
from openoutcry.domain.decision import Outcome
from openoutcry.domain.proposal import TargetAction
from openoutcry.market.view import MarketView
from openoutcry.tests.app.daily import XNYS, open_daily, sessions
from openoutcry.tools.quote import build_quote
from scripted_answers import AS_OF
from stub.http_log import Reply
from stub.server import StubServer

GOLDEN = Path(__file__).parent / "golden"
WANTED = BOOK[0]
BY_FILTER = "said by fundamental_filter"


def needs(request):
    entries = [NeedEntry(symbol=s, needed=s == WANTED, reason=BY_FILTER) for s in symbols_in(request)]
    return NeedsDecision(entries=tuple(entries))


def targets(request, amount=5000.0):
    entries = [
        CashTargetEntry(
            symbol=symbol,
            action=TargetAction.INCREASE if symbol == WANTED else TargetAction.HOLD,
            target_cash_amount=amount if symbol == WANTED else None,
            reasons=("said by portfolio_agent",),
            confidence=0.7,
        )
        for symbol in symbols_in(request)
    ]
    return TargetCashDecision(entries=tuple(entries), summary="So.", evidence=first_citable(request))


def allocation(*weights, cash=None):
    def answer(request):
        entries = tuple(AllocationEntry(symbol=s, weight=w) for s, w in zip(BOOK, weights, strict=False))
        return AllocationDecision(entries=entries, cash=cash, summary="So.", evidence=first_citable(request))

    return {"AllocationDecision": answer}


SCRIPT = {"NeedsDecision": needs, "TargetCashDecision": targets}


@pytest.mark.parametrize(
    ("desk", "script"),
    [("stockbench", SCRIPT), ("livetradebench", allocation(0.2, 0.1, 0.0))],
    ids=["stockbench", "livetradebench"],
)
def test_who_is_asked_what_and_sees_what(demo, desk, script):
    decisions, model = decided(demo, desk, script)
    assert all(each.abstention is None for each in decisions)
    assert transcript(model) == (GOLDEN / f"{desk}.txt").read_text(encoding="utf-8")


def test_fundamentals_are_shown_for_the_names_of_the_filter_only(demo):
    decisions, model = decided(demo, "stockbench", SCRIPT)
    prompt = model.asked[-1].user
    assert f"[{WANTED}/fund." in prompt
    assert all(f"[{WANTED}/{name}]" in prompt for name in ("px.high_52w", "px.low_52w", "fund.market_cap"))
    assert not [symbol for symbol in BOOK[1:] if f"[{symbol}/fund." in prompt]
    assert prompt.count("fundamentals not needed: said by fundamental_filter") == len(BOOK) - 1
    (order,) = decisions[0].risk.asked
    assert order.quantity == 5000 // close_of(demo, WANTED)


def test_without_the_filter_the_agent_decides_without_fundamentals(demo):
    gone = {"NeedsDecision": lambda request: Abstention(request.role, AbstentionCause.MODEL, "gone")}
    decisions, model = decided(demo, "stockbench", SCRIPT | gone)
    assert all(each.abstention is None for each in decisions)
    assert "fundamentals" not in model.asked[-1].user.split("<evidence>")[1]


@pytest.mark.parametrize(
    ("weights", "cash", "said"),
    [
        ((1.0, 1.0, 1.0), None, "weights sum to 3"),
        ((0.0, 0.0, 0.0), 0.0, "the allocation is empty"),
        ((-0.5, -0.1, 0.0), 0.0, "the allocation is empty"),
    ],
    ids=["three", "nothing", "negative"],
)
def test_an_allocation_that_cannot_be_used_is_an_abstention(demo, weights, cash, said):
    decisions, _ = decided(demo, "livetradebench", allocation(*weights, cash=cash))
    assert {each.outcome for each in decisions} == {Outcome.ABSTAIN}
    assert all(said in each.abstention.reason for each in decisions)


def test_symbols_that_were_not_asked_for_are_refused(demo):
    def strange(request):
        entries = (AllocationEntry(symbol="NOWHERE", weight=0.2),)
        return AllocationDecision(entries=entries, cash=0.8, summary="So.", evidence=first_citable(request))

    decisions, _ = decided(demo, "livetradebench", {"AllocationDecision": strange})
    assert all("not asked for: NOWHERE" in each.abstention.reason for each in decisions)


def test_weights_are_normalised_as_published(demo):
    """Negatives 0, each at most 1, cash the rest, all divided by their sum: 0.9, 0.45 and 0 of 1.35."""
    decisions, _ = decided(demo, "livetradebench", allocation(0.9, 0.45, -0.3))
    by_symbol = {each.ticker: each for each in decisions}
    shares = {s: sum(o.quantity for o in by_symbol[s].risk.asked) for s in BOOK}
    assert shares[BOOK[2]] == 0
    assert shares[BOOK[0]] > 0
    limit = next(c for c in by_symbol[BOOK[0]].risk.clamps if c.limit == "max_position")
    ratio = limit.asked / next(c for c in by_symbol[BOOK[1]].risk.clamps if c.limit == "max_position").asked
    prices = {s: close_of(demo, s) for s in BOOK}
    assert float(ratio * prices[BOOK[0]] / prices[BOOK[1]]) == pytest.approx(2.0, rel=1e-3)
    assert float(limit.asked * prices[BOOK[0]]) == pytest.approx(100_000 * 0.9 / 1.35, rel=1e-4)


def close_of(demo, symbol):
    return build_quote(MarketView(demo, AS_OF), symbol).last_close


class Stubborn:
    """Answers StockBench over HTTP; the first `wrong` answers of the agent ask for more than the cash."""

    def __init__(self, wrong):
        self.wrong, self.asked, self.corrections = wrong, 0, []

    def __call__(self, request):
        symbols = list(dict.fromkeys(PART.findall(request.prompt)))
        if "needed" in json.dumps(request.schema):
            return Reply(json.dumps({"entries": [{"symbol": s, "needed": False, "reason": "no"} for s in symbols]}))
        self.asked += 1
        self.corrections.append(str(request.messages[-1]["content"]))
        amount = 9e6 if self.asked <= self.wrong else 5000
        entries = [
            {"symbol": s, "action": "increase" if s == symbols[0] else "hold",
             "target_cash_amount": amount if s == symbols[0] else None, "reasons": ["r"], "confidence": 0.5}
            for s in symbols
        ]  # fmt: skip
        evidence = CITABLE.findall(request.prompt)[:1]
        return Reply(json.dumps({"entries": entries, "summary": "s", "evidence": evidence}))


@pytest.mark.parametrize("wrong", [0, 2, 3])
def test_violations_go_back_as_text_within_one_budget_of_three_attempts(tmp_path, monkeypatch, wrong):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    (day,) = sessions("2025-03-03", 1)
    model = Stubborn(wrong)
    with StubServer(responder=model) as stub:
        given = {"model": "openai:stub", "base_url": stub.url, "desk": "stockbench"}
        with open_daily(tmp_path / "home", **given) as daily:
            daily.clock.after_close(day)
            record = daily.run(watchlist=",".join(BOOK)).record
    assert model.asked == min(wrong + 1, 3), model.corrections[1:]
    assert all("the increases cost" in said for said in model.corrections[1:])
    outcomes = {each.outcome for each in record.decisions}
    assert (outcomes == {Outcome.ABSTAIN}) is (wrong == 3)


def test_the_agent_sees_its_own_last_decisions_in_sessions_and_backtests(tmp_path):
    days = sessions("2025-03-03", 10)
    with open_daily(tmp_path / "home", desk="stockbench") as daily:
        for day in days[:-1]:
            daily.clock.after_close(day)
            daily.run(watchlist=",".join(BOOK))
        runs, account = daily.stores.runs, daily.stores.ledger.broker("mine")
        history = StoredHistory(runs, "mine", XNYS, figures_of(account.journal.events))
        kept = history.past(WANTED, XNYS.close(days[-1]), 7)
    past = [each.past for each in kept]
    assert [each.as_of.date() for each in past] == days[2:-1]
    assert all("confidence" in each.stated for each in past)
    assert past[-1].account_return is not None
