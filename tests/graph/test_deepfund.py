"""DeepFund as a desk: caps, tradable shares and cash, what the manager sees, and the planner."""

from decimal import Decimal
from math import floor
from pathlib import Path

import pytest
from desk_transcript import BOOK, decided, first_citable, transcript
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.decision import Outcome
from openoutcry.domain.decision_outputs import RatioDecision
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.outputs import Report, Stance
from openoutcry.domain.portfolio_outputs import AnalystPick, TradeAction, TradeChoice
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.market.view import MarketView
from openoutcry.tests.desk_factory import rules, taken
from openoutcry.tools.quote import build_quote
from scripted_answers import AS_OF

GOLDEN = Path(__file__).parent / "golden" / "deepfund.txt"
RICH = Account("test", Decimal(100_000))


def report(request):
    return Report(
        summary=f"said by {request.role}", stance=Stance.BULLISH, confidence=0.6, evidence=first_citable(request)
    )


def ratio(value):
    def answer(request):
        return RatioDecision(
            ratio=value, horizon_sessions=5, summary="said by risk_control", invalidation="x",
            evidence=first_citable(request),
        )  # fmt: skip

    return answer


def trade(request):
    """Trade all of what is tradable."""
    shares = float(request.user.split("Tradable shares: ")[1].split("\n")[0])
    action = TradeAction.BUY if shares > 0 else TradeAction.SELL if shares < 0 else TradeAction.HOLD
    return TradeChoice(action=action, shares=abs(shares), justification="said by portfolio_manager")


def script(value=0.33, choice=trade):
    return {"Report": report, "RatioDecision": ratio(value), "TradeChoice": choice}


def price(demo, symbol):
    return build_quote(MarketView(demo, AS_OF), symbol).last_close


def tradable(model):
    """Return the shares that the manager was shown as tradable, in the order of the questions."""
    prompts = [each.user for each in model.asked if each.role == "portfolio_manager"]
    return {
        text.split("Instrument: ")[1].split("\n")[0]: float(text.split("Tradable shares: ")[1].split("\n")[0])
        for text in prompts
    }


def test_who_is_asked_what_and_sees_what(demo):
    decisions, model = decided(demo, "deepfund", script())
    assert all(each.abstention is None for each in decisions)
    assert transcript(model) == GOLDEN.read_text(encoding="utf-8")
    last = [each.user for each in model.asked if each.role == "portfolio_manager"]
    assert all("said by" not in text and "evidence" not in text for text in last)


def published(demo, stated, equity=100_000.0, cash=100_000.0, held=()):
    """Return DeepFund's tradable shares, one ticker after the other."""
    cap, found = round(2 / len(BOOK) * 20) / 20, {}
    near = min(cap, round(stated * 20) / 20)
    for symbol in BOOK:
        close, shares = float(price(demo, symbol)), dict(held).get(symbol, 0)
        gap = near * equity - shares * close
        amount = floor(min(gap, cash) / close) if gap > 0 else max(floor(gap / close), -shares)
        cash -= max(amount, 0) * close
        found[symbol] = amount
    return found


@pytest.mark.parametrize("stated", [0.0, 0.12, 0.33, 0.5, 1.0])
def test_tradable_shares_are_the_published_ones(demo, stated):
    _, model = decided(demo, "deepfund", script(stated))
    assert tradable(model) == published(demo, stated)


def test_a_smaller_ratio_sells_from_what_is_held(demo):
    close = price(demo, BOOK[0])
    held = Account("t", Decimal(50_000), holdings={BOOK[0]: Holding(BOOK[0], Decimal(500), close, close)})
    decisions, model = decided(demo, "deepfund", script(0.1), account=held)
    expected = published(demo, 0.1, float(held.equity), 50_000.0, {BOOK[0]: 500}.items())
    assert tradable(model) == expected
    (order,) = decisions[0].risk.allowed
    assert (order.action.opens, order.quantity) == (False, -expected[BOOK[0]])


def test_frozen_cash_shows_every_ticker_all_of_it(demo, tmp_path):
    path = tmp_path / "frozen.yaml"
    path.write_text((BUILT_IN / "deepfund.yaml").read_text().replace("sequential, ", "frozen, "), encoding="utf-8")
    _, model = decided(demo, str(path), script(0.65))
    alone = {symbol: floor(65_000 / float(price(demo, symbol))) for symbol in BOOK}
    assert tradable(model) == alone


@pytest.mark.parametrize("shares", [1, 7, 30])
def test_the_manager_gets_exactly_the_shares_that_it_says(demo, shares):
    choice = TradeChoice(action=TradeAction.BUY, shares=shares, justification="some")
    decisions, _ = decided(demo, "deepfund", script(choice=lambda _: choice))
    assert [order.quantity for each in decisions for order in each.risk.asked] == [shares] * len(BOOK)


@pytest.mark.parametrize(
    ("action", "shares", "said"),
    [("buy", 1e6, "not within the tradable"), ("sell", 1, "not within the tradable"), ("hold", 3, "a hold has 0")],
)
def test_a_trade_beyond_the_tradable_shares_is_refused(demo, action, shares, said):
    choice = TradeChoice(action=TradeAction(action), shares=shares, justification="no")
    decisions, _ = decided(demo, "deepfund", script(choice=lambda _: choice))
    assert all(each.outcome is Outcome.ABSTAIN and said in each.abstention.reason for each in decisions)


def with_planner(tmp_path, scope="book"):
    text = (BUILT_IN / "deepfund.yaml").read_text().replace("{scope: book}", "{scope: book, select: planner}")
    text = text.replace("roles:\n", "roles:\n  - {role: planner, name: planner}\n")
    if scope == "symbol":
        text = text.replace("scope: book, select", "select")
        text = text.replace("{kind: portfolio, cash: sequential, ratio: {grid: 0.05}}",
                                                         "{kind: panel, decider: trader}")  # fmt: skip
    path = tmp_path / "planned.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def pick(request):
    names = ("technical", "policy") if request.user.endswith("CALDR.") else ("company_news",)
    return AnalystPick(analysts=names, justification="enough")


def test_the_planner_picks_the_analysts_of_each_symbol_from_one_line_on_each(demo, tmp_path):
    _, model = decided(demo, with_planner(tmp_path), script() | {"AnalystPick": pick})
    plans = [each for each in model.asked if each.role == "planner"]
    assert len(plans) == len(BOOK)
    assert all("evidence" not in each.user and "px." not in each.user for each in plans)
    working = [each.role for each in model.asked if each.answer is Report]
    assert sorted(working) == ["company_news", "company_news", "policy", "technical"]


@pytest.mark.parametrize("names", [("astrologer",), ("technical", "astrologer")])
def test_a_planner_that_picks_nobody_who_exists_abstains_for_its_symbol(demo, tmp_path, names):
    def some(request):
        return AnalystPick(analysts=names, justification="x") if request.user.endswith("CALDR.") else pick(request)

    decisions, _ = decided(demo, with_planner(tmp_path), script() | {"AnalystPick": some})
    lost, *others = decisions
    assert lost.abstention.cause is AbstentionCause.ANSWER
    assert "no analyst astrologer" in lost.abstention.reason
    assert all(each.abstention is None for each in others)


def test_a_desk_for_one_symbol_has_a_planner_too(demo, tmp_path):
    decision = taken(rules(demo, with_planner(tmp_path, "symbol")))
    assert decision.outcome is not Outcome.ABSTAIN
    assert len(decision.reports) > 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{scope: book}", "{scope: book, select: planner}", "needs one role of kind planner"),
        ("roles:\n", "roles:\n  - {role: planner, name: planner}\n", "needs one role of kind planner"),
        ("kind: ratio,", "kind: exposure,", "needs intake"),
        ("scope: book", "order: serial", "needs intake"),
    ],
)
def test_a_wrong_combination_is_named(tmp_path, old, new, said):
    path = tmp_path / "wrong.yaml"
    text = (BUILT_IN / "deepfund.yaml").read_text()
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_desk(str(path))
