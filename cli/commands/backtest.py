"""`openoutcry backtest`: a desk over past sessions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rich.console import Console

from ...app.backtest_estimate import estimate_backtest
from ...app.backtest_request import BacktestRequest, check_request, common_calendar, distinct_symbols
from ...app.backtest_service import BacktestInterrupted, BacktestService
from ...app.clock import now
from ...app.factories import open_market
from ...app.settings import LOCATION_SETTINGS, RETRY_SETTINGS, Settings, load_settings
from ...desk.backtest import Every
from ...domain.errors import ConfigError
from ...domain.ids import Symbol
from ...market.source import MarketSource
from ...reports.backtest_document import backtest_document
from ...reports.backtest_report import check_backtest_report, write_backtest_report
from ...reports.backtest_view import BacktestView
from ..arguments.account_rules import AccountFlags, account_rules, amount
from ..console.backtest import print_backtest, print_estimate
from ..console.backtest_progress import BacktestProgressDisplay
from ..console.errors import report_interrupted_backtest
from ..console.exit_codes import ExitCode
from ..console.tables import print_notice, write_json

MOST_SYMBOLS = 1000


@dataclass(frozen=True, slots=True)
class BacktestOptions:
    """The arguments of `backtest` as given; `account` lacks the calendar, which is that of the symbols."""

    symbols: str | None
    first: str | None
    last: str | None
    every: str
    currency: str
    account: AccountFlags
    resume: str | None = None
    keep: bool = False
    as_json: bool = False
    report: Path | None = None
    force: bool = False
    workers: int = 1
    dry_run: bool = False
    with_memory: bool = False
    warm_up_from: str | None = None


def backtest_command(options: BacktestOptions, flags: Mapping[str, object]) -> ExitCode:
    """Run or continue a backtest, print it and return the exit code."""
    _check_flags(options, {name for name, value in flags.items() if value is not None})
    check_backtest_report(options.report, force=options.force)
    settings = load_settings(flags)
    try:
        with BacktestProgressDisplay(Console(stderr=True)) as display:
            service = BacktestService(settings, display, workers=options.workers)
            if options.resume is not None:
                view = service.resume(options.resume)
            else:
                source = open_market(settings)
                request = _request(options, settings, source)
                if options.dry_run:
                    print_estimate(estimate_backtest(request, settings, source), settings)
                    return ExitCode.DONE
                view = service.run(request, source)
    except BacktestInterrupted as stopped:
        return report_interrupted_backtest(stopped.backtest_id)
    _present(view, options)
    return ExitCode.DONE


def _check_flags(options: BacktestOptions, given: set[str]) -> None:
    if (options.symbols is None) == (options.resume is None):
        raise ConfigError("give either symbols with --from and --to, or --resume ID")
    window = [name for name, text in (("--from", options.first), ("--to", options.last)) if text is not None]
    if options.resume is None and len(window) < 2:
        raise ConfigError("a backtest needs --from DATE and --to DATE")
    own = sorted(given - LOCATION_SETTINGS - RETRY_SETTINGS) + window
    if options.resume is not None and own:
        raise ConfigError(f"a backtest is continued with its stored settings; leave out {', '.join(own)}")
    if options.dry_run and (options.resume or options.as_json or options.report):
        raise ConfigError("--dry-run cannot be combined with --resume, --json or --report: it makes no decision")


def _request(options: BacktestOptions, settings: Settings, source: MarketSource) -> BacktestRequest:
    symbols = read_watchlist(options.symbols or "")
    calendar = common_calendar(source, symbols, settings)
    request = BacktestRequest(
        symbols=symbols,
        first=read_day(options.first, "--from"),
        last=read_day(options.last, "--to"),
        every=Every(options.every),
        cash=amount(options.account.cash, "--cash"),
        currency=options.currency.strip().upper(),
        rules=account_rules(replace(options.account, calendar=calendar)),
        keep_decisions=options.keep,
        with_memory=options.with_memory,
        warm_up_from=None if options.warm_up_from is None else read_day(options.warm_up_from, "--warm-up-from"),
    )
    check_request(request, source, now())
    return request


def read_watchlist(text: str) -> tuple[Symbol, ...]:
    """Return the symbols of `A,B`, or of a file, named with or without `@`; `#` starts a comment in it.

    Raises ConfigError for a file that cannot be read, an invalid symbol, and a symbol that occurs twice.
    """
    path = Path(text.removeprefix("@"))
    if text.startswith("@") or (path.is_file() and "," not in text):
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
            raise ConfigError(f"the watchlist {path} cannot be read: {reason}") from error
    else:
        lines = [text]
    words = [word for line in lines for word in re.split(r"[,\s]+", line.split("#")[0]) if word]
    if len(words) > MOST_SYMBOLS:
        raise ConfigError(f"the watchlist has {len(words)} symbols; give at most {MOST_SYMBOLS}")
    return distinct_symbols(words)


def read_day(text: str | None, flag: str) -> date:
    """Return the date that `flag` gives; raises ConfigError for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError as error:
        raise ConfigError(f"{flag} {text!r} is not a date such as 2025-03-03") from error


def _present(view: BacktestView, options: BacktestOptions) -> None:
    if options.report is not None:
        write_backtest_report(options.report, view, force=options.force)
        print_notice(f"report written to {options.report}")
    if options.as_json:
        write_json(backtest_document(view))
    else:
        print_backtest(view)
