"""ContestTrade as a desk: scores, predictions, weights, and what a contest without judges or signals ends in."""

from decimal import Decimal
from pathlib import Path

import pytest
from desk_transcript import BOOK, decided, first_citable, transcript
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.book_outputs import SignalEntry, SignalsDecision
from openoutcry.domain.contest_outputs import Deduction, Deductions, FactorRating, TextFactor
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.proposal import SignalSide
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.graph.topologies.contest import blended_sharpe
from openoutcry.market.view import MarketView
from openoutcry.tools.quote import build_quote
from scripted_answers import AS_OF

GOLDEN = Path(__file__).parent / "golden" / "contesttrade.txt"
UP, FLAT, DOWN = BOOK
SIGNALS = {
    "trend_follower": ((UP, "buy", 0.8), (DOWN, "sell", 0.7)),
    "value_seeker": ((UP, "buy", 0.6),),
    "event_trader": ((FLAT, "buy", 0.9),),
    "skeptic": ((UP, "sell", 0.7), (FLAT, "buy", 0.4)),
}
POINTS = {"trend_follower": 20.0, "value_seeker": 0.0, "event_trader": 50.0, "skeptic": 10.0}


def factor(request):
    rating = FactorRating(symbol=UP, rating=0.5)
    return TextFactor(text=f"said by {request.role}", ratings=(rating,), evidence=first_citable(request))


def signals(request):
    entries = tuple(
        SignalEntry(
            symbol=symbol, action=SignalSide(side), evidence=(), limitations=(f"said by {request.role}",), probability=p
        )
        for symbol, side, p in SIGNALS[request.role]
    )
    return SignalsDecision(entries=entries, summary="So.", evidence=first_citable(request))


def deductions(request):
    """Judge 1 deducts twice as much as the others, in two parts."""
    times = 2 if request.role == "judge_1" else 1
    entries = [
        Deduction(contestant=name, symbol=symbol, points=POINTS[name], reason="weak")
        for name, said in SIGNALS.items()
        for symbol, _, _ in said
        for _ in range(times)
    ]
    return Deductions(entries=tuple(entries))


SCRIPT = {"TextFactor": factor, "SignalsDecision": signals, "Deductions": deductions}


def expected_weights():
    """Return the weights by hand: prior 0.1 x (2p - 1) x mean score / 100, shares of all positive sums."""
    totals = dict.fromkeys(BOOK, 0.0)
    for name, said in SIGNALS.items():
        scores = [max(0.0, 100 - 2 * POINTS[name]), *[100 - POINTS[name]] * 4]
        for symbol, side, probability in said:
            sharpe = 0.1 * (2 * probability - 1) * sum(scores) / 5 / 100
            totals[symbol] += max(sharpe, 0.0) * (1 if side == "buy" else -1)
    whole = sum(abs(each) for each in totals.values())
    return {symbol: each / whole for symbol, each in totals.items()}


def test_who_is_asked_what_and_sees_what(demo):
    decisions, model = decided(demo, "contesttrade", SCRIPT)
    assert all(each.abstention is None for each in decisions)
    assert transcript(model) == GOLDEN.read_text(encoding="utf-8")


def test_weights_follow_predicted_sharpe_ratios(demo):
    account = Account("t", Decimal(1_000_000), margin=True)
    decisions, _ = decided(demo, "contesttrade", SCRIPT, account=account)
    for decision in decisions:
        close = build_quote(MarketView(demo, AS_OF), decision.ticker).last_close
        cut = [clamp for clamp in decision.risk.clamps if clamp.limit == "max_position"]
        (order,) = decision.risk.asked
        shares = abs(cut[0].asked) if cut else order.quantity
        weight = float(shares * close) / 1_000_000
        wanted = expected_weights()[decision.ticker]
        assert weight == pytest.approx(abs(wanted), abs=float(close) / 1_000_000)
        assert (order.action.sign > 0) is (wanted > 0)


@pytest.mark.parametrize("days", [0, 1, 5, 20])
def test_the_prior_fades_with_the_history(days):
    rewards = [0.02, -0.01] * days
    count, mean = len(rewards), 0.005
    realized = mean / 0.015 if rewards else 0.0
    assert blended_sharpe(rewards, 0.1) == pytest.approx((count * realized + 5 * 0.1) / (count + 5))


def test_a_symbol_without_a_signal_is_sold(demo):
    close = build_quote(MarketView(demo, AS_OF), DOWN).last_close
    account = Account("t", Decimal(100_000), holdings={DOWN: Holding(DOWN, Decimal(10), close, close)})
    only_up = SignalsDecision(
        entries=(SignalEntry(symbol=UP, action="buy", evidence=(), limitations=("x",), probability=0.8),),
        summary="s", evidence=("CALDR/px.close",),
    )  # fmt: skip
    script = SCRIPT | {"SignalsDecision": lambda _: only_up, "Deductions": lambda _: Deductions(entries=())}
    decisions, _ = decided(demo, "contesttrade", script, account=account)
    assert [order.quantity for order in decisions[2].risk.allowed] == [10]


def gone(request):
    return Abstention(request.role, AbstentionCause.MODEL, "gone")


@pytest.mark.parametrize(
    ("kind", "said"), [("SignalsDecision", "no contestant has submitted"), ("Deductions", "no judge has scored")]
)
def test_without_signals_or_judges_the_desk_abstains(demo, kind, said):
    decisions, _ = decided(demo, "contesttrade", SCRIPT | {kind: gone})
    assert all(each.outcome is Outcome.ABSTAIN for each in decisions)
    assert all(said in each.abstention.reason for each in decisions)


def test_one_judge_that_abstains_does_not_end_the_contest(demo):
    script = SCRIPT | {"Deductions": lambda r: gone(r) if r.role == "judge_1" else deductions(r)}
    decisions, _ = decided(demo, "contesttrade", script)
    assert all(each.abstention is None for each in decisions)


def many(count):
    entry = SignalEntry(symbol=UP, action="buy", evidence=(), limitations=("x",), probability=0.8)
    return SignalsDecision(entries=(entry,) * count, summary="s", evidence=("CALDR/px.close",))


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("SignalsDecision", many(6)),
        ("SignalsDecision", many(0)),
        ("SignalsDecision", many(2)),
        (
            "Deductions",
            Deductions(entries=(Deduction(contestant="nobody", symbol=UP, points=5, reason="x"),)),
        ),
    ],
    ids=["six signals", "no signal", "a symbol twice", "unknown contestant"],
)
def test_answers_that_do_not_fit_are_abstentions(demo, kind, answer):
    decisions, _ = decided(demo, "contesttrade", SCRIPT | {kind: lambda _: answer})
    assert all(each.outcome is Outcome.ABSTAIN for each in decisions)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("role: judge,", "role: analyst, tools: [bars],", "contest needs roles of kind judge"),
        ("kind: signals}", "kind: allocation}", "needs intake|sizing"),
        ("prior_sharpe: 0.1", "prior_sharpe: -1", "prior_sharpe"),
    ],
    ids=["no judge", "allocation", "negative prior"],
)
def test_a_contest_that_cannot_be_held_is_a_config_error(tmp_path, old, new, said):
    path = tmp_path / "contest.yaml"
    path.write_text((BUILT_IN / "contesttrade.yaml").read_text().replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_desk(str(path))


@pytest.mark.parametrize("top", [1, 3])
def test_contestants_see_the_top_factors_only(demo, tmp_path, top):
    text = (BUILT_IN / "contesttrade.yaml").read_text(encoding="utf-8")
    fourth = "  - {role: data_agent, name: macro_data, tools: [bars, macro]}\n  - {role: contestant"
    text = text.replace("  - {role: contestant", fourth, 1).replace("top_factors: 3", f"top_factors: {top}")
    path = tmp_path / "contest.yaml"
    path.write_text(text, encoding="utf-8")
    _, model = decided(demo, str(path), SCRIPT)
    authors = {request.role for request in model.asked if request.answer is TextFactor}
    prompts = [request.user for request in model.asked if request.answer is SignalsDecision]
    assert len(authors) == 4
    for prompt in prompts:
        assert {name for name in authors if f"said by {name}" in prompt} == set(sorted(authors)[:top])
