"""The hierarchy over a book: positions on each symbol, one weight for all of them, and weights that are never short."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from desk_transcript import BOOK, decided, first_citable, transcript
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.decision import Outcome
from openoutcry.domain.deliberation_outputs import MixWeight, PositionView
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.graph.topologies.hierarchy import mixed_weights
from openoutcry.market.view import MarketView
from openoutcry.tools.quote import build_quote
from scripted_answers import AS_OF

GOLDEN = Path(__file__).parents[1] / "golden" / "harlf.txt"
UP, FLAT, DOWN = BOOK
ABOUT = re.compile(r"\b([A-Z]{3,6})\b[^\n]* as of [^\n]*$")
POSITIONS = {
    "data_head": {UP: 0.9, FLAT: 0.6, DOWN: -0.5},
    "news_head": {UP: 0.2, FLAT: 0.0, DOWN: 0.4},
}


def symbol_of(request):
    return Symbol(ABOUT.search(request.user.strip()).group(1))


def positions(silent=()):
    def answer(request):
        symbol = symbol_of(request)
        if (request.role, symbol) in silent:
            return Abstention(request.role, AbstentionCause.MODEL, "gone")
        position = POSITIONS.get(request.role, {}).get(symbol, 0.1)
        return PositionView(position=position, summary=f"said by {request.role}", evidence=first_citable(request))

    return answer


def script(weight=0.25, silent=()):
    def mix(request):
        return MixWeight(weight=weight, summary="said by chief", evidence=first_citable(request))

    return {"PositionView": positions(silent), "MixWeight": mix}


def weights_of(decisions):
    (entries,) = {decision.proposal.entries for decision in decisions}
    return {entry.symbol: float(entry.weight) for entry in entries}


def test_who_is_asked_what_and_sees_what(demo):
    decisions, model = decided(demo, "harlf", script())
    assert all(each.abstention is None for each in decisions)
    assert transcript(model) == GOLDEN.read_text(encoding="utf-8")


def test_experts_and_heads_see_one_symbol_and_the_chief_sees_the_heads_on_all(demo):
    _, model = decided(demo, "harlf", script())
    for request in model.asked:
        others = {"trend_expert", "risk_expert", "sentiment_expert", "data_head", "news_head"}
        heard = {name for name in others if f"said by {name}" in request.user}
        if request.role == "chief":
            assert heard == {"data_head", "news_head"}
            assert all(f"{head} on {symbol}: " in request.user for head in heard for symbol in BOOK)
            assert all(f"[{symbol}/" in request.user for symbol in BOOK)
            assert "The first head is data_head." in request.user
        else:
            assert heard == {"data_head": {"trend_expert", "risk_expert"}, "news_head": {"sentiment_expert"}}.get(
                request.role, set()
            )
    roles = [request.role for request in model.asked]
    assert (roles.count("chief"), roles.count("data_head"), roles.count("trend_expert")) == (1, 3, 3)


@pytest.mark.parametrize("weight", [0.0, 0.25, 1.0])
def test_the_weights_are_the_mix_of_the_positive_positions(demo, weight):
    decisions, _ = decided(demo, "harlf", script(weight))
    # data: 0.9 and 0.6 are divided by their sum 1.5, -0.5 is none; news: 0.2 and 0.4 sum to less than 1
    expected = {UP: weight * 0.6 + (1 - weight) * 0.2, FLAT: weight * 0.4, DOWN: (1 - weight) * 0.4}
    assert weights_of(decisions) == pytest.approx(expected, abs=1e-6)
    assert float(decisions[0].proposal.cash) == pytest.approx(1 - sum(expected.values()), abs=1e-6)
    assert all(order.action.sign > 0 for each in decisions for order in each.risk.allowed)


def test_a_symbol_without_a_position_of_a_head_keeps_its_shares(demo):
    price = build_quote(MarketView(demo, AS_OF), FLAT).last_close
    account = Account("t", Decimal(100_000), holdings={FLAT: Holding(FLAT, Decimal(37), price, price)})
    decisions, model = decided(demo, "harlf", script(silent={("news_head", FLAT)}), account=account)
    assert [request.role for request in model.asked].count("chief") == 1
    (flat,) = [each for each in decisions if each.ticker == FLAT]
    assert flat.risk.asked == ()
    kept = float(37 * price / account.equity)
    weights = weights_of(decisions)
    assert weights[FLAT] == pytest.approx(kept, abs=2e-6)
    assert weights[UP] == pytest.approx((1 - kept) * (0.25 * 0.9 / 1.0 + 0.75 * 0.2), abs=1e-5)
    assert any("no position of news_head" in text for text in flat.provenance.degraded)


@pytest.mark.parametrize("mix", [None, 0.75])
def test_without_the_chief_the_desk_abstains_or_takes_the_mix_of_the_file(demo, tmp_path, mix):
    file = changed(tmp_path, "long_only: true", "long_only: true" + (f", mix: {mix}" if mix else ""))
    gone = script() | {"MixWeight": lambda _: Abstention("chief", AbstentionCause.MODEL, "gone")}
    decisions, _ = decided(demo, file, gone)
    if mix is None:
        assert {each.outcome for each in decisions} == {Outcome.ABSTAIN}
        assert all("chief" in each.abstention.reason or "gone" in each.abstention.reason for each in decisions)
    else:
        assert weights_of(decisions)[FLAT] == pytest.approx(0.75 * 0.4, abs=1e-6)


def test_without_a_head_the_chief_is_not_asked(demo):
    silent = {("news_head", symbol) for symbol in BOOK}
    decisions, model = decided(demo, "harlf", script(silent=silent))
    assert "chief" not in {request.role for request in model.asked}
    assert {each.outcome for each in decisions} == {Outcome.ABSTAIN}


def test_kept_weights_leave_less_room():
    kept = {Symbol("C"): 0.4}
    mixed = mixed_weights({Symbol("A"): 1.0, Symbol("B"): 1.0}, {Symbol("A"): 0.5, Symbol("B"): -1.0}, 0.5, kept)
    assert mixed == pytest.approx({"A": 0.5 * 0.6 * 0.5 + 0.5 * 0.6 * 0.5, "B": 0.5 * 0.6 * 0.5, "C": 0.4})
    assert sum(mixed.values()) <= 1


def changed(folder, old, new):
    text = (BUILT_IN / "harlf.yaml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "harlf.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("long_only: true", "long_only: false", "over a book holds no short positions"),
        ("{kind: allocation}", "{kind: exposure}", "over a book cannot decide on exposure; use one of: allocation"),
        ("intake: {scope: book}\n", "", "needs intake {scope: book}|about one symbol cannot decide on allocation"),
    ],
    ids=["short", "exposure", "one symbol"],
)
def test_what_does_not_fit_a_book_is_named(tmp_path, old, new, said):
    with pytest.raises(ConfigError, match=said.replace("{", r"\{").replace("}", r"\}")):
        load_desk(changed(tmp_path, old, new))
