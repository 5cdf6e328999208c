"""StockBench: what limits and broker would refuse goes back to the agent within one budget of three attempts."""

import json
import re
from decimal import Decimal

import pytest
from desk_transcript import BOOK, CITABLE, PART
from openoutcry.domain.decision import Outcome
from openoutcry.risk.limit_settings import Limits
from openoutcry.risk.portfolio_limits import PortfolioLimits
from openoutcry.tests.app.daily import open_daily, sessions
from stub.http_log import Reply
from stub.server import StubServer

WORTH = re.compile(r"([\d,.]+) shares worth ([\d,.]+\d)")
CASH = 100_000
"""Currency of the account of `open_daily`."""


class Portfolio:
    """Answers StockBench over HTTP: each answer of the agent asks for the next of `amounts` in the first symbols."""

    def __init__(self, *amounts):
        self.amounts, self.said, self.prompt = amounts, [], ""

    def __call__(self, request):
        symbols = list(dict.fromkeys(PART.findall(request.prompt)))
        if "needed" in json.dumps(request.schema):
            return Reply(json.dumps({"entries": [{"symbol": s, "needed": False, "reason": "no"} for s in symbols]}))
        wanted = self.amounts[min(len(self.said), len(self.amounts) - 1)]
        self.said.append(str(request.messages[-1]["content"]))
        self.prompt = request.prompt
        entries = [
            {"symbol": s, "action": "increase" if amount else "hold", "target_cash_amount": amount or None,
             "reasons": ["r"], "confidence": 0.5}
            for s, amount in zip(symbols, [*wanted, 0, 0, 0], strict=False)
        ]  # fmt: skip
        evidence = CITABLE.findall(request.prompt)[:1]
        return Reply(json.dumps({"entries": entries, "summary": "s", "evidence": evidence}))


@pytest.fixture
def session(tmp_path, monkeypatch):
    """Return a function that runs one session with the answers of a model, and returns its decisions."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    (day,) = sessions("2025-03-03", 1)

    def run(model, **settings):
        with StubServer(responder=model) as stub:
            given = {"model": "openai:stub", "base_url": stub.url, "desk": "stockbench", **settings}
            with open_daily(tmp_path / "home", **given) as daily:
                daily.clock.after_close(day)
                return daily.run(watchlist=",".join(BOOK)).record.decisions

    return run


TIGHT = Limits(max_position=Decimal("0.03"))
GROSS = PortfolioLimits(max_gross=Decimal("0.06"))


@pytest.mark.parametrize(
    ("settings", "refused", "accepted", "reason"),
    [
        ({}, (45_000,), (8000,), "a position may be 20% of equity"),
        ({"limits": TIGHT}, (5000,), (2500,), "a position may be 3% of equity"),
        ({"limits": Limits(restricted=frozenset(BOOK[:1]))}, (5000,), (0, 5000), "is on the restricted list"),
        ({"limits": Limits(max_order_notional=Decimal(2000))}, (5000,), (1500,), "one order may be worth 2,000"),
        ({"portfolio": GROSS}, (5000, 5000), (2500, 2500), "gross exposure may be 6% of equity"),
        ({"portfolio": PortfolioLimits(max_new_names=1)}, (5000, 5000), (5000,), "a session may open 1 new names"),
    ],
    ids=["max_position", "own_limit", "restricted", "max_order_notional", "portfolio_gross", "portfolio_new_names"],
)
def test_what_a_limit_of_the_run_refuses_is_sent_back_and_corrected(session, settings, refused, accepted, reason):
    model = Portfolio(refused, accepted)
    decisions = session(model, **settings)
    assert len(model.said) == 2
    assert reason in model.said[1]
    assert f"{BOOK[0]}: " in model.said[1] or f"{BOOK[1]}: " in model.said[1]
    asked = [each for each in decisions if each.risk.asked]
    assert [each.ticker for each in asked] == [s for s, amount in zip(BOOK, accepted, strict=False) if amount]
    assert all(not each.risk.clamps and each.risk.allowed == each.risk.asked for each in asked)


def test_the_text_states_what_is_asked_and_what_is_allowed_in_shares_and_currency(session):
    model = Portfolio((45_000,), (8000,))
    session(model)
    sentence = next(each for each in model.said[1].split(";") if "a position may be" in each)
    asked, allowed = (tuple(float(part.replace(",", "")) for part in found) for found in WORTH.findall(sentence))
    assert asked[1] == pytest.approx(45_000)
    assert allowed[1] == pytest.approx(0.20 * CASH)
    assert asked[1] / asked[0] == pytest.approx(allowed[1] / allowed[0], rel=1e-4)


def test_contradictions_and_refusals_share_three_attempts(session):
    model = Portfolio((900_000,), (45_000,), (5000,))
    decisions = session(model)
    assert "the increases cost" in model.said[1]
    assert "a position may be" in model.said[2]
    assert [each.outcome for each in decisions].count(Outcome.ORDERS) == 1


def test_insisting_on_a_refused_amount_is_an_abstention(session):
    model = Portfolio((45_000,), (45_000,), (45_000,), (5000,))
    decisions = session(model)
    assert len(model.said) == 3
    assert {each.outcome for each in decisions} == {Outcome.ABSTAIN}
    assert all("a position may be 20% of equity" in each.abstention.reason for each in decisions)


def test_a_wider_limit_of_the_run_lets_the_same_amount_through(session):
    model = Portfolio((45_000,))
    half = Decimal("0.5")
    wide = Limits(target_volatility=Decimal(1), max_position=half, max_loss=half, max_volume_share=Decimal(1))
    decisions = session(model, limits=wide, portfolio=PortfolioLimits(max_name=half))
    assert len(model.said) == 1
    assert "One position may be worth at most 50% of equity" in model.prompt
    assert [each.outcome for each in decisions].count(Outcome.ORDERS) == 1
