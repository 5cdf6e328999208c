"""DeepFund's ratio of equity: cap, grid and tradable shares."""

from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from ...domain.errors import ConfigError

STEPS = Decimal(20)


def ratio_cap(symbols: int) -> Decimal:
    """Return the largest ratio for a book of `symbols`: 1 for one symbol, else round(2 / N * 20) / 20, half to even.

    Raises ConfigError for a book so large that the cap rounds to 0.
    """
    if symbols < 1:
        raise ConfigError("a ratio needs at least one symbol")
    if symbols == 1:
        return Decimal(1)
    cap = min(Decimal(1), (2 * STEPS / symbols).to_integral_value(ROUND_HALF_EVEN) / STEPS)
    if not cap:
        raise ConfigError(f"the largest ratio for {symbols} symbols rounds to 0; state `cap` in the ratio rules")
    return cap


def on_grid(ratio: Decimal, grid: Decimal, cap: Decimal) -> Decimal:
    """Return the ratio on the nearest multiple of `grid`, half to even, from 0 to `cap`."""
    steps = (ratio / grid).to_integral_value(ROUND_HALF_EVEN)
    return max(Decimal(0), min(cap, steps * grid))


def tradable_shares(
    ratio: Decimal, equity: Decimal, price: Decimal, shares: Decimal, cash: Decimal, step: Decimal = Decimal(1)
) -> Decimal:
    """Return the signed shares to trade toward `ratio` of equity: DeepFund's formula.

    With gap = ratio * equity - shares * price: floor(min(gap, cash) / price) if the gap is positive, else
    max(floor(gap / price), -shares), in multiples of `step`. Purchases cost at most `cash`, never negative. Amounts in
    currency, `price` per share.
    """
    gap = ratio * equity - shares * price
    if gap > 0:
        return _floor(max(Decimal(0), min(gap, cash)) / price, step)
    return max(_floor(gap / price, step), -shares)


def _floor(shares: Decimal, step: Decimal) -> Decimal:
    return (shares / step).to_integral_value(ROUND_FLOOR) * step
