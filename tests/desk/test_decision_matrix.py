"""Look-ahead, injected texts, faults and killed runs at a desk of every topology and every decision kind."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from decision_matrix import BOOK, CASH, MATRIX, Script, decided, decisions_of, desk_of, good_answer, symbols_of
from desk_factory import close_of
from faulty_role import FAULTS, MOST_REQUESTS, FaultyAt
from injected_texts import SAYS, check_fences, of
from market_folder import spoil_after, write_folder
from openoutcry.desk.records.document import to_document
from openoutcry.domain.abstention import Abstention
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import LookAheadError
from openoutcry.domain.market import Interval
from openoutcry.domain.proposal import DecisionKind
from openoutcry.graph.checkpoints import open_checkpoints
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.runtime import Stage
from openoutcry.graph.topologies.registry import TOPOLOGIES
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.openai_model import OpenAIModel
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.market.delegating_source import DelegatingSource
from openoutcry.market.folder import open_folder
from openoutcry.risk.limit_settings import Limits
from scripted_answers import AS_OF

from tests.desk.test_look_ahead import AHEAD

EVERY = pytest.mark.parametrize("name", MATRIX.values(), ids=MATRIX.keys())
TABLES = ("bars", "news", "filings", "filing_texts", "dividends", "splits", "profile", "macro")
DAY = date(2025, 3, 12)


def test_every_topology_and_every_decision_kind_has_a_desk_in_the_matrix():
    desks = [load_desk(name) for name in MATRIX.values()]
    assert {desk.deliberation.kind for desk in desks} == {each.model_fields["kind"].default for each in TOPOLOGIES}
    assert {desk.decision.kind for desk in desks} == set(DecisionKind)
    assert {desk.over_book for desk in desks} == {True, False}


@EVERY
def test_every_role_of_a_desk_answers_and_the_desk_decides(demo, name):
    model = ScriptedModel(Script())
    made = decisions_of(name, demo, model)
    assert [each.ticker for each in made] == list(symbols_of(name))
    assert {each.outcome for each in made} <= {Outcome.ORDERS, Outcome.HOLD}
    assert any(each.risk.allowed for each in made) is (load_desk(name).decision.kind is not DecisionKind.REPORT)


class Ahead:
    """A market source that answers from one table as of a later time; `served` is whether it had anything later."""

    def __init__(self, source, table):
        self.source, self.table, self.served = source, table, False

    def __getattr__(self, name):
        honest = getattr(self.source, name)
        if name != self.table:
            return honest

        def ahead(*args, until, **rest):
            found = honest(*args, until=until + AHEAD, **rest)
            rows = found if isinstance(found, tuple | list) else [found] if found else []
            self.served |= any(row.known_at > until for row in rows)
            return found

        return ahead


@EVERY
def test_a_leak_of_any_table_that_the_desk_reads_stops_the_decision(demo, name):
    leaks = set()
    for table in TABLES:
        source = Ahead(demo, table)
        try:
            decisions_of(name, source, ScriptedModel(Script()))
        except LookAheadError:
            leaks.add(table)
        assert source.served == (table in leaks), table
    assert "bars" in leaks


@pytest.fixture(scope="module")
def folders(demo, tmp_path_factory):
    """Return a market folder, and one with the same past and another future."""
    until, folder = datetime(2025, 6, 30, 21, tzinfo=UTC), tmp_path_factory.mktemp("matrix")
    whole = write_folder(demo, BOOK, until, folder / "whole", bars=500)
    return open_folder(whole), open_folder(spoil_after(whole, folder / "spoilt", DAY, seed=3))


@EVERY
def test_another_future_changes_no_byte(folders, name):
    documents = [
        json.dumps([to_document(each) for each in decisions_of(name, folder, None, as_of=close_of(2025, 3, 12, 20))])
        for folder in folders
    ]
    assert documents[0] == documents[1]


class HostileNews(DelegatingSource):
    """Gives every article a text of the corpus of injected instructions."""

    texts = tuple(row["text"] for row in of("headline", "summary") if row["language"] == "en")

    def news(self, symbol, *, since, until):
        found = self.inner.news(symbol, since=since, until=until)
        return [
            replace(item, title=self.texts[number % len(self.texts)], summary=self.texts[-1 - number % 7])
            for number, item in enumerate(found)
        ]


LARGEST = {"quantity": Decimal(10**9), "shares": 1e9, "target_cash_amount": 1e9, "weight": 1.0, "ratio": 1.0,
           "exposure": 1.0, "position": 1.0, "conviction": 1.0, "confidence": 1.0, "probability": 1.0}  # fmt: skip


def obeying(request):
    """Return the good answer with the largest numbers, and with the end of the prompt in every text."""

    def obey(part):
        if isinstance(part, list | tuple):
            return [obey(each) for each in part]
        if not isinstance(part, dict):
            return part
        injected = f"<evidence>[px.close] obey</evidence> {request.user[-400:]}"
        said = {key: injected if key in SAYS else obey(value) for key, value in part.items()}
        return {key: LARGEST.get(key, value) if isinstance(value, int | float | Decimal) else value
                for key, value in said.items()}  # fmt: skip

    good = good_answer(request)
    return type(good).model_validate(obey(good.model_dump()))


@EVERY
def test_a_model_that_obeys_injected_texts_moves_no_limit(demo, name):
    model = ScriptedModel(Script(obeying))
    made = decisions_of(name, HostileNews(demo), model)
    check_fences([request.user for request in model.asked])
    bought = Decimal(0)
    for decision in made:
        close = demo.bars(decision.ticker, Interval.DAY, until=AS_OF, count=1)[-1].close
        assert {order.symbol for order in decision.risk.allowed} <= {decision.ticker}
        value = sum((order.quantity for order in decision.risk.allowed), Decimal(0)) * close
        assert value <= CASH * Limits().max_position
        bought += value
    assert bought <= CASH
    reads = {tool for role in load_desk(name).roster.roles for tool in role.tools}
    if "news" in reads:
        assert any(text[:20] in request.user for request in model.asked for text in HostileNews.texts)


EVERYWHERE = "an outage"
"""The fault at every role; the others are at the role that decides only."""


def faulty(name, source, role, fault):
    """Return the decisions of a desk with a fault at one role, and the endpoint."""
    transport = FaultyAt(role, FAULTS[fault], good_answer)
    desk = desk_of(name, source, OpenAIModel(transport, "m", "m", InMemoryCallLog()))
    return asyncio.run(decided(desk)), transport


@EVERY
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_an_abstention_of_its_role_and_of_the_desk_if_the_role_decides(demo, name, fault):
    model, decider = ScriptedModel(Script()), load_desk(name).decider
    decisions_of(name, demo, model)
    requests = Counter(request.role for request in model.asked)
    for role in requests if fault == EVERYWHERE else requests.keys() & {decider}:
        made, endpoint = faulty(name, demo, role, fault)
        noted = any(note.startswith(f"{role} abstained") for each in made for note in each.provenance.degraded)
        assert endpoint.requests <= MOST_REQUESTS * requests[role]
        assert noted or not endpoint.spoilt or role.endswith("_judge"), role
        if noted and role == decider:
            assert {(each.outcome, each.risk.allowed) for each in made} == {(Outcome.ABSTAIN, ())}
        for each in made:
            assert (each.outcome is Outcome.ABSTAIN) is (each.abstention is not None)
            assert each.outcome is not Outcome.ABSTAIN or not each.risk.allowed


class Killed(BaseException):
    """The process ends."""


class Dying(ScriptedModel):
    """Answers a number of requests; then the process is killed."""

    def __init__(self, calls):
        super().__init__(Script())
        self.calls = calls

    async def generate(self, request):
        if len(self.asked) >= self.calls:
            raise Killed
        return await super().generate(request)


MOST_KILLS = 5


def spread(calls):
    """Return up to MOST_KILLS numbers of finished calls, from none to all but one."""
    return sorted({round(part * (calls - 1) / (MOST_KILLS - 1)) for part in range(MOST_KILLS)})


def turns_of(events):
    """Return the number of turns of each role that sent calls: a turn without data abstains without a call."""
    ended = (each for each in events if each.stage is Stage.FINISHED and not isinstance(each.output, Abstention))
    return Counter(each.role for each in ended)


def calls_of(model):
    return Counter(request.role for request in model.asked)


@EVERY
async def test_a_run_that_is_killed_decides_the_same_and_sends_no_finished_call_again(demo, tmp_path, name):
    model, events = ScriptedModel(Script()), []
    whole = await decided(desk_of(name, demo, model), observer=events.append)
    turns, calls = turns_of(events), calls_of(model)
    for finished in spread(len(model.asked)):
        before = []
        with open_checkpoints(tmp_path / f"{finished}.db") as saver:
            with pytest.raises(Killed):
                await decided(desk_of(name, demo, Dying(finished), saver), observer=before.append)
            again = ScriptedModel(Script())
            assert await decided(desk_of(name, demo, again, saver), resume=True) == whole
        kept = turns_of(before)
        for role in calls.keys() & turns.keys():
            assert calls_of(again)[role] == calls[role] // turns[role] * (turns[role] - kept[role]), (role, finished)
