"""Who was asked what at a desk, who saw whose work, and in which order: transcripts with a scripted model.

`python -m tests.transcripts NAME ...` writes the golden transcripts of these desks anew.
"""

import asyncio
import re
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.account import Account
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.outputs import StructuredOutput
from openoutcry.graph.build import build
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.market.demo import demo_market
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits

GOLDEN = Path(__file__).parent / "graph" / "transcripts"
CITED = re.compile(r"\[([a-z]+\.[^\]\s]+)\](?:.*: (.*)|\s+(.*))")
SPOKEN = re.compile(r"Said by ([a-z_0-9]+)")


def answer(request) -> StructuredOutput:
    """Return a valid answer of any role; its texts name the role, and it cites the first evidence of the prompt."""
    schema = request.answer.model_json_schema()
    given = _filled(schema, schema.get("$defs", {}), request)
    if request.answer.__name__ == "SectionedRating":
        given["sections"] *= 5
    return request.answer.model_validate(given | FIXED.get(request.answer.__name__, {}))


FIXED = {
    "Thesis": {"rating": "buy", "conviction": 0.5},
    "SingleAgentOutput": {"rating": "buy", "conviction": 0.5, "orders": []},
    "RatingDecision": {"rating": "buy", "conviction": 0.5},
    "SectionedRating": {"rating": "buy", "conviction": 0.5},
    "ExposureDecision": {"exposure": 0.5},
    "ResearchNote": {"rating": "buy"},
    "DirectionDecision": {"direction": "long", "confidence": 0.8, "reward_to_risk": "1.5", "stop": None},
    "NewsScore": {"score": 5, "risk": 2},
    "RationaleScore": {"score": 7},
    "TradeProposal": {"action": "buy", "entry_price": None, "stop_price": None},
}


def _filled(schema, known, request):
    required = schema.get("required", ())
    return {name: _value(name, part, known, request) for name, part in schema["properties"].items() if name in required}


def _value(name, part, known, request):
    part = known[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
    if "anyOf" in part:
        return None
    if "enum" in part:
        return part["enum"][0]
    if part.get("type") == "object":
        return _filled(part, known, request)
    if part.get("type") == "array":
        item = part["items"]
        if name == "evidence":
            return [_first_citation(request)[0]]
        return [_value("", item, known, request)] * part.get("minItems", 1)
    if part.get("type") in {"number", "integer"}:
        return part.get("minimum", 1) or part.get("maximum", 1)
    return _text(name, request)


def _text(name, request):
    place, text = _first_citation(request)
    return {"source": place, "quote": text}.get(name, f"Said by {request.role}.")


def _first_citation(request):
    found = CITED.search(request.user)
    return (found[1], (found[2] or found[3] or "").strip()) if found else ("px.close", "")


class AnyScript(dict):
    """A script that answers every role."""

    def __contains__(self, role):
        return True

    def __missing__(self, role):
        return answer


def scripted_desk(name, source, **lines):
    """Return a desk whose model answers every role, and the model; `lines` are the answers of some roles."""
    file, model = load_desk(name), ScriptedModel(AnyScript(lines))
    team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
    info = ModelInfo("scripted", "scripted", "scripted")
    return Desk(file, team, build(file), source, Limits(), info, InMemoryCallLog(), {}, 1, "0", lambda: 0.0), model


def decision_of(desk, symbol, as_of, **account):
    """Return one decision of a flat account, or of one with these fields."""
    flat = Account(**{"name": "test", "cash": Decimal(100_000), **account})
    request = DecisionRequest(RunId("run"), Symbol(symbol), as_of, flat)
    if desk.file.over_book:
        return asyncio.run(decide_book(desk, [request]))[0]
    return asyncio.run(decide(desk, request))


def transcript(name, source, symbol, as_of) -> str:
    """Return the transcript of one decision: a line for each question, and the outcome."""
    desk, model = scripted_desk(name, source)
    decision = decision_of(desk, symbol, as_of)
    lines = [_line(number, request, desk) for number, request in enumerate(model.asked, start=1)]
    orders = "; ".join(f"{each.action} {each.quantity:f} {each.order_class}" for each in decision.risk.allowed)
    ended = decision.abstention.reason if decision.abstention else orders
    return "\n".join([*lines, f"{decision.outcome}: {ended}".rstrip(": ")]) + "\n"


def _line(number, request, desk):
    members = {role.name: role for role in desk.team.roles}
    asked = members.get(request.role)
    prompt = asked.prompt.id if asked else "grade"
    evidence = ["evidence"] if re.search(r"<evidence>\n\[", request.user) else []
    seen = [*evidence, *sorted(set(SPOKEN.findall(request.user)))]
    wanted = request.answer.schema_name
    return f"{number}. {request.role} [{prompt}] writes {wanted}; sees {', '.join(seen) or 'nothing'}"


if __name__ == "__main__":
    from tests.scripted_answers import AS_OF, CLEAR

    for desk_name in sys.argv[1:]:
        path = GOLDEN / f"{desk_name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(transcript(desk_name, demo_market(last=date(2025, 6, 30)), CLEAR, AS_OF), encoding="utf-8")
