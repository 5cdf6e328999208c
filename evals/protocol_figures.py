"""Figures of tracks as the publications of protocols compute them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..performance.drawdown import max_drawdown
from ..performance.published_ratios import investorbench_figures, stockbench_sortino
from ..performance.returns import Floats
from .experiment import ProtocolUniverse
from .protocol import Convention, load_protocol
from .result import ExperimentResult


@dataclass(frozen=True, slots=True)
class ConventionFigure:
    """One figure of one track; None where it is undefined."""

    convention: str
    track: str
    name: str
    value: float | None


def convention_figures(result: ExperimentResult) -> tuple[ConventionFigure, ...]:
    """Return the figures of every track by the conventions of the run's protocol; empty without a protocol."""
    universe = result.run.experiment.universe
    if not isinstance(universe, ProtocolUniverse):
        return ()
    return tuple(
        ConventionFigure(str(convention), track.name, name, value)
        for convention in load_protocol(universe.protocol).conventions
        for track in result.tracks
        for name, value in CONVENTIONS[convention](np.array(track.equity)).items()
    )


def as_stockbench(equity: Floats) -> Mapping[str, float | None]:
    """Return return, maximum drawdown and the Sortino ratio of StockBench (arXiv 2510.02209).

    `equity` has shape (n,): its first value belongs to the session before the first, whose return counts as 0.
    """
    returns = equity[1:] / equity[:-1] - 1
    return {
        "return": float(equity[-1] / equity[0] - 1),
        "maximum drawdown": max_drawdown(equity[1:]).depth,
        "Sortino": stockbench_sortino(returns[1:]),
    }


def as_investorbench(equity: Floats) -> Mapping[str, float | None]:
    """Return the sum of log returns and both Sharpe ratios of InvestorBench (arXiv 2412.18174).

    The published ratio is the annualised one; the published code does not annualise. `equity` has shape (n,); the value
    before the first session does not count. None for an account that lost everything.
    """
    if (equity <= 0).any():
        return {"cumulative return": None, "Sharpe, annualised": None, "Sharpe, as in the code": None}
    found = investorbench_figures(equity[1:], np.ones(len(equity) - 1))
    return {
        "cumulative return": found.cumulative_return,
        "Sharpe, annualised": found.sharpe,
        "Sharpe, as in the code": found.sharpe_not_annualised,
    }


CONVENTIONS: Mapping[Convention, Callable[[Floats], Mapping[str, float | None]]] = {
    Convention.STOCKBENCH: as_stockbench,
    Convention.INVESTORBENCH: as_investorbench,
}


def convention_rows(figures: Sequence[ConventionFigure]) -> list[tuple[str, str, str, str]]:
    """Return the figures as rows of texts: convention, arm, figure, value."""
    return [
        (each.convention, each.track, each.name, "n/a" if each.value is None else f"{each.value:+.5f}")
        for each in figures
    ]
