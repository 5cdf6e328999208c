"""The position of a signal at a view, with its explanation and track record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

import numpy as np

from ...domain.ids import Symbol
from ...market.price_history import PriceHistory, load_price_history
from ...market.view import MarketView
from ..quote import sessions_per_year
from .scores import DatedScore
from .spec import DEFAULT_SIGNALS, SignalSpec, build_signal
from .track_record import FillTime, TrackRecord, compute_track_record

NO_SCORES: Mapping[str, Sequence[DatedScore]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SignalReading:
    """A signal at one session.

    Attributes:
        name: name of the signal.
        position: wanted share of equity in [-1, 1]; negative is short.
        explanation: the figures behind the position.
        session: last session that it was computed from.
        known_at: when the newest bar or corporate action became known.
        record: track record; None if none was asked for or the history is too short.
    """

    name: str
    position: float
    explanation: str
    session: date
    known_at: datetime
    record: TrackRecord | None


def read_signals(
    view: MarketView,
    symbol: Symbol,
    specs: Sequence[SignalSpec] = DEFAULT_SIGNALS,
    *,
    scores: Mapping[str, Sequence[DatedScore]] = NO_SCORES,
    fill: FillTime = FillTime.OPEN,
) -> tuple[SignalReading, ...]:
    """Return the signals whose position is defined; raises NoData if the bars are missing or stale.

    `scores` maps the name of an `llm_score` to the past scores. Scores of later sessions than the last one are ignored.
    """
    history = load_price_history(view, symbol)
    a_year = sessions_per_year(view, symbol)
    readings = (_read(spec, history, scores.get(spec.name, ()), fill, a_year) for spec in specs)
    return tuple(reading for reading in readings if reading is not None)


def _read(
    spec: SignalSpec, history: PriceHistory, scores: Sequence[DatedScore], fill: FillTime, a_year: int
) -> SignalReading | None:
    series = history.series
    signal = build_signal(spec, scores)
    positions = signal.positions(series)
    if not len(positions) or np.isnan(positions[-1]):
        return None
    return SignalReading(
        name=spec.name,
        position=float(positions[-1]) + 0.0,
        explanation=signal.explain(series),
        session=series.sessions[-1],
        known_at=history.known_at,
        record=compute_track_record(series, positions, spec.track_record, fill=fill, sessions_a_year=a_year),
    )
