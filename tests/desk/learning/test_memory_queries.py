"""Queries of the memory by horizon: written by an analyst, short ones dropped, the best of each merged."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from desk_factory import close_of
from memory_desk import HERE
from openoutcry.agents.analyst import queries_by_rule
from openoutcry.agents.context import AgentContext, Contribution
from openoutcry.agents.recall import ALL_ASPECTS, MemoryRecall
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.desk.records.document import schema_text, to_document
from openoutcry.domain.account import Account
from openoutcry.domain.brief import Brief
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.evidence import Evidence, EvidenceKind
from openoutcry.domain.ids import EvidenceId, Symbol
from openoutcry.domain.memory_queries import HorizonQueries, IntelligenceReport, QueryHorizon
from openoutcry.domain.outputs import Report
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.market.view import MarketView
from openoutcry.memory.port import RecalledRecord
from openoutcry.memory.record import Aspect, Layer, Namespace, Record, Source
from openoutcry.tools.quote import build_quote
from scripted_answers import AS_OF
from transcripts import answer, decision_of, scripted_desk

jsonschema = pytest.importorskip("jsonschema")

ALL = tuple(QueryHorizon)
AT = close_of(2025, 3, 3)
LONG_ENOUGH = "a recall of a product line"
STATED = {"summary": "Seen.", "stance": "bullish", "confidence": 0.6, "evidence": ("news.a",)}


def report(short=LONG_ENOUGH, medium=LONG_ENOUGH, long=LONG_ENOUGH):
    return IntelligenceReport(**STATED, short_query=short, medium_query=medium, long_query=long)


@pytest.mark.parametrize(
    ("horizons", "written", "kept"),
    [
        (ALL, {}, ["short", "medium", "long"]),
        (ALL, {"medium": "five words are too few"}, ["short", "long"]),
        (ALL, {"medium": "six words are just about enough"}, ["short", "medium", "long"]),
        ((QueryHorizon.LONG,), {}, ["long"]),
        (ALL, dict.fromkeys(("short", "medium", "long"), "unknown"), []),
    ],
    ids=["all", "five words", "six words", "only long", "none"],
)
def test_queries_of_five_words_or_fewer_are_dropped(horizons, written, kept):
    assert [each.horizon for each in report(**written).queries(horizons).queries] == kept


def test_the_horizon_is_part_of_the_search():
    texts = [each.search_text for each in report().queries(ALL).queries]
    assert texts == [f"{LONG_ENOUGH} {name}-TERM impact of the stock" for name in ("SHORT", "MEDIUM", "LONG")]


def memory(number):
    record = Record(Namespace("t", "t"), Symbol("CALDR"), Source.NEWS, Aspect.NEWS, f"text {number}", AT, AT, AT)
    return RecalledRecord(record, Layer.SHORT, 0.5, {}, f"text {number}")


class Shelf:
    """A memory that answers each query with the numbers that its text is listed with."""

    as_of, seq = AT, 0

    def __init__(self, answers):
        self.answers, self.asked, self.prepared = answers, [], []

    def recall(self, query):
        self.asked.append(query)
        found = [number for key, numbers in self.answers.items() if key in query.texts[0] for number in numbers]
        return tuple(map(memory, found[: query.limit]))

    async def prepare(self, query):
        self.prepared.append(query)


@pytest.fixture
def context(demo):
    quote = build_quote(MarketView(demo, AT), Symbol("CALDR"))
    account = Account("t", Decimal(100_000))
    brief = Brief(Symbol("CALDR"), AT, quote.session, quote.session, quote, account, synthetic=True)
    shown = Evidence(EvidenceId("news.a"), EvidenceKind.NEWS, "t", AT, "The plant burned down last night.")
    return AgentContext(brief, (shown,))


def recalled(shelf, context, tokens=4000):
    recall = MemoryRecall(shelf, (), tokens)
    asyncio.run(recall.prepare(context, ALL_ASPECTS, 1.0))
    return [each.excerpt.removeprefix("text ") for each in recall(context, ALL_ASPECTS, 1.0)]


def test_the_top_three_of_each_horizon_are_shown_once(context):
    shelf = Shelf({"SHORT-": [1, 2, 3, 4], "MEDIUM-": [2, 5, 6, 7], "LONG-": [8, 1, 9, 10]})
    queries = report().queries(ALL)
    found = recalled(shelf, replace(context, contributions=(Contribution("news", queries),)))
    assert found == ["1", "2", "3", "5", "6", "8", "9"]
    assert [query.limit for query in shelf.asked] == [3, 3, 3]
    assert shelf.asked == shelf.prepared
    assert {query.symbol for query in shelf.asked} == {context.brief.symbol}


def test_without_queries_the_evidence_is_searched_by(context):
    shelf = Shelf({"burned": range(20)})
    assert len(recalled(shelf, context)) == 6
    assert recalled(shelf, replace(context, contributions=(Contribution("news", HorizonQueries(queries=())),))) == []


def test_the_rule_asks_for_what_resembles_the_newest_cited_evidence(context):
    (first,) = context.evidence
    older = replace(first, id=EvidenceId("news.b"), known_at=AT - timedelta(days=2), text="An old story.")
    later = replace(first, id=EvidenceId("news.c"), known_at=AT + timedelta(days=2), text="It is not cited.")
    cited = Report(**{**STATED, "evidence": ("news.a", "news.b")})
    made = queries_by_rule(cited, replace(context, evidence=(older, first, later)))
    assert made.report == cited
    assert {each.text for each in made.queries(ALL).queries} == {
        f"past events for {context.brief.symbol} like The plant burned down last night."
    }


WRITTEN = {"short_query": LONG_ENOUGH, "medium_query": "too short", "long_query": LONG_ENOUGH}


class Answering:
    """Answers the intelligence agent with queries, and every other role as usual."""

    def __call__(self, request):
        stated = answer(request).model_dump()
        return IntelligenceReport.model_validate({**stated, **WRITTEN})


@pytest.mark.parametrize("recalls", [True, False], ids=["memory", "no memory"])
def test_the_trader_of_finagent_sees_what_the_intelligence_agent_asked_for(demo, keeper, recalls):
    desk, model = scripted_desk("finagent", demo, news=Answering())
    if recalls:
        before = AT - timedelta(days=5)
        times = {"event_at": before, "available_at": before, "learned_at": before}
        text = "A recall of a product line hit sales."
        stored = replace(memory(1).record, namespace=HERE, text=text, **times)
        asyncio.run(keeper.prepare([stored]))
        keeper.write([stored])
        desk = replace(desk, memory=DeskMemory(keeper, HERE, tokens=800))
    decision = decision_of(desk, "CALDR", AS_OF)
    written = [each.content for each in decision.contributions if each.kind == "HorizonQueries"]
    assert [[each["horizon"] for each in said["queries"]] for said in written] == [["short", "long"]]
    assert [each.role for each in decision.reports] == ["news", "technical", "strategies"]
    trader = next(request for request in model.asked if request.role == "trader")
    assert ("A recall of a product line hit sales." in trader.user) is recalls
    jsonschema.validate(json.loads(json.dumps(to_document(decision), default=str)), json.loads(schema_text()))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("queries: [short, medium, long]", "queries: [short, short]", "names a horizon twice"),
        ("queries: [short, medium, long]", "queries: [soon]", "queries"),
        ("tools: [news, sentiment]", "tools: [ratios]", "an analyst that reads news"),
        ("preset: default, tokens: 800", "preset: none", "queries search a memory with vectors"),
    ],
)
def test_queries_that_cannot_be_written_or_searched_are_config_errors(tmp_path, old, new, said):
    text = (BUILT_IN / "finagent.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "finagent.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_desk(str(path))
