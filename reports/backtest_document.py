"""The JSON document of a backtest, schema `openoutcry.backtest/1`. Money is exact decimal text, ratios are numbers."""

from collections.abc import Mapping

from ..desk.backtest import DecisionSummary
from .backtest_view import BacktestTrack, BacktestView, KnownWindow, ModelUsage

SCHEMA = "openoutcry.backtest/1"
DIGITS = 10
"""Decimals of ratios: they are computed in binary floating point, whose last digits carry no information."""


def backtest_document(view: BacktestView) -> dict[str, object]:
    """Return the document; docs/backtest.md describes it. Only `run` differs between repetitions."""
    return {
        "schema": SCHEMA,
        "backtest_id": view.backtest_id,
        "version": view.version,
        "market": {"source": view.market, "synthetic": view.synthetic},
        "desk": view.desk,
        "model": {"provider": view.model.provider, "name": view.model.name, "deep_name": view.model.deep_name},
        "symbols": list(view.symbols),
        "window": {
            "first": str(view.sessions[0]),
            "last": str(view.sessions[-1]),
            "sessions": len(view.sessions),
            "every": view.every,
        },
        "seed": view.seed,
        "currency": view.currency,
        "cash": str(view.cash),
        "tracks": [_track(each) for each in view.tracks],
        "outcomes": {"decisions": len(view.decisions), **view.outcomes},
        "abstentions": view.abstentions,
        "knowledge": [_knowledge(each) for each in view.known],
        "usage": _usage(view.usage),
        "curve": [_point(view, place) for place in range(len(view.sessions))],
        "decisions": [_decision(each) for each in view.decisions],
        "run": {
            "seconds": round(view.time.seconds, 3),
            "decisions_made": view.time.made,
            "decisions_reused": view.time.reused,
            "decisions_per_second": None if view.time.rate is None else round(view.time.rate, 1),
        },
    }


def _track(track: BacktestTrack) -> Mapping[str, object]:
    figures, costs = track.figures, track.costs
    return {
        "name": track.name,
        "equity": str(track.equity[-1]),
        "total_return": _ratio(figures.total_return),
        "max_drawdown": _ratio(figures.max_drawdown),
        "longest_drawdown": figures.longest_drawdown,
        "volatility": _ratio(figures.volatility),
        "sharpe": _ratio(figures.sharpe),
        "sortino": _ratio(figures.sortino),
        "hit_rate": _ratio(figures.hit_rate),
        "turnover": _ratio(track.turnover),
        "net_exposure": _ratio(track.mean_net),
        "gross_exposure": _ratio(track.mean_gross),
        "fills": track.fills,
        "rejected_orders": track.rejected,
        "costs": {
            "commission": str(costs.commission),
            "slippage": str(costs.slippage),
            "borrow": str(costs.borrow),
            "total": str(costs.total),
        },
    }


def _knowledge(known: KnownWindow) -> Mapping[str, object]:
    return {
        "model": known.model,
        "cutoff": None if known.cutoff is None else str(known.cutoff),
        "source": known.source,
        "sessions_before": known.sessions,
    }


def _usage(used: ModelUsage) -> Mapping[str, object]:
    return {
        "model_calls": used.calls,
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "cost_usd": None if used.cost_usd is None else str(used.cost_usd),
    }


def _point(view: BacktestView, place: int) -> Mapping[str, object]:
    desk, held, idle = view.tracks
    return {
        "session": str(view.sessions[place]),
        "equity": str(desk.equity[place]),
        "buy_and_hold": str(held.equity[place]),
        "cash": str(idle.equity[place]),
        "net_exposure": _ratio(desk.net[place]),
        "gross_exposure": _ratio(desk.gross[place]),
    }


def _decision(each: DecisionSummary) -> Mapping[str, object]:
    return {
        "session": str(each.session),
        "symbol": each.symbol,
        "outcome": str(each.outcome),
        "opened": [str(action) for action in each.opened],
        "rejected_orders": each.rejected,
        "cause": None if each.cause is None else str(each.cause),
        "reason": each.reason,
    }


def _ratio(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS) + 0.0
