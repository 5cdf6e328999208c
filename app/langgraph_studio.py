"""Graphs for LangGraph Studio (`langgraph dev`): a runnable decision, and the desks' graphs for display."""

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from ..desk.decision import DecisionRequest
from ..desk.decision import decide as take_decision
from ..desk.records.document import to_document
from ..graph.build import Graph, build
from ..graph.desk_config import load_desk
from ..llm.call_log import InMemoryCallLog
from .as_of import parse_as_of
from .clock import now
from .desk import open_desk
from .factories import account_for, new_run_id, normalize_symbol, open_market
from .settings import load_settings


class StudioState(TypedDict, total=False):
    """The inputs of the studio's form, and the resulting decision document."""

    ticker: str
    as_of: str
    decision: dict[str, Any]


async def _decide(state: StudioState) -> StudioState:
    settings = load_settings({})
    source, symbol = open_market(settings), normalize_symbol(state["ticker"])
    timestamp = parse_as_of(state.get("as_of") or None, source, symbol, now())
    async with open_desk(settings, source, InMemoryCallLog(), notes=False) as desk:
        question = DecisionRequest(
            new_run_id(symbol), symbol, timestamp, account_for(settings, source, symbol, timestamp)
        )
        return StudioState(decision=to_document(await take_decision(desk, question)))


def decision() -> CompiledStateGraph[StudioState, None, StudioState, StudioState]:
    """Return a graph that makes one decision with the current settings and does not store it."""
    graph: StateGraph[StudioState, None, StudioState, StudioState] = StateGraph(StudioState)
    graph.add_node("decide", _decide)
    graph.add_edge(START, "decide")
    graph.add_edge("decide", END)
    return graph.compile(name="decision")


def debate() -> Graph:
    """Return the default desk's graph."""
    return build(load_desk("debate"))


def single_agent() -> Graph:
    """Return the single-agent desk's graph."""
    return build(load_desk("single_agent"))
