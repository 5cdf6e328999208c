"""One desk for every pair of topology and decision kind among the built-in desks, and runs of it with any model."""

import asyncio
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from every_desk import answer_to
from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.account import Account
from openoutcry.domain.book_outputs import AllocationEntry, CashTargetEntry, NeedEntry, SignalEntry
from openoutcry.domain.contest_outputs import FactorRating
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.graph.build import build
from openoutcry.graph.desk_config import built_in_desks, load_desk
from openoutcry.graph.runtime import ignore_progress
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from scripted_answers import AS_OF
from transcripts import answer

BOOK = tuple(map(Symbol, ("GRUND", "CALDR", "VEXIL")))
CASH = Decimal(100_000)
PART = re.compile(r"^([A-Z]{3,6}): ", re.MULTILINE)
CITABLE = re.compile(r"\[((?:[A-Z]+/)?[a-z]+\.[\w.@-]+)\]")


def _matrix():
    """Return the desk with the fewest turns for each topology, decision kind and scope."""
    smallest = {}
    for desk in map(load_desk, built_in_desks()):
        case = f"{desk.deliberation.kind}-{desk.decision.kind}-{desk.intake.scope}"
        smallest[case] = min(smallest.get(case, desk), desk, key=lambda each: each.turns)
    return {case: desk.name for case, desk in sorted(smallest.items())}


MATRIX = _matrix()
"""Names of desks by `topology-kind-scope`."""


def symbols_of(name):
    """Return the symbols that a desk of the matrix decides on."""
    return BOOK if load_desk(name).over_book else BOOK[:1]


def good_answer(request):
    """Return a valid answer of any role: it asks for purchases where it can, and cites what it was shown."""
    kind = request.answer.__name__
    if kind in STATED:
        return request.answer.model_validate(STATED[kind](request))
    try:
        return answer_to(request)
    except KeyError:
        return answer(request)


def _symbols(request):
    return list(dict.fromkeys(PART.findall(request.user))) or [BOOK[0]]


def _cited(request):
    return tuple(CITABLE.findall(request.user)[:1])


def _about(request):
    return {"summary": f"Said by {request.role}.", "evidence": _cited(request)}


def _entries(kind, request, **fields):
    return tuple(kind(symbol=symbol, **fields) for symbol in _symbols(request))


def _signals():
    stated = {"action": "buy", "evidence": (), "limitations": ("Few facts.",), "probability": 0.7}
    return tuple(SignalEntry(symbol=symbol, **stated) for symbol in BOOK)


def _targets(request):
    stated = {"target_cash_amount": 5000.0, "reasons": ("Up.",), "confidence": 0.5}
    return _entries(CashTargetEntry, request, action="increase", **stated)


STATED = {
    "AllocationDecision": lambda r: {**_about(r), "entries": _entries(AllocationEntry, r, weight=0.1), "cash": None},
    "NeedsDecision": lambda r: {"entries": _entries(NeedEntry, r, needed=True, reason="Moved.")},
    "TargetCashDecision": lambda r: {**_about(r), "entries": _targets(r)},
    "SignalsDecision": lambda r: {**_about(r), "entries": _signals()},
    "TextFactor": lambda r: {"text": "A factor.", "ratings": (FactorRating(symbol=BOOK[0], rating=0.5),),
                             "evidence": _cited(r)},
    "AnalystPick": lambda r: {"analysts": ("technical",), "justification": "Up."},
    "Deductions": lambda r: {"entries": ()},
    "DirectionDecision": lambda r: answer(r).model_dump(),
    "RatioDecision": lambda r: answer(r).model_dump() | {"ratio": 0.2},
    "TradeChoice": lambda r: {"action": "buy", "shares": 1, "justification": "Up."},
}  # fmt: skip


class Script(Mapping):
    """A script with the good answer for every role, and others for the roles that are given."""

    def __init__(self, fallback=good_answer, **lines):
        self._fallback, self._lines = fallback, lines

    def __contains__(self, _):
        return True

    def __getitem__(self, role):
        return self._lines.get(role, self._fallback)

    def __iter__(self):
        return iter(self._lines)

    def __len__(self):
        return len(self._lines)


def desk_of(name, source, model, saver=None):
    """Return a desk of the matrix with a model; None is answered by rules."""
    file = load_desk(name)
    team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
    info = model.info if model else ScriptedModel({}).info
    graph = build(file, saver) if saver else _graph_of(name)
    return Desk(file, team, graph, source, Limits(), info, InMemoryCallLog(), {}, 1, "0", lambda: 0.0)


@cache
def _graph_of(name):
    return build(load_desk(name))


async def decided(desk, observer=ignore_progress, resume=False, as_of=AS_OF):
    """Return the decisions of a desk: one on its symbol, or one on each symbol of its book."""
    account = Account("test", CASH, margin=True)
    requests = [DecisionRequest(RunId(f"r-{each}"), each, as_of, account) for each in symbols_of(desk.file.name)]
    if desk.file.over_book:
        return await decide_book(desk, requests, observer=observer, resume=resume)
    return (await decide(desk, requests[0], observer=observer, resume=resume),)


def decisions_of(name, source, model, **given):
    """Return the decisions of a desk of the matrix with a model."""
    return asyncio.run(decided(desk_of(name, source, model), **given))
