"""Limits over the whole book of an account, applied to all orders of a session together."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ..domain.errors import ConfigError

LARGEST_SHARE = Decimal(10)


class Scaling(StrEnum):
    """How orders share the room of a limit.

    PRO_RATA scales all entries under a limit by the same factor. IN_ORDER serves the entries by conviction, each with
    what those before it have left.
    """

    PRO_RATA = "pro_rata"
    IN_ORDER = "in_order"


@dataclass(frozen=True, slots=True)
class PortfolioLimits:
    """Limits of a whole account, in shares of its equity unless said otherwise; None for no limit.

    Attributes:
        max_gross: sum of the sizes of all positions.
        max_net: longs less shorts, in either direction.
        max_name: size of one position.
        max_sector: sum of the sizes of all positions of one sector.
        max_cluster: sum of the sizes of positions whose returns are correlated.
        cluster_correlation: correlation of daily returns from which two symbols are in one cluster.
        cluster_sessions: number of daily returns that the correlation is computed from.
        max_turnover: value of all orders of one session.
        max_new_names: number of symbols that one session may open.
        scaling: how orders share the room of a limit.
    """

    max_gross: Decimal | None = Decimal("1.50")
    max_net: Decimal | None = Decimal("1.00")
    max_name: Decimal | None = Decimal("0.20")
    max_sector: Decimal | None = Decimal("0.50")
    max_cluster: Decimal | None = Decimal("0.50")
    cluster_correlation: Decimal = Decimal("0.80")
    cluster_sessions: int = 60
    max_turnover: Decimal | None = Decimal("1.00")
    max_new_names: int | None = 20
    scaling: Scaling = Scaling.PRO_RATA


SHARES = ("max_gross", "max_net", "max_name", "max_sector", "max_cluster", "max_turnover")


def validate_portfolio(limits: PortfolioLimits) -> PortfolioLimits:
    """Return the limits; raises ConfigError for values that limit nothing, or everything."""
    for name in SHARES:
        value = getattr(limits, name)
        if value is not None and not 0 < value <= LARGEST_SHARE:
            raise ConfigError(f"portfolio.{name} is {value}; it must be above 0 and at most {LARGEST_SHARE}")
    if not 0 < limits.cluster_correlation <= 1:
        raise ConfigError(
            f"portfolio.cluster_correlation is {limits.cluster_correlation}; it must be above 0, at most 1"
        )
    if not 20 <= limits.cluster_sessions <= 1000:
        raise ConfigError(f"portfolio.cluster_sessions is {limits.cluster_sessions}; it must be from 20 to 1000")
    if limits.max_new_names is not None and limits.max_new_names < 0:
        raise ConfigError(f"portfolio.max_new_names is {limits.max_new_names}; it cannot be negative")
    return limits
