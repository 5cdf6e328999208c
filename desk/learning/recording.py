"""The records that a desk writes after a decision: the news and statements it read, and its thesis."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ...agents.context import MEMORY_ID_PREFIX, AgentContext, memory_source
from ...agents.rules.signals import score_of
from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import EvidenceId, Symbol
from ...domain.market import Filing, Timeframe
from ...domain.outputs import Thesis
from ...market.view import MarketView
from ...memory.port import MemoryView
from ...memory.record import (
    EXTERNAL_SOURCES,
    Aspect,
    MemoryId,
    Record,
    Source,
)
from .memory import ONE_MICROSECOND, DeskMemory
from .surprise import SurpriseCalculator

LONGEST_STATEMENT = 480
Facts = tuple[tuple[str, Decimal], ...]
TEXT_KINDS = frozenset({EvidenceKind.NEWS, EvidenceKind.FILING})
ANNUAL_FORM = re.compile(r"^\S+ (10-K|20-F|40-F)")
"""Prefix of the text of a section of an annual report; sections of other filings decay like quarterly ones."""
LABELLED = "labelled"
"""Fact of a thesis that a warm-up has labelled."""
CONVICTION, HORIZON, VOLATILITY, SCORE = "conviction", "horizon", "volatility", "score."


async def record_memories(
    memory: DeskMemory,
    view: MarketView,
    context: AgentContext,
    facts: Facts = (),
    known_at: datetime | None = None,
) -> None:
    """Write the records of `context` in one transaction; writing the same context again changes nothing.

    `facts` are added to those of the thesis. `known_at` is the time from which the thesis is visible; None for just
    after the decision.
    """
    if not memory.writes:
        return
    notes = _MemoryRecords(memory, view, context)
    known = {
        _identity(r): r
        for r in memory.at(notes.learned_at).records(context.brief.symbol, sources=tuple(EXTERNAL_SOURCES))
    }
    read = {name: known.get(_identity(record), record) for name, record in notes.read().items()}
    decided = context.thesis
    thesis: tuple[Record, ...] = () if decided is None else (notes.thesis(decided, read, facts),)
    if known_at is not None:
        thesis = tuple(replace(each, available_at=known_at, learned_at=known_at) for each in thesis)
    records = [*(r for r in dict.fromkeys(read.values()) if _identity(r) not in known), *thesis]
    await memory.keeper.prepare(records)
    memory.keeper.write(records)


def has_labels(memory: MemoryView, symbol: Symbol) -> bool:
    """Return whether a labelled warm-up of `symbol` is visible in a memory."""
    theses = memory.records(symbol, sources=(Source.THESIS,))
    return any(thesis.fact(LABELLED) is not None for thesis in theses)


def _identity(record: Record) -> tuple[Source, str, datetime]:
    """Return the key that two records of the same content share, whenever they were written."""
    return record.source, record.text, record.available_at


@dataclass(frozen=True, slots=True)
class _MemoryRecords:
    """The records of one context."""

    memory: DeskMemory
    view: MarketView
    context: AgentContext

    @property
    def learned_at(self) -> datetime:
        return self.view.as_of + ONE_MICROSECOND

    def read(self) -> dict[EvidenceId, Record]:
        """Return the evidence that becomes one record each, by evidence id."""
        surprises = SurpriseCalculator.read(
            self.view, self.context.brief.symbol, self.context.brief.quote.daily_volatility
        )
        quoted = {
            item.id: self._quoted(item, surprises)
            for item in self.context.evidence
            if item.kind in TEXT_KINDS and not is_out_of_scope(item)
        }
        return quoted | self._statement(surprises)

    def _quoted(self, item: Evidence, surprises: SurpriseCalculator) -> Record:
        source, aspect = Source.NEWS, Aspect.NEWS
        if item.kind is EvidenceKind.FILING:
            source, aspect = (Source.ANNUAL if ANNUAL_FORM.search(item.text) else Source.QUARTERLY), Aspect.FUNDAMENTALS
        return self._record(source, aspect, item.text, item.known_at, surprises.on(item.known_at))

    def thesis(self, thesis: Thesis, read: Mapping[EvidenceId, Record], facts: Facts = ()) -> Record:
        """Return the record of the thesis, with the cited records and each analyst's score, without an outcome."""
        brief = self.context.brief
        days, horizon = self.view.calendar(brief.symbol), self.memory.horizon or thesis.horizon_sessions
        due = days.between(brief.session, days.sessions[-1])[horizon]
        said = (
            f"{brief.as_of:%Y-%m-%d} {brief.symbol}: {thesis.rating}, conviction {thesis.conviction:+z.2f} over "
            f"{thesis.horizon_sessions} sessions. {thesis.summary} Invalidated by: {thesis.invalidation}"
        )
        figures = {
            CONVICTION: thesis.conviction,
            HORIZON: horizon,
            VOLATILITY: brief.quote.daily_volatility or 0,
            **{f"{SCORE}{r.role}": round(score_of(r.report), 4) for r in self.context.reports},
        }
        record = self._record(Source.THESIS, Aspect.TRADE, said, brief.as_of, 0.0)
        return replace(
            record,
            due_at=days.close(due),
            cites=self._cited(thesis.evidence, read),
            facts=(*((name, Decimal(str(value))) for name, value in figures.items()), *facts),
        )

    def _statement(self, surprises: SurpriseCalculator) -> dict[EvidenceId, Record]:
        """Return the latest statement as one record, by the ids of all figures taken from it."""
        figures = [e for e in self.context.evidence if e.kind is EvidenceKind.STATEMENT and not is_out_of_scope(e)]
        filings = self.view.filings(self.context.brief.symbol) if figures else ()
        if not filings:
            return {}
        last = filings[-1]
        record = self._record(
            Source.ANNUAL if last.timeframe is Timeframe.ANNUAL else Source.QUARTERLY,
            Aspect.FUNDAMENTALS,
            _statement_text(last, figures),
            last.known_at,
            surprises.on(last.known_at),
        )
        return {item.id: record for item in figures}

    def _cited(self, evidence: Iterable[EvidenceId], read: Mapping[EvidenceId, Record]) -> tuple[MemoryId, ...]:
        recalled = {
            e.id: MemoryId(e.id.removeprefix(MEMORY_ID_PREFIX)) for e in self.context.evidence if _accepts_feedback(e)
        }
        known = recalled | {name: record.id for name, record in read.items()}
        return tuple(dict.fromkeys(known[name] for name in evidence if name in known))

    def _record(self, source: Source, aspect: Aspect, text: str, known_at: datetime, surprise: float) -> Record:
        return Record(
            namespace=self.memory.namespace,
            symbol=self.context.brief.symbol,
            source=source,
            aspect=aspect,
            text=text,
            event_at=known_at,
            available_at=known_at,
            learned_at=self.learned_at,
            surprise=surprise,
        )


def _accepts_feedback(item: Evidence) -> bool:
    """Say whether the fact is a memory that feedback may reach: beliefs are weighed anew from all outcomes instead."""
    return item.kind is EvidenceKind.MEMORY and item.source != memory_source(Source.BELIEF)


def is_out_of_scope(item: Evidence) -> bool:
    """Say whether the fact is of another ticker or an earlier moment, as a model asked for it."""
    return "@" in item.id


def _statement_text(filing: Filing, figures: Iterable[Evidence]) -> str:
    said = "; ".join(item.text for item in figures)
    return f"{filing.timeframe} statement for the period to {filing.period_end}: {said}"[:LONGEST_STATEMENT]
