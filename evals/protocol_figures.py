"""Figures of tracks as the publications of protocols compute them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..performance.drawdown import max_drawdown
from ..performance.returns import SESSIONS_A_YEAR, Floats
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


def stockbench_figures(equity: Floats) -> Mapping[str, float | None]:
    """Return return, maximum drawdown, and mean(r) / sample deviation of the negative r, which is not annualised.

    `equity` has shape (n,): its first value belongs to the session before the first, so that the first r is 0 for an
    account that buys at the first open without costs (StockBench, arXiv 2510.02209).
    """
    returns = equity[1:] / equity[:-1] - 1
    losses = returns[returns < 0]
    spread = float(losses.std(ddof=1)) if len(losses) > 1 else 0.0
    return {
        "return": float(equity[-1] / equity[0] - 1),
        "maximum drawdown": max_drawdown(equity[1:]).depth,
        "Sortino": float(returns.mean()) / spread if spread else None,
    }


def investorbench_figures(equity: Floats) -> Mapping[str, float | None]:
    """Return the sum of log returns, and its ratio to annual volatility, annualised and not (arXiv 2412.18174).

    The published ratio is the annualised one; the published code divides the sum itself.
    """
    if (equity <= 0).any():
        return {"cumulative return": None, "Sharpe, annualised": None, "Sharpe, as in the code": None}
    returns = np.diff(np.log(equity))
    total = float(returns.sum())
    volatility = float(returns.std(ddof=1)) * SESSIONS_A_YEAR**0.5 if len(returns) > 1 else 0.0
    return {
        "cumulative return": total,
        "Sharpe, annualised": total * SESSIONS_A_YEAR / len(returns) / volatility if volatility else None,
        "Sharpe, as in the code": total / volatility if volatility else None,
    }


CONVENTIONS: Mapping[Convention, Callable[[Floats], Mapping[str, float | None]]] = {
    Convention.STOCKBENCH: stockbench_figures,
    Convention.INVESTORBENCH: investorbench_figures,
}


def convention_rows(figures: Sequence[ConventionFigure]) -> list[tuple[str, str, str, str]]:
    """Return the figures as rows of texts: convention, arm, figure, value."""
    return [
        (each.convention, each.track, each.name, "n/a" if each.value is None else f"{each.value:+.5f}")
        for each in figures
    ]
