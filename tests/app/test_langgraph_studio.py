"""The graphs that LangGraph's own studio opens."""

import json
from importlib import import_module

import pytest
from conftest import ROOT
from scripted_answers import CLEAR

GRAPHS = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]


@pytest.mark.parametrize("place", GRAPHS.values())
def test_every_graph_is_where_the_file_says_and_can_be_drawn(place):
    module, _, name = place.partition(":")
    graph = getattr(import_module(module), name)()
    assert "__start__" in graph.get_graph().draw_mermaid()


async def test_a_decision_can_be_run_from_the_form(home):
    from openoutcry.app.langgraph_studio import decision

    done = await decision().ainvoke({"ticker": CLEAR, "as_of": "2025-03-03"})
    assert done["decision"]["outcome"] == "orders"
