"""`openoutcry decide AAPL,MSFT` and `decide @FILE`: one decision each, at the same time, and a ranked summary."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console

from ...app.book_decision_service import BookDecisions, BookDecisionService
from ...app.decision_service import DecisionResult, DecisionService
from ...app.settings import Settings
from ...desk.records.document import to_document
from ...graph.desk_config import load_desk
from ..console.decision import exit_for_result
from ..console.errors import failure
from ..console.exit_codes import ExitCode, first_present
from ..console.progress import ProgressDisplay, SharedProgress
from ..console.tables import print_notice, print_rows, write_json

MOST_AT_ONCE = 4
COLUMNS = ("rank", "ticker", "outcome", "rating", "conviction", "orders", "run_id", "note")


@dataclass(frozen=True, slots=True)
class TickerResult:
    """What became of one ticker: a result, or a failure with its sentence."""

    ticker: str
    code: ExitCode
    result: DecisionResult | None
    message: str = ""

    @property
    def conviction(self) -> float | None:
        """Return the conviction of the thesis; None without a thesis."""
        thesis = None if self.result is None else self.result.decision.thesis
        return None if thesis is None else thesis.conviction

    def document(self) -> dict[str, object]:
        """Return the decision document, or an object with ticker, error and exit code."""
        if self.result is None:
            return {"ticker": self.ticker, "error": self.message, "exit_code": int(self.code)}
        return to_document(self.result.decision)


@dataclass(frozen=True, slots=True)
class RankedLine:
    """One ticker in the summary, ranked by conviction; `note` says why there is no decision."""

    rank: int
    ticker: str
    outcome: str
    rating: str
    conviction: Decimal | None
    orders: str
    run_id: str
    note: str


def decide_many(tickers: Sequence[str], as_of: str | None, settings: Settings, *, as_json: bool) -> ExitCode:
    """Decide on each ticker, print a JSON array or a ranked summary, and return the first exit code by urgency.

    Up to `MOST_AT_ONCE` decisions run at the same time; with `submit` they run one after another, because each
    advances the account.
    """
    if load_desk(settings.desk).over_book:
        return _decide_book(tickers, as_of, settings, as_json=as_json)
    with SharedProgress(Console(stderr=True)) as progress:
        results = _decide_all(tickers, as_of, settings, progress)
    return _present(results, as_json=as_json)


def _decide_all(
    tickers: Sequence[str], as_of: str | None, settings: Settings, progress: SharedProgress
) -> Sequence[TickerResult]:
    """Return the result of each ticker; an interruption ends the process with the commands that continue the runs."""
    services = [DecisionService(settings, progress.observer(ticker)) for ticker in tickers]
    pool = ThreadPoolExecutor(1 if settings.submit else MOST_AT_ONCE, thread_name_prefix="decide")
    work = list[Future[TickerResult]]()
    try:
        for ticker, service in zip(tickers, services, strict=True):
            work.append(pool.submit(_decided, ticker, service, as_of, progress))
        results = [each.result() for each in work]
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        progress.rows.stop()
        done = {ticker for ticker, each in zip(tickers, work, strict=False) if each.done()}
        for run_id in (run for ticker, run in progress.started.items() if ticker not in done):
            print_notice(f"interrupted: openoutcry decide --resume {run_id} resumes the run")
        os._exit(ExitCode.INTERRUPTED)  # the other decisions cannot be stopped; their runs are interrupted with us
    pool.shutdown()
    return results


def _decide_book(tickers: Sequence[str], as_of: str | None, settings: Settings, *, as_json: bool) -> ExitCode:
    """Decide on all tickers in one run of a desk over a book, and present as `decide_many`."""
    with ProgressDisplay(Console(stderr=True)) as display:
        made = BookDecisionService(settings, display).decide_book(tickers, as_of)
    return present_book(made, as_json=as_json)


def present_book(made: BookDecisions, *, as_json: bool) -> ExitCode:
    """Print the decisions of a run over a book, sorted by ticker, and return the first exit code by urgency."""
    decided = [TickerResult(ticker, exit_for_result(each), each) for ticker, each in made.results.items()]
    failed = [TickerResult(ticker, *_failure(error)) for ticker, error in made.failures.items()]
    return _present(sorted((*decided, *failed), key=lambda each: each.ticker), as_json=as_json)


def _failure(error: Exception) -> tuple[ExitCode, None, str]:
    code, message = failure(error)
    return code, None, message


def _present(results: Sequence[TickerResult], *, as_json: bool) -> ExitCode:
    if as_json:
        write_json([each.document() for each in results])
    else:
        print_rows(list(_ranked(results)), as_json=False, nothing="", columns=COLUMNS, title="Decisions by conviction")
    for each in results:
        if each.result is None:
            print_notice(f"openoutcry: {each.ticker}: {each.message}")
    return first_present(each.code for each in results)


def _decided(ticker: str, service: DecisionService, as_of: str | None, progress: SharedProgress) -> TickerResult:
    try:
        result = service.decide(ticker, as_of)
    except Exception as error:  # noqa: BLE001 -- a failure of one ticker does not end the others
        code, message = failure(error)
        return TickerResult(ticker, code, None, message)
    finally:
        progress.rows.end(ticker)
    return TickerResult(ticker, exit_for_result(result), result)


def _ranked(results: Sequence[TickerResult]) -> Iterator[RankedLine]:
    for rank, each in enumerate(sorted(results, key=_by_conviction), start=1):
        yield _line(rank, each)


def _by_conviction(each: TickerResult) -> tuple[bool, float, str]:
    return each.conviction is None, -(each.conviction or 0.0), each.ticker


def _line(rank: int, each: TickerResult) -> RankedLine:
    if each.result is None:
        return RankedLine(rank, each.ticker, "failed", "", None, "", "", "see the error")
    decision = each.result.decision
    orders = [f"{order.action} {order.quantity:f} {order.type}" for order in decision.risk.allowed]
    return RankedLine(
        rank,
        each.ticker,
        decision.outcome,
        decision.thesis.rating if decision.thesis else "",
        None if each.conviction is None else Decimal(f"{each.conviction:.2f}"),
        ", ".join(orders),
        decision.run_id,
        decision.abstention.reason if decision.abstention else "",
    )
