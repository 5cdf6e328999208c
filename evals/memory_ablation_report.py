"""Value of memory: profit with memory minus profit without, paired by market and month, with intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from .demo_experiment import UnitResult
from .memory_ablation_unit import WITH, WITHOUT
from .months import NET, PLANTED, monthly
from .signal_recovery_report import by_signal
from .statistics.bootstrap import ConfidenceInterval, Resampling, total


@dataclass(frozen=True, slots=True)
class MemoryGain:
    """Results of both desks on the tickers of one planted signal, summed over all seeds, in currency.

    Attributes:
        without, with_it: expected profit from the planted signal, without and with memory.
        gain: difference of these two, with its interval.
        net: difference of the net profits, with its interval.
        seeds: difference of the expected profits for each seed, in the order of the seeds.
    """

    signal: str
    tickers: int
    without: float
    with_it: float
    gain: ConfidenceInterval | None
    net: ConfidenceInterval | None
    seeds: tuple[float, ...]


def memory_gain(result: Sequence[UnitResult], since: date, resampling: Resampling) -> Iterator[MemoryGain]:
    """Yield the gain from memory for each planted signal, in the months from `since` on."""
    for signal, group in by_signal(result):
        before, after = (monthly(group, trader, since=since) for trader in (WITHOUT, WITH))
        places = resampling.places([series.shape[1] for series in before])
        differences = [late - early for early, late in zip(before, after, strict=True)]
        whole = np.concatenate(differences, axis=1)
        yield MemoryGain(
            signal=signal,
            tickers=len({each.unit.symbol for each in group}),
            without=float(sum(series[PLANTED].sum() for series in before)),
            with_it=float(sum(series[PLANTED].sum() for series in after)),
            gain=resampling.interval(total, whole[PLANTED], places),
            net=resampling.interval(total, whole[NET], places),
            seeds=tuple(float(series[PLANTED].sum()) for series in differences),
        )


def table(rows: Sequence[MemoryGain], seeds: Sequence[int]) -> Table:
    """Return the rows as a table for the terminal."""
    shown = Table(
        title=f"The same desk with a memory and without (seeds {', '.join(map(str, seeds))})", box=SIMPLE_HEAD
    )
    shown.add_column("signal", no_wrap=True)
    for name in ("signal alone $ without", "with", "gain [95 %]", "seeds that gain", "net $ gain [95 %]"):
        shown.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        gained = f"{sum(gain > 0 for gain in row.seeds)} of {len(row.seeds)}"
        figures = (f"{row.without:,.0f}", f"{row.with_it:,.0f}", _interval(row.gain), gained, _interval(row.net))
        shown.add_row(f"{row.signal} ({row.tickers})", *figures)
    return shown


def _interval(figure: ConfidenceInterval | None) -> str:
    if figure is None:
        return "-"
    return f"{figure.value:+,.0f} [{figure.low:+,.0f}, {figure.high:+,.0f}]"
