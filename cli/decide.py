"""`openoutcry decide`: one decision from the command line."""

import asyncio
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ..desk.document import document
from ..desk.provenance import configuration
from ..desk.run_store import Run, RunStore, Status
from ..desk.session import Floor, Question
from ..desk.session import decide as take_decision
from ..domain.account import Account
from ..domain.decision import Decision
from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..graph.build import forget
from ..tools.source import MarketSource
from .bookkeeper import Bookkeeper
from .compose import choose_model, new_run_id, now, open_floor, open_market, open_store
from .exits import Exit, exit_for_abstention
from .moment import read_moment
from .report_file import check_report, write_report
from .screen import Screen
from .settings import Settings, load_settings
from .ticket import print_decision

NOT_STORED = {"home", "api_key_file"}
"""Settings that belong to the place where a run is taken up again, not to the run."""


@dataclass(frozen=True, slots=True)
class Output:
    """What the operator wants to get: one JSON document on standard output or the ticket, and a report file."""

    as_json: bool = False
    report: Path | None = None


def run_decide(ticker: str, as_of: str | None, settings: Settings, output: Output) -> Exit:
    """Take, keep and show a new decision; returns the exit code."""
    check_report(output.report)
    if settings.submit and settings.account is None:
        raise ConfigError("--submit needs an --account to send the orders to; openoutcry paper init opens one")
    source, store = open_market(settings), open_store(settings)
    symbol = Symbol(ticker.strip().upper())
    run = Run(
        run_id=new_run_id(symbol),
        started_at=now(),
        ticker=symbol,
        as_of=read_moment(as_of, source, symbol, now()),
        desk=settings.desk,
        status=Status.RUNNING,
        outcome=None,
        request=settings.model_dump_json(exclude=NOT_STORED),
        config_hash="",
    )
    return _taken(run, store, source, settings, output)


def run_resume(run_id: str, settings: Settings, output: Output) -> Exit:
    """Go on with an interrupted run, with the settings it was started with; a finished one is shown again."""
    check_report(output.report)
    store = open_store(settings)
    run = store.get(run_id)
    settings = load_settings(json.loads(run.request) | settings.model_dump(include=NOT_STORED))
    return _taken(run, store, open_market(settings), settings, output)


def _taken(run: Run, store: RunStore, source: MarketSource, settings: Settings, output: Output) -> Exit:
    with Bookkeeper(settings, source, store) as books:
        decision = store.find_decision(run.run_id) or asyncio.run(_decide(run, store, source, settings, books))
        if settings.submit and decision.submissions is None:
            decision = books.sent(decision)
            store.finish(decision)
    return _shown(decision, source, output)


async def _decide(run: Run, store: RunStore, source: MarketSource, settings: Settings, books: Bookkeeper) -> Decision:
    console, account = Console(stderr=True), books.account(Symbol(run.ticker), run.as_of)
    async with open_floor(settings, source, store.call_log(run.run_id)) as floor:
        resume = _begin(run, store, floor, account)
        _announce(console, run, floor, choose_model(settings).notice)
        with Screen(console) as screen:
            question = Question(run.run_id, Symbol(run.ticker), run.as_of, account)
            decision = await take_decision(floor, question, watch=screen, resume=resume)
        decision = replace(decision, account=settings.account)
        store.finish(decision)
        await forget(floor.graph, run.run_id)
    return decision


def _begin(run: Run, store: RunStore, floor: Floor, account: Account) -> bool:
    """Write the run down, or make sure that one that was begun can go on; returns whether it goes on."""
    config = configuration(floor.file, floor.members, floor.limits, floor.model, account, floor.seed)
    if not run.config_hash:
        store.begin(replace(run, config_hash=config))
        return False
    if run.config_hash != config:
        raise ConfigError(f"prompts or desk have changed since run {run.run_id} began; decide anew")
    return True


def _announce(console: Console, run: Run, floor: Floor, notice: str | None) -> None:
    lines = [f"{run.ticker} as of {run.as_of:%Y-%m-%d %H:%M} UTC, desk {floor.file.name}, model {floor.model.name}"]
    if floor.source.synthetic:
        lines.append("SYNTHETIC MARKET: companies, prices, news and filings are made up")
    if notice:
        lines.append(f"notice: {notice}")
    lines.append(f"run {run.run_id} (if interrupted: openoutcry decide --resume {run.run_id})")
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _shown(decision: Decision, source: MarketSource, output: Output) -> Exit:
    if output.report is not None:
        write_report(output.report, decision, source)
        Console(stderr=True).print(Text(f"report written to {output.report}"), soft_wrap=True)
    if output.as_json:
        sys.stdout.write(json.dumps(document(decision), ensure_ascii=False, indent=2) + "\n")
    else:
        print_decision(Console(), decision)
    refused = any(not answer.accepted for answer in decision.submissions or ())
    return Exit.REFUSED if refused else exit_for_abstention(decision.abstention)
