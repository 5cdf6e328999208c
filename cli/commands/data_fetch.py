"""`openoutcry data fetch` and `data snapshot`: filling the archive, and writing market folders from it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from ...app.as_of import parse_as_of, read_symbol
from ...app.clock import now
from ...app.factories import EXCHANGE
from ...app.market_data import (
    SERIES,
    archive_path,
    chain_of,
    kinds_of,
    live_source,
    open_archive,
    vendor_slots,
)
from ...app.settings import load_settings
from ...domain.errors import (
    ConfigError,
    InvalidData,
    NoData,
    SourceUnavailable,
)
from ...domain.ids import Symbol
from ...domain.market import Interval
from ...domain.text import strip_control
from ...market.archive import Archive, SnapshotFilter, write_snapshot
from ...market.archive.answered import BARS
from ...market.archive.row_identity import earliest_known_at
from ...market.archive.store import ArchivedRow
from ...market.archive.tables import row_of
from ...market.folder.accepted_jumps import ACCEPTED_JUMPS
from ...market.folder.layout import DatasetKind
from ...market.folder.manifest import Manifest, Outage
from ...market.live import LiveSource
from ...market.live.coverage import HISTORY
from ...market.price_history import HISTORY_BARS, MARKET_PROXIES
from ...market.symbology import calendar_of
from ..console.exit_codes import ExitCode
from ..console.tables import is_terminal, print_line, print_notice, print_table

SHOWN = 20
USUAL = tuple(kind for kind in DatasetKind if kind not in (DatasetKind.PRICES_HOURLY, DatasetKind.INSIDER))


@dataclass(frozen=True, slots=True)
class Plan:
    """The data to fetch: pairs of kind and key, for decisions from `first` to `last`."""

    pairs: Sequence[tuple[DatasetKind, str]]
    first: datetime
    last: datetime


def fetch(names: str, first: str, last: str | None, kinds: str | None, *, dry_run: bool) -> ExitCode:
    """Fetch the data that decisions between two days read, and print what is missing; returns NO_DATA (4) then.

    Archived data is not requested again, so an interrupted fetch continues where it stopped.
    """
    settings = load_settings({})
    plan = _plan(names, first, last, kinds)
    archive = open_archive(settings)
    source = live_source(settings, archive, chain_of(settings, vendor_slots(settings)))
    console = Console(stderr=True)
    if dry_run:
        _show_plan(source, plan)
        return ExitCode.DONE
    before = _counts(archive, plan)
    problem: list[str] = []
    with _progress(console) as progress:
        task = progress.add_task("", total=len(plan.pairs))
        for kind, key in plan.pairs:
            progress.update(task, description=f"{kind} of {key}")
            problem += _fetched(source, archive, plan, kind, key)
            progress.advance(task)
    _show_summary(Console(), _counts(archive, plan) - before, plan, problem)
    archive.close()
    return ExitCode.NO_DATA if problem else ExitCode.DONE


def snapshot(folder: Path, names: str, first: str | None, last: str | None, as_of: str | None) -> ExitCode:
    """Write the archived data of some tickers as a market folder, so that decisions can be repeated from it."""
    settings = load_settings({})
    archive = open_archive(settings)
    source = live_source(settings, archive, {})  # no vendors: a snapshot contains archived data only
    tickers = _tickers(names)
    until = _until(source, tickers[0], last, as_of)
    since = None if first is None else _day(first, "--from")
    kept = tuple(dict.fromkeys((*tickers, *map(str, MARKET_PROXIES[:1]))))
    calendars = {ticker: name for ticker in kept if (name := calendar_of(ticker)) not in (EXCHANGE, "24/7")}
    outages = (*source.outages(tickers, until), *_unconfirmed_tickers(source, tickers, until))
    manifest = Manifest(name=source.name, calendars=calendars, outages=outages)
    accepted = archive_path(settings).with_name(ACCEPTED_JUMPS)
    counts = write_snapshot(
        archive,
        SnapshotFilter(kept, since, until),
        manifest,
        folder,
        keep=_same_listing(source, until),
        copied=[accepted] if accepted.is_file() else (),
    )
    archive.close()
    rows = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    print_notice(f"{folder}: {rows}, as known at {until:%Y-%m-%d %H:%M} UTC")
    return ExitCode.DONE


def _plan(names: str, first: str, last: str | None, kinds: str | None) -> Plan:
    chosen = _kinds(kinds)
    tickers = _tickers(names)
    everyone = tuple(dict.fromkeys((*tickers, *map(str, MARKET_PROXIES[:1]))))
    pairs = [
        (kind, ticker)
        for ticker in tickers
        for kind in (*kinds_of(ticker), DatasetKind.PRICES_HOURLY, DatasetKind.INSIDER)
        if kind in chosen
    ]
    pairs += [
        (kind, ticker)
        for ticker in everyone[len(tickers) :]
        for kind in (DatasetKind.PRICES_DAILY, DatasetKind.SPLITS, DatasetKind.DIVIDENDS)
        if kind in chosen
    ]
    pairs += [(DatasetKind.MACRO, series) for series in SERIES if DatasetKind.MACRO in chosen]
    start, end = _day(first, "--from"), now() if last is None else _day(last, "--to") + timedelta(days=1)
    if start > now():
        raise ConfigError(f"--from {first} is in the future; today is {now():%Y-%m-%d}")
    if start >= min(end, now()):
        raise ConfigError(f"--from {first} is not before --to {last or 'now'}")
    return Plan(pairs, start, min(end, now()))


def _kinds(kinds: str | None) -> Sequence[DatasetKind]:
    if kinds is None:
        return USUAL
    try:
        return [DatasetKind(name.strip()) for name in kinds.split(",")]
    except ValueError as error:
        raise ConfigError(f"--kinds {kinds}: use {', '.join(DatasetKind)}") from error


def _tickers(names: str) -> Sequence[str]:
    """Return the tickers of a comma-separated list, or of a file with one per line; # starts a comment."""
    path = Path(names)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else names.split(",")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the list of tickers {path} cannot be read: {error}") from error
    found = [str(read_symbol(line.split("#")[0])) for line in lines if line.split("#")[0].strip()]
    if not found:
        raise ConfigError(f"{names[:40]!r} contains no ticker; give AAPL,MSFT or a file with one ticker per line")
    for ticker in found:
        calendar_of(ticker)
    return tuple(dict.fromkeys(found))


def _day(text: str, flag: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{flag} {text!r} is not a date such as 2025-03-03") from error
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _until(source: LiveSource, ticker: str, last: str | None, as_of: str | None) -> datetime:
    if as_of is not None:
        return parse_as_of(as_of, source, Symbol(ticker), now())
    return now() if last is None else min(now(), _day(last, "--to") + timedelta(days=1))


def _unconfirmed_tickers(source: LiveSource, tickers: Sequence[str], until: datetime) -> Iterator[Outage]:
    """Yield an outage for each ticker with an unconfirmed outlier bar: a snapshot must not be traded on it either."""
    for ticker in tickers:
        try:
            source.bars(Symbol(ticker), Interval.DAY, until=until, count=HISTORY_BARS)
        except InvalidData as error:
            yield Outage(DatasetKind.PRICES_DAILY, ticker, str(error), held=False)
        except (NoData, SourceUnavailable):
            continue


def _same_listing(source: LiveSource, until: datetime) -> Callable[[ArchivedRow], bool]:
    """Return a predicate that keeps rows of the current listing of a ticker at `until`, not of an earlier one."""
    born = lru_cache(maxsize=None)(lambda ticker: source.listing_start(ticker, until))

    def keep(held: ArchivedRow) -> bool:
        if held.kind is DatasetKind.MACRO:
            return True
        start = born(held.key)
        known = None if start is None else earliest_known_at(held.kind, row_of(held).cells)  # type: ignore[arg-type]
        return start is None or known is None or known >= start

    return keep


def _fetched(source: LiveSource, archive: Archive, plan: Plan, kind: DatasetKind, key: str) -> Iterator[str]:
    """Fetch one kind for one key, and yield a message for data that is still missing."""
    try:
        source.ensure(kind, key, plan.last, since=plan.first - HISTORY[kind])
    except NoData as error:
        yield str(error)
        return
    outage = source.outage(kind, key, plan.last)
    if outage is not None:
        yield outage.text
    elif kind in BARS and not archive.newest(kind, key):
        reasons = "; ".join(dict.fromkeys(each.reason for each in archive.fetches(kind, key) if each.reason))
        yield f"no bars of {key}: {reasons or 'no vendor returned any data'}"


def _counts(archive: Archive, plan: Plan) -> Counter[DatasetKind]:
    return Counter({kind: sum(len(archive.rows(k, key)) for k, key in plan.pairs if k is kind) for kind in DatasetKind})


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _show_plan(source: LiveSource, plan: Plan) -> None:
    rows = [
        (kind, key, gap.since.date(), gap.until)
        for kind, key in plan.pairs
        for gap in source.missing_windows(kind, key, plan.last, since=plan.first - HISTORY[kind])
    ]
    if rows:
        print_table(("kind", "key", "from", "to"), rows, title="Dry run: no vendor was called")
    else:
        print_line("Nothing to request: the archive is complete.")


def _show_summary(console: Console, new: Counter[DatasetKind], plan: Plan, problem: Iterable[str]) -> None:
    added = ", ".join(f"{count:,} {kind}" for kind, count in new.items() if count) or "none"
    console.print(Text(f"new rows: {added} ({len(plan.pairs)} data sets checked)"), soft_wrap=True)
    lines = tuple(dict.fromkeys(problem))
    if lines:
        console.print(Text(f"\nNot available: {len(lines)}", style="bold"))
    most = SHOWN if is_terminal() else len(lines)
    for line in lines[:most]:
        console.print(Text(strip_control(f"- {line}")), soft_wrap=True)
    if len(lines) > most:
        console.print(Text(f"- and {len(lines) - most} more"))
