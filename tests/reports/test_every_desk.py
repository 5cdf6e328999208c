"""Every built-in desk: a strict document, citations that exist, reports, progress and a drawing of its graph."""

import asyncio
import json

import jsonschema
import pytest
from citations import citations
from desk_factory import close_of, rules
from openoutcry.cli.console.descriptions import describe
from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest, decide
from openoutcry.desk.records.document import schema_text, to_document
from openoutcry.domain.account import Account
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.graph.build import flow_of
from openoutcry.graph.description import shape_of
from openoutcry.graph.desk_config import built_in_desks, load_desk
from openoutcry.graph.drawing import mermaid, rows_of, text_drawing
from openoutcry.reports.render import html, markdown

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))
SYMBOLS = ("CALDR", "GRUND", "HALDM")


def decisions(demo, name, said):
    desk, account = rules(demo, name), Account("test", 100_000)
    requests = [DecisionRequest(RunId(f"run-{each}"), Symbol(each), close_of(2025, 3, 3), account) for each in SYMBOLS]

    def observe(progress):
        if progress.output is not None:
            said.append(describe(progress.role, progress.output))

    if desk.file.over_book:
        return asyncio.run(decide_book(desk, requests, observer=observe))
    return [asyncio.run(decide(desk, request, observer=observe)) for request in requests]


@pytest.mark.parametrize("name", built_in_desks())
def test_documents_reports_and_progress_of_every_desk(demo, name):
    said = []
    for decision in decisions(demo, name, said):
        document = json.loads(json.dumps(to_document(decision)))
        assert not [error.message for error in VALIDATOR.iter_errors(document)]
        known = {item["id"] for item in document["evidence"]}
        assert set(citations({key: part for key, part in document.items() if key != "evidence"})) <= known
        assert all("/" not in each for each in known)
        assert f"<h1>{decision.ticker}</h1>" in html(decision, ())
        assert f"# {decision.ticker}" in markdown(decision, ())
    assert said
    assert not [heading.plain for heading, text in said if text.plain == "done"]


@pytest.mark.parametrize("name", built_in_desks())
def test_the_drawing_of_every_desk_has_each_node_once(name):
    desk = load_desk(name)
    shape = shape_of(flow_of(desk))
    drawn = [node for row in rows_of(shape) for node in row]
    assert sorted(drawn) == sorted((*shape.agents, *shape.computations))
    assert set(shape.agents) == set(desk.roster.names())
    assert mermaid(shape).count("\n") >= len(drawn) + len(shape.edges)
    assert all(node in text_drawing(shape) for node in drawn)
