"""Risk committees: which desk can have which, and the debate before a portfolio manager."""

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.outputs import OrderPlan
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from scripted_answers import AS_OF, CLEAR, ORDER, SCRIPT
from transcripts import decision_of, scripted_desk

REVIEW = SCRIPT["risk_manager"]
DEBATE = "{kind: debate, sides: [bull, bear], judge: research_manager}"
FILE = """
name: ours
roles: [{{role: analyst, name: news, tools: [news]}}]
deliberation: {deliberation}
decision: {{kind: {kind}}}
sizing: {sizing}
risk: {risk}
"""
RATED = "{kind: rating_map, map: {buy: 1, sell: 0}}"


@pytest.mark.parametrize(
    ("deliberation", "kind", "sizing", "chair", "said"),
    [
        (DEBATE, "orders", "{}", "portfolio_manager", "risk.chair.*not on orders"),
        (DEBATE, "rating", RATED, "risk_manager", "risk.chair: risk_manager reviews typed orders"),
        ("{kind: panel}", "rating", RATED, "portfolio_manager", "a panel proposes none"),
    ],
    ids=["orders", "rating", "panel"],
)
def test_a_committee_that_does_not_fit_is_refused(tmp_path, deliberation, kind, sizing, chair, said):
    path = tmp_path / "ours.yaml"
    risk = f"{{committee: [neutral], chair: {chair}}}"
    path.write_text(FILE.format(deliberation=deliberation, kind=kind, sizing=sizing, risk=risk), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_desk(str(path))


def test_without_a_risk_argument_the_portfolio_manager_is_not_asked(demo):
    names = ("aggressive", "neutral", "conservative")
    silent = {name: Abstention(name, AbstentionCause.MODEL, "no answer") for name in names}
    desk, model = scripted_desk("tradingagents", demo, **silent)
    decision = decision_of(desk, CLEAR, AS_OF)
    assert decision.outcome is Outcome.ABSTAIN
    assert (decision.abstention.role, decision.abstention.cause) == ("risk_debate", AbstentionCause.MODEL)
    assert "portfolio_manager" not in [request.role for request in model.asked]


def test_a_judge_that_abstains_ends_the_decision(demo):
    desk, model = scripted_desk("tradingagents", demo, research_manager=Abstention("x", AbstentionCause.MODEL, "gone"))
    decision = decision_of(desk, CLEAR, AS_OF)
    assert (decision.outcome, decision.abstention.reason) == (Outcome.ABSTAIN, "gone")
    assert model.asked[-1].role == "research_manager"


def test_the_record_keeps_trade_and_risk_debate_with_the_cases_of_the_plan(demo):
    desk, _ = scripted_desk("tradingagents", demo)
    decision = decision_of(desk, CLEAR, AS_OF)
    speakers = [turn.speaker for turn in decision.debate]
    assert speakers == ["bull", "bear", "trader", "aggressive", "conservative", "neutral"]
    assert decision.debate[2].argument.claim.startswith("buy")
    assert decision.thesis.bull_case == "Said by research_manager."
    assert decision.thesis.summary == "Said by portfolio_manager."


@pytest.mark.parametrize("order", ["parallel", "serial"])
def test_risk_analysts_in_order_see_those_before_them(demo, tmp_path, order):
    text = (BUILT_IN / "debate.yaml").read_text(encoding="utf-8")
    path = tmp_path / "desk.yaml"
    path.write_text(text.replace("chair: risk_manager,", f"chair: risk_manager, order: {order},"), encoding="utf-8")
    desk, model = scripted_desk(
        str(path), demo, trader=OrderPlan(orders=(ORDER,), rationale="One."), risk_manager=REVIEW
    )
    decision_of(desk, CLEAR, AS_OF)
    shown = {request.role: request.user.count(": approve, lets through") for request in model.asked}
    expected = (0, 1, 2) if order == "serial" else (0, 0, 0)
    assert tuple(shown[name] for name in ("aggressive", "neutral", "conservative")) == expected
    assert shown["risk_manager"] == 3
