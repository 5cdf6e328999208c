"""The evidence producers that compute with numpy, TA-Lib or both; each imports its module at its first call.

Commands that read desk files or list tools import the registry of tools, and need no numeric library.
"""

from collections.abc import Sequence

from ...domain.evidence import Evidence
from ...domain.ids import Symbol
from ...market.view import MarketView
from ..signals.spec import DEFAULT_SIGNALS, SignalSpec


def price_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `prices.price_evidence`."""
    from . import prices

    return prices.price_evidence(view, symbol)


def bars_table(view: MarketView, symbol: Symbol, count: int) -> Evidence:
    """Return the evidence of `prices.bars_table`."""
    from . import prices

    return prices.bars_table(view, symbol, count)


def indicator_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `indicators.indicator_evidence`."""
    from . import indicators

    return indicators.indicator_evidence(view, symbol)


def ratio_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `ratios.ratio_evidence`."""
    from . import ratios

    return ratios.ratio_evidence(view, symbol)


def key_figures(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `key_figures.key_figures`."""
    from . import key_figures

    return key_figures.key_figures(view, symbol)


def signal_evidence(
    view: MarketView, symbol: Symbol, specs: Sequence[SignalSpec] = DEFAULT_SIGNALS
) -> tuple[Evidence, ...]:
    """Return the evidence of `signals.signal_evidence`."""
    from . import signals

    return signals.signal_evidence(view, symbol, specs)


def oscillator_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `oscillators.oscillator_evidence`."""
    from . import oscillators

    return oscillators.oscillator_evidence(view, symbol)


def scale_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `scales.scale_evidence`."""
    from . import scales

    return scales.scale_evidence(view, symbol)


def peer_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `peers.peer_evidence`."""
    from . import peers

    return peers.peer_evidence(view, symbol)


def alpha_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `alphas.alpha_evidence`."""
    from . import alphas

    return alphas.alpha_evidence(view, symbol)


def closes_of_ten_days(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `recent.closes_of_ten_days`."""
    from . import recent

    return recent.closes_of_ten_days(view, symbol)


def closes_of_seven_sessions(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `recent.closes_of_seven_sessions`."""
    from . import recent

    return recent.closes_of_seven_sessions(view, symbol)


def headlines_of_three_days(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `recent.headlines_of_three_days`, whose module also computes with closes."""
    from . import recent

    return recent.headlines_of_three_days(view, symbol)


def headlines_of_two_days(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the evidence of `recent.headlines_of_two_days`, whose module also computes with closes."""
    from . import recent

    return recent.headlines_of_two_days(view, symbol)
