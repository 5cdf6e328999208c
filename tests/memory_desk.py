"""A desk with a memory, and the months of its decisions."""

from dataclasses import replace
from datetime import UTC, datetime

from desk_factory import close_of, taken
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.desk.records.document import to_document
from openoutcry.memory.record import Namespace
from scripted_answers import THESIS, TICKER

HERE = Namespace("demo-7", "test")
LATER = datetime(2030, 1, 1, tzinfo=UTC)
MONTHS = tuple(close_of(2024, month, 5 if month != 5 else 6, 22) for month in range(1, 8))
LABELLED_DESK = """
name: warmed
roles:
  - {role: single_agent, name: single_agent, tools: [bars, indicators, news]}
deliberation: {kind: single_agent}
decision: {kind: direction}
sizing: {kind: unit}
memory: {preset: finmem, tokens: 800, warmup: labelled}
"""
"""A desk whose memory is filled by a labelled warm-up."""


def remembering(floor, keeper, **how):
    return replace(floor, memory=DeskMemory(keeper, HERE, **how))


def lived(floor, moments=MONTHS, ticker=TICKER):
    return [taken(floor, ticker, moment) for moment in moments]


def records(keeper, *sources, as_of=LATER, symbol=TICKER):
    return keeper.at(as_of, HERE).records(symbol, sources=sources)


def citing_news(question):
    news = next(part.split("]")[0] for part in question.user.split("[")[1:] if part.startswith("news."))
    return THESIS.model_copy(update={"evidence": ("px.close", news)})


def without_seq(decision):
    whole = to_document(decision)
    whole["provenance"]["memory"] = whole["provenance"]["memory"].split("@")[0]
    return whole
