"""Planted signal and strength of each ticker of the demo market. Only the simulation and the oracle read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ...domain.ids import Symbol

DRIFT_SESSIONS = 50
NEWS_DECAY = 0.5 ** (1 / 10)
REGIME_PERSISTENCE = 1 - 1 / 130
REVERSION = 0.5 ** (1 / 20)


class SignalType(StrEnum):
    """Kind of signal that predicts the returns of a ticker."""

    EARNINGS_DRIFT = "earnings_drift"
    NEWS_SHOCK = "news_shock"
    MOMENTUM = "momentum"
    MEAN_REVERSION = "mean_reversion"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PlantedSignal:
    """A signal and its strength, as a log return. The unit depends on the signal.

    - earnings_drift: drift over DRIFT_SESSIONS after the reaction, per unit of standardized surprise.
    - news_shock: drift of the first session after a story of unit size; it decays by NEWS_DECAY per session.
    - momentum: drift per session in an upward regime; its negative in a downward regime.
    - mean_reversion: standard deviation of the log distance from fundamental value.
    - none: 0.
    """

    signal: SignalType
    strength: float


def _table() -> dict[Symbol, PlantedSignal]:
    rows = {
        SignalType.EARNINGS_DRIFT: {"CALDR": 0.060, "OSTRV": 0.050, "TORVD": 0.055, "PERDL": 0.060},
        SignalType.NEWS_SHOCK: {"NIMBK": 0.0018, "HALDM": 0.0016, "SOLVK": 0.0018, "MARRW": 0.0016},
        SignalType.MOMENTUM: {"VEXIL": 0.0016, "DRUMT": 0.0016, "GRUND": 0.0015, "ZESTV": 0.0013},
        SignalType.MEAN_REVERSION: {"QUORB": 0.040, "MYRRL": 0.036, "FERKD": 0.038, "LUMVN": 0.034},
        SignalType.NONE: {"PALVN": 0.0, "KESTR": 0.0, "BRAXH": 0.0, "WINDH": 0.0, "TILDB": 0.0, "OPENX": 0.0},
    }
    return {Symbol(t): PlantedSignal(signal, strength) for signal, row in rows.items() for t, strength in row.items()}


PLANTED: Mapping[Symbol, PlantedSignal] = MappingProxyType(_table())


def strength(symbol: Symbol, signal: SignalType) -> float:
    """Return the strength of `signal` in `symbol`; 0 if another signal or none is planted."""
    planted = PLANTED[symbol]
    return planted.strength if planted.signal is signal else 0.0
