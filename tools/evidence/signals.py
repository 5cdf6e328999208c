"""Signals as evidence: the position of each with its reason, and its track record beside buy-and-hold."""

from collections.abc import Mapping, Sequence

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.price_history import load_price_history
from ...market.view import MarketView
from ...performance.summary import PerformanceSummary
from ..numbers import round_significant
from ..signals.reading import NO_SCORES, SignalReading, read_signals
from ..signals.scores import DatedScore
from ..signals.spec import DEFAULT_SIGNALS, SignalSpec
from ..signals.track_record import TrackRecord
from .builder import EvidenceBuilder, SourceTable


def signal_evidence(
    view: MarketView,
    symbol: Symbol,
    specs: Sequence[SignalSpec] = DEFAULT_SIGNALS,
    *,
    scores: Mapping[str, Sequence[DatedScore]] = NO_SCORES,
) -> tuple[Evidence, ...]:
    """Return sig.NAME (the position) and sig.NAME.record (the total return) of each signal with a defined position.

    `scores` maps the name of an `llm_score` to its past scores. Raises NoData if the bars are missing or stale.
    """
    history = load_price_history(view, symbol)
    builder = EvidenceBuilder(view, EvidenceKind.INDICATOR, SourceTable.PRICES).for_table(history)
    return tuple(
        fact for reading in read_signals(view, symbol, specs, scores=scores) for fact in _facts(builder, reading)
    )


def _facts(builder: EvidenceBuilder, reading: SignalReading) -> tuple[Evidence, ...]:
    side = "long" if reading.position > 0 else "short" if reading.position < 0 else "no position"
    label = reading.name.replace("_", " ")
    wording = f"{label}: {side} {{:+.2f}}; {reading.explanation}"
    position = builder.number(f"sig.{reading.name}", reading.known_at, wording, reading.position)
    if reading.record is None:
        return position
    record = reading.record
    text = f"record of {record.sessions} sessions: {_figures(record)}"
    total = round_significant(record.signal.total_return)
    return (*position, builder.text(f"sig.{reading.name}.record", reading.known_at, text, total))


def _figures(record: TrackRecord) -> str:
    own, held = record.signal, record.buy_and_hold
    return (
        f"return {own.total_return:+.1%}, Sharpe {_ratio(own)}, drawdown {own.max_drawdown:.1%}; "
        f"buy-and-hold {held.total_return:+.1%}, {_ratio(held)}, {held.max_drawdown:.1%}"
    )


def _ratio(summary: PerformanceSummary) -> str:
    return "undefined" if summary.sharpe is None else f"{summary.sharpe:+.2f}"
