"""Facts beside the decision that a report shows: market events, the account and the earlier decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ..domain.account import Account
from ..domain.decision import Decision


class MarkerKind(StrEnum):
    """The kind of a chart marker; also its CSS class."""

    EARNINGS = "earnings"
    DIVIDEND = "dividend"
    NEWS = "news"
    BUY = "fill-buy"
    SELL = "fill-sell"


@dataclass(frozen=True, slots=True)
class ChartMarker:
    """An event on the chart; `price` is the price of a fill, in the units of the last close.

    `session` is the session of a fill or ex-date, or the first one that closes after a publication.
    """

    kind: MarkerKind
    session: date
    label: str
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What the application knows beside the decision.

    Attributes:
        markers: events known at the decision, in any order.
        account: the account at the decision's session; None if it is unknown.
        hypothetical: whether `account` is starting cash, not a stored account.
        pictures: the PNG files of the decision's charts, by their SHA-256; those that are not stored are absent.
        previous: the last earlier decision of the same account and desk on the symbol; None if there is none.
    """

    markers: Sequence[ChartMarker] = ()
    account: Account | None = None
    hypothetical: bool = False
    previous: Decision | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)


NO_FACTS = ReportFacts()
