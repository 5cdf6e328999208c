"""The vendor port: one public source, asked for the rows of one kind and one key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..folder.layout import DatasetKind

Cell = str | Mapping[str, str]
"""A cell as a market folder would hold it: text, or for `metrics` a flat table of numbers written as text."""


@dataclass(frozen=True, slots=True)
class VendorRequest:
    """What is wanted: the rows of `kind` about `key` (a ticker, or a macro series) in a window, both ends included.

    `since` and `until` are aware UTC. For prices, splits, dividends and macro they bound the date of the row, for news
    and filings the time of publication. A vendor may return more than was asked for.
    """

    kind: DatasetKind
    key: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class VendorRow:
    """One row in the columns of a market folder (`tools/folder/layout.py`).

    Attributes:
        cells: column to cell; `ticker` or `series` is the key that was asked for, not the vendor's own spelling.
        dated: whether the row itself says since when the public could know it. Where it does not (a profile, an
            estimate, a statement without a filing date), the row is known from the moment it was fetched.
    """

    kind: DatasetKind
    cells: Mapping[str, Cell]
    dated: bool = True


class Vendor(Protocol):
    """Answers from one public source over the network. Every adapter passes one shared contract test.

    Contract of `fetch`:
    - rows are raw as traded and as first said by the vendor, unadjusted, in no particular order, without repeats;
    - an empty answer means that the vendor was asked, knows the key, and has nothing in the window;
    - NoData: the vendor was asked and does not know the key;
    - SourceUnavailable: no answer, an answer that is no answer (a page of HTML, a quota notice, an empty frame where
      the vendor cannot be told from a broken one), or no key to ask with; the text says which, and never holds a key;
    - InvalidData: an answer in another shape than the vendor documents; nothing of it is used.

    Attributes:
        name: short, lower case, as in `yfinance`; what evidence is labelled with.
        kinds: what it can be asked for.
    """

    @property
    def name(self) -> str: ...

    @property
    def kinds(self) -> frozenset[DatasetKind]: ...

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]: ...

    def check(self) -> None:
        """Ask the cheapest question there is, so that an operator learns whether the source can be reached.

        Raises what `fetch` raises.
        """
        ...
