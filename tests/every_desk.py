"""One desk of every topology, a script that answers every role, and what each role saw."""

import re
from collections.abc import Mapping

from openoutcry.domain.decision_outputs import DirectionDecision, ExposureDecision, RatingDecision
from openoutcry.domain.deliberation_outputs import (
    ExpertScores,
    FactTable,
    Forecast,
    MixWeight,
    NewsFactors,
    PeriodStrategy,
    PositionView,
    RegimeScores,
)
from openoutcry.domain.outputs import Argument, OrderPlan, Report, RiskOpinion, RiskReview, SingleAgentOutput, Thesis
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.runtime import Stage
from scripted_answers import ORDER, SCRIPT, THESIS

PANEL = """
name: own_panel
roles:
  - {role: analyst, name: technical, tools: [bars, indicators]}
  - {role: analyst, name: news, tools: [news, sentiment]}
deliberation: {kind: panel, decider: manager}
decision: {kind: direction}
sizing: {kind: all_in}
"""
VOTE = """
name: own_vote
roles:
  - {role: single_agent, name: calm, tools: [bars, indicators], persona: Calm.}
  - {role: single_agent, name: bold, tools: [news, sentiment], persona: Bold.}
  - {role: single_agent, name: dry, tools: [ratios, macro], persona: Dry.}
deliberation: {kind: vote, rounds: 1}
decision: {kind: exposure}
"""
HIERARCHY = """
name: own_hierarchy
roles:
  - {role: expert, name: trend_expert, modality: data, tools: [bars, indicators], cadence: month}
  - {role: expert, name: risk_expert, modality: data, tools: [bars, indicators, macro], cadence: month}
  - {role: expert, name: sentiment_expert, modality: news, tools: [news, sentiment], cadence: month}
deliberation: {kind: hierarchy, long_only: true, cadence: month}
decision: {kind: exposure, horizon: 21}
sizing: {kind: as_decided}
risk: {committee: [], chair: null, limits: default}
"""
OWN = {"own_panel": PANEL, "own_vote": VOTE, "own_hierarchy": HIERARCHY}
DESKS = (
    "debate", "single_agent", "own_panel", "own_vote", "strux", "mmdrex", "llmoe", "lm_guided", "prediction_market",
    "own_hierarchy",
)  # fmt: skip
"""At least one desk of every topology."""

EXPERTS = re.compile(r"(?:every expert|its score): ([a-z0-9_, ]+)\.")
LABEL = re.compile(r"\[([\w.@/-]+)\]")
VIEW = {"horizon_sessions": 21, "invalidation": "A close below the average."}
SIDE = {"direction": "long", "confidence": 0.7, "reward_to_risk": None, "stop": None}
FEATURE = {"feature": "Momentum.", "direction": 1, "weight": 2}


def desk_named(name, folder):
    """Return a built-in desk, or one of this module."""
    if name not in OWN:
        return load_desk(name)
    path = folder / f"{name}.yaml"
    path.write_text(OWN[name], encoding="utf-8")
    return load_desk(str(path))


def answer_to(question):
    """Return an answer of the class that is asked for, with a summary that names its author."""
    summary, found = f"Said by {question.role}.", LABEL.search(question.user)
    cited = found.group(1) if found else "px.close"
    stated = {"summary": summary, "evidence": (cited,)}
    experts = [name.strip() for name in (EXPERTS.search(question.user) or ["", ""])[1].split(",") if name]
    scores = [{"expert": name, "score": place / 2} for place, name in enumerate(experts)]
    fact = {"text": summary, "side": "favourable", "strength": 2, "source": cited}
    factor = {"factor": summary, "sentiment": 1, "impact": 2, "source": cited}
    strategy = {"action": "LONG", "action_confidence": 2, "explanation": summary, "features_used": [FEATURE]}
    fields = {
        Report: {**stated, "stance": "bullish", "confidence": 0.6},
        Argument: {"claim": summary, "evidence": (cited,)},
        DirectionDecision: {**VIEW, **stated, **SIDE},
        ExposureDecision: {**VIEW, **stated, "exposure": 0.5},
        RatingDecision: {**VIEW, **stated, "rating": "buy", "conviction": 0.5},
        RegimeScores: {**stated, "up": 1.0, "down": -1.0, "sideways": 0.0, "scores": scores},
        ExpertScores: {**stated, "scores": scores},
        PositionView: {**stated, "position": 0.5},
        MixWeight: {**stated, "weight": 0.25},
        PeriodStrategy: {**strategy, "evidence": (cited,)},
        NewsFactors: {"factors": [factor]},
        FactTable: {"facts": [fact]},
        Forecast: {**stated, "down": 0.2, "flat": 0.3, "up": 0.5},
        Thesis: {**THESIS.model_dump(), "summary": summary},
        OrderPlan: {"orders": [ORDER], "rationale": summary},
        SingleAgentOutput: {**THESIS.model_dump(), "orders": [ORDER], "rationale": summary},
        RiskOpinion: {"verdict": "approve", "scale": 1.0, "reason": summary, "evidence": ()},
        RiskReview: {"verdict": "approve", "scale": 1.0, "reason": summary, "evidence": ()},
    }  # fmt: skip
    return question.answer.model_validate(fields[question.answer])


class Everybody(Mapping):
    """A script with one answer for every role, and others for the roles that are given."""

    def __init__(self, **lines):
        self._lines = lines

    def __contains__(self, _):
        return True

    def __getitem__(self, role):
        return self._lines.get(role, answer_to)

    def __iter__(self):
        return iter(SCRIPT)

    def __len__(self):
        return len(SCRIPT)


def slots(events):
    """Return the roles that were at work at the same time, in order."""
    groups, busy = [], 0
    for event in events:
        if event.stage is Stage.STARTED:
            if busy == 0:
                groups.append([])
            groups[-1].append(event.role)
            busy += 1
        else:
            busy -= 1
    return [sorted(group) for group in groups]


def transcript(team, asked, events):
    """Return who was asked what in which order, and what each saw: kinds of evidence, and the work of which roles."""
    waiting = {}
    for question in asked:
        waiting.setdefault(question.role, []).append(question)
    turns = {
        role: len(questions) / sum(group.count(role) for group in slots(events)) for role, questions in waiting.items()
    }
    lines = []
    for number, group in enumerate(slots(events), start=1):
        for role in group:
            questions = [waiting[role].pop(0) for _ in range(int(turns[role]))]
            lines.append(f"{number} {_line(team, questions)}")
    return "\n".join(lines)


def _line(team, questions):
    first = questions[0]
    assert {question.user for question in questions} == {first.user}
    times = f" x{len(questions)}" if len(questions) > 1 else ""
    evidence = first.user.split("<evidence>")[1].split("</evidence>")[0] if "<evidence>" in first.user else ""
    kinds = sorted({label.split(".")[0] for label in LABEL.findall(evidence)})
    heard = sorted(set(re.findall(r"Said by (\w+)\.", first.user)))
    prompt = team.agent(first.role).role.prompt.id
    return (
        f"{first.role}{times}: prompt {prompt}, answers {first.answer.__name__}, "
        f"evidence {' '.join(kinds) or '-'}, work of {' '.join(heard) or '-'}"
    )
