"""Runs a desk over a book with a scripted model, and says who was asked what and whose work each role saw."""

import asyncio
import re
from decimal import Decimal

from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest, Desk
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.account import Account
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.graph.build import build
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from scripted_answers import AS_OF

BOOK = tuple(map(Symbol, ("CALDR", "GRUND", "VEXIL")))
PART = re.compile(r"^([A-Z]{3,6}): ", re.MULTILINE)
CITABLE = re.compile(r"\[((?:[A-Z]+/)?[a-z]+\.[\w.@-]+)\]")
SAID = re.compile(r"said by (\w+)")


def symbols_in(request):
    """Return the symbols that a prompt over a book has a part for."""
    return list(dict.fromkeys(PART.findall(request.user)))


def first_citable(request):
    """Return the first evidence id of a prompt, as a tuple; empty without one."""
    return tuple(CITABLE.findall(request.user)[:1])


class Answers(dict):
    """A script with an answer for every role: `by_kind` returns one for the name of the class that is asked for."""

    def __init__(self, by_kind):
        super().__init__()
        self.by_kind = by_kind

    def __contains__(self, role):
        return True

    def __getitem__(self, role):
        return lambda request: self.by_kind[request.answer.__name__](request)


def decided(source, desk, by_kind, symbols=BOOK, account=None, **more):
    """Return the decisions of a scripted desk over a book, and its model."""
    file, model = load_desk(desk), ScriptedModel(Answers(by_kind))
    team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
    use = ModelInfo("scripted", "scripted", "scripted")
    built = Desk(file, team, build(file), source, Limits(), use, InMemoryCallLog(), {}, 1, "0", lambda: 0.0, **more)
    held = account or Account("test", Decimal(100_000))
    requests = [DecisionRequest(RunId(f"run-{name}"), name, AS_OF, held) for name in symbols]
    return asyncio.run(decide_book(built, requests)), model


def transcript(model):
    """Return one line for each request: the role, what it was asked for, whose work and which evidence it saw."""
    return "".join(sorted_within_stage(model.asked))


def sorted_within_stage(asked):
    """Return the lines in the order of the requests; those of one role that follow each other are sorted."""
    lines = list(map(_line, asked))
    return [f"{line}\n" for line in lines]


def _line(request):
    said = sorted(set(SAID.findall(request.user)))
    kinds = sorted({name.rpartition("/")[2].partition(".")[0] for name in CITABLE.findall(request.user)})
    about = " ".join(symbols_in(request)) or "one symbol"
    past = ", own decisions" if "own decision " in request.user else ""
    return f"{request.role} is asked for {request.answer.__name__} on {about}; sees {said}, evidence {kinds}{past}"
