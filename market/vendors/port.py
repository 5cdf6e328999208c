"""The vendor port: fetches the rows of one kind and key from one public source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, overload

from ..folder.layout import DatasetKind

Cell = str | Mapping[str, str]
"""A cell of a market folder: text, or for `metrics` a flat mapping of names to numbers as text."""


@dataclass(frozen=True, slots=True)
class VendorRequest:
    """A request for the rows of `kind` for `key` (a ticker or a macro series) in a window, both ends included.

    `since` and `until` are aware UTC. They bound the date of the row for prices, splits, dividends and macro, and the
    time of publication for news and filings. A vendor may return more rows than requested.
    """

    kind: DatasetKind
    key: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class VendorRow:
    """One row in the columns of a market folder (`market/folder/layout.py`).

    Attributes:
        cells: column to cell; `ticker` or `series` is the requested key, not the spelling of the vendor.
        dated: whether the row states when it became public. If not (a profile, an estimate, a statement without a
            filing date), the row is known from its fetch time.
    """

    kind: DatasetKind
    cells: Mapping[str, Cell]
    dated: bool = True


@dataclass(frozen=True, slots=True)
class PartialRows(Sequence[VendorRow]):
    """The rows of a response of which single malformed rows are left out.

    Attributes:
        rows: the valid rows.
        left_out: number of malformed rows.
        reason: their number and the defect of the first one, in words; empty if there is none.
    """

    rows: tuple[VendorRow, ...]
    left_out: int = 0
    reason: str = ""

    @overload
    def __getitem__(self, index: int) -> VendorRow: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[VendorRow, ...]: ...

    def __getitem__(self, index: int | slice) -> VendorRow | tuple[VendorRow, ...]:
        """Return the valid row, or rows, at `index`."""
        return self.rows[index]

    def __len__(self) -> int:
        """Return the number of valid rows."""
        return len(self.rows)


class Vendor(Protocol):
    """Adapter for one public data source. Every adapter passes one shared contract test.

    Contract of `fetch`:
    - Rows are unadjusted and as first reported by the vendor, in no particular order, without duplicates.
    - An empty result means that the vendor knows the key and has no rows in the window.
    - NoData: the vendor does not know the key.
    - SourceUnavailable: no response, a response without data (an HTML page, a quota notice, an empty frame that may
      be caused by a fault), or a missing API key. The message states the reason and never contains a key.
    - InvalidData: the response does not have the documented format; none of it is used. Where single rows are known
      to be defective at the source (insider trades), they are left out and counted, see PartialRows.

    Attributes:
        name: short and lower case, such as `yfinance`; used to label evidence.
        kinds: the dataset kinds that can be requested.
    """

    @property
    def name(self) -> str: ...

    @property
    def kinds(self) -> frozenset[DatasetKind]: ...

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]: ...

    def check(self) -> None:
        """Make the cheapest request, to verify that the source is reachable; raises the same errors as `fetch`."""
        ...
