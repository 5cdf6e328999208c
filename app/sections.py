"""Sections of the settings: public sources, memory and budgets."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Usd = Annotated[Decimal, Field(gt=0, le=10**9, allow_inf_nan=False)]


class LiveSettings(BaseModel):
    """Settings of the public sources. Keys come from the environment (`FRED_API_KEY` ...) or from `key_files` only.

    Attributes:
        chains: vendors by kind of data (`prices_daily`), in order of fallback; other kinds use the default order.
        base_urls: address by vendor, in place of the vendor's own.
        feeds: address by name of news feeds, with `{ticker}` as placeholder; replaces the built-in feeds.
        key_files: file with the key, by vendor.
        ciks: SEC filer number (CIK) by ticker, for tickers missing from the SEC's current list.
        archive: the archive file; None for `archive.db` in the home folder.
        timeout_s: timeout of one request, in seconds.
        attempts: maximum number of attempts for a request that fails temporarily.
        per_second: requests per second to one host, unless the vendor's terms set another rate.
        proxy: address of an HTTP proxy; None for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    chains: dict[str, tuple[str, ...]] = {}
    base_urls: dict[str, str] = {}
    feeds: dict[str, str] | None = None
    key_files: dict[str, Path] = {}
    ciks: dict[str, int] = {}
    archive: Path | None = None
    timeout_s: Annotated[float, Field(gt=0)] = 20.0
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    per_second: Annotated[float, Field(gt=0)] = 2.0
    proxy: str | None = None


class MemorySettings(BaseModel):
    """The section `[memory]`.

    Attributes:
        embedder: `hashing`, `minilm` (an extra), or `openai:NAME` at the models' endpoint.
        preset: default, finmem, investor-bench or fincon.
        index: location of the Chroma index: a folder, or the http address of a `chroma run` server; None for a folder
            next to the journal.
        max_tokens: maximum number of tokens that one process may send to an embedding endpoint; None for no limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    embedder: str = "hashing"
    preset: str = "default"
    index: str | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None


class CapSettings(BaseModel):
    """Caps of one budget: model calls, prompt plus completion tokens, and USD; None for no cap."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_calls: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_cost_usd: Usd | None = None


class BudgetSettings(BaseModel):
    """The section `[budgets]`; the settings `max_calls`, `max_tokens` and `max_cost_usd` cap one decision.

    Attributes:
        call: caps of each attempt of a model call.
        session: caps of all decisions for one account as of the same time.
        account: caps of all decisions for one account.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    call: CapSettings = CapSettings()
    session: CapSettings = CapSettings()
    account: CapSettings = CapSettings()
