"""The weighted signal of frozen formulas as evidence."""

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.price_history import load_price_history
from ...market.view import MarketView
from ..signals.alpha_weights import alpha_signal
from .builder import EvidenceBuilder, SourceTable


def alpha_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return alpha.position, -1 to 1, and alpha.weights; empty with too few sessions. Raises NoData without bars."""
    history = load_price_history(view, symbol)
    found = view.derived(("alphas", symbol), history, lambda: alpha_signal(history.series))
    if found is None:
        return ()
    builder = EvidenceBuilder(view, EvidenceKind.INDICATOR, SourceTable.PRICES).for_table(history)
    shown = ", ".join(f"{name} {weight:+.2f}" for name, weight in found.weights.items())
    position = builder.number("alpha.position", history.known_at, "weighted signal {:+.2f}", found.position)
    return (*position, builder.text("alpha.weights", history.known_at, f"weights: {shown}"))
