"""`openoutcry decide`: one decision from the command line."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ..desk.decision import Floor, Question
from ..desk.decision import decide as take_decision
from ..desk.document import document
from ..desk.provenance import configuration, run_configuration
from ..desk.run_store import Run, RunStore, Status
from ..domain.abstention import Cause
from ..domain.account import Account
from ..domain.decision import Decision, Outcome
from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..graph.build import forget
from ..tools.source import MarketSource
from .bookkeeper import Bookkeeper
from .clock import now
from .compose import (
    choose_model,
    endpoint_name,
    market_identity,
    new_run_id,
    open_market,
    open_store,
    symbol_in,
    warm,
    with_chosen_model,
)
from .exits import Exit, exit_for_abstention
from .floor import open_floor
from .memory_picture import look_back
from .moment import check_can_submit, read_moment
from .rehearsal import show_rehearsal
from .report_file import check_report, write_report
from .screen import Screen
from .settings import Settings, load_settings
from .ticket import print_decision

OF_THE_PLACE = {"home", "api_key_file", "base_url", "ledger", "contact", "live"}
"""Settings that belong to the place where a run is taken up, and may hold secrets: they are not stored with it."""

OF_THE_DAY = {"attempts", "timeout_s", "max_parallel", "max_calls", "max_tokens"}
"""Settings that change no answer: a run that goes on takes those of the day."""

WORTH_ANOTHER_TRY = frozenset({Cause.MODEL, Cause.BUDGET})
"""Abstentions that a model that is back, or a larger allowance, can cure; what was answered is not asked again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator wants: a new decision or an interrupted run, and in which form."""

    ticker: str | None
    as_of: str | None
    resume: str | None
    as_json: bool = False
    report: Path | None = None
    dry_run: bool = False


def decide_as_asked(asked: Asked, flags: Mapping[str, object]) -> Exit:
    """Do what was asked and return the exit code; raises ConfigError for flags that do not go together."""
    _check_flags(asked, {name: value for name, value in flags.items() if value is not None})
    settings = load_settings(flags)
    if asked.ticker is None:
        return run_resume(asked.resume or "", settings, asked)
    if asked.dry_run:
        show_rehearsal(asked.ticker, asked.as_of, settings)
        return Exit.DONE
    return run_decide(asked.ticker, settings, asked)


def run_decide(ticker: str, settings: Settings, asked: Asked) -> Exit:
    """Take, keep and show a new decision."""
    check_report(asked.report)
    if settings.submit and settings.account is None:
        raise ConfigError("--submit needs an --account to send the orders to; openoutcry paper init opens one")
    notice, settings, symbol = choose_model(settings).notice, with_chosen_model(settings), symbol_in(settings, ticker)
    source, store = open_market(settings), open_store(settings)
    moment = read_moment(asked.as_of, source, symbol, now())
    warm(settings, source, symbol, moment)
    if settings.submit:
        check_can_submit(moment, source, symbol)
    run = Run(
        run_id=new_run_id(symbol),
        started_at=now(),
        ticker=symbol,
        as_of=moment,
        desk=settings.desk,
        status=Status.RUNNING,
        outcome=None,
        request=settings.model_dump_json(exclude=OF_THE_PLACE | OF_THE_DAY),
        config_hash="",
    )
    if notice:
        Console(stderr=True).print(Text(f"notice: {notice}"), soft_wrap=True)
    return _taken(run, store, source, settings, asked)


def run_resume(run_id: str, settings: Settings, asked: Asked) -> Exit:
    """Go on with an interrupted run, with the settings it was started with; a finished one is shown again.

    A run that abstained because the model or the allowance was gone is taken up again.
    """
    check_report(asked.report)
    store = open_store(settings)
    run = store.get(run_id)
    settings = load_settings(json.loads(run.request) | settings.model_dump(include=OF_THE_PLACE | OF_THE_DAY))
    return _taken(run, store, open_market(settings), settings, asked)


def _check_flags(asked: Asked, given: Mapping[str, object]) -> None:
    if (asked.ticker is None) == (asked.resume is None):
        raise ConfigError("name either a ticker or, with --resume, a run to go on with")
    if asked.dry_run and (asked.resume or asked.as_json or asked.report):
        raise ConfigError("a --dry-run decides nothing: it goes with neither --resume, --json nor --report")
    own = sorted({*given, *(["as_of"] if asked.as_of else [])} - OF_THE_PLACE)
    if asked.resume is not None and own:
        raise ConfigError(f"a run goes on with its own settings; leave out {', '.join(own)}")
    if "account" in given and "cash" in given:
        raise ConfigError("an --account has its own cash; leave out --cash")


def _taken(run: Run, store: RunStore, source: MarketSource, settings: Settings, asked: Asked) -> Exit:
    with Bookkeeper(settings, source, store) as books:
        decision = store.find_decision(run.run_id)
        if decision is None or (decision.abstention and decision.abstention.cause in WORTH_ANOTHER_TRY):
            decision = asyncio.run(_decide(run, store, source, settings, books))
        if settings.submit and decision.submissions is None:
            decision = books.sent(decision)
            store.finish(decision)
    return _shown(decision, source, asked, settings)


async def _decide(run: Run, store: RunStore, source: MarketSource, settings: Settings, books: Bookkeeper) -> Decision:
    console, account = Console(stderr=True), books.account(Symbol(run.ticker), run.as_of)
    async with open_floor(settings, source, store.call_log(run.run_id)) as floor:
        resume = _begin(run, store, _configuration(floor, account, settings))
        _announce(console, run, floor)
        with Screen(console) as screen:
            question = Question(run.run_id, Symbol(run.ticker), run.as_of, account)
            decision = await take_decision(floor, question, watch=screen, resume=resume)
        if decision.outcome is not Outcome.ABSTAIN:
            replaced = tuple(order.client_order_id for order in account.superseded)
            decision = replace(decision, superseded=replaced)
        decision = replace(decision, account=settings.account)
        store.finish(decision)
        await forget(floor.graph, run.run_id)
    return decision


def _begin(run: Run, store: RunStore, config: str) -> bool:
    """Write the run down, or make sure that one that was begun can go on; returns whether it goes on."""
    if not run.config_hash:
        store.begin(replace(run, config_hash=config))
        return False
    if run.config_hash != config:
        raise ConfigError(
            f"run {run.run_id} cannot go on: prompts, desk, limits, account, endpoint, market data or the program have "
            "changed since it began; decide anew"
        )
    return True


def _configuration(floor: Floor, account: Account, settings: Settings) -> str:
    decided = configuration(floor.file, floor.members, floor.limits, floor.model, account, floor.seed)
    where = endpoint_name(settings, choose_model(settings))
    return run_configuration(decided, version=floor.version, endpoint=where, market=market_identity(settings))


def _announce(console: Console, run: Run, floor: Floor) -> None:
    lines = [f"{run.ticker} as of {run.as_of:%Y-%m-%d %H:%M} UTC, desk {floor.file.name}, model {floor.model.name}"]
    if floor.source.synthetic:
        lines.append("SYNTHETIC MARKET: companies, prices, news and filings are made up")
    lines.append(f"run {run.run_id} (if interrupted: openoutcry decide --resume {run.run_id})")
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _shown(decision: Decision, source: MarketSource, asked: Asked, settings: Settings) -> Exit:
    if asked.report is not None:
        write_report(asked.report, decision, source, look_back(settings, decision, now()))
        Console(stderr=True).print(Text(f"report written to {asked.report}"), soft_wrap=True)
    if asked.as_json:
        sys.stdout.write(json.dumps(document(decision), ensure_ascii=False, indent=2) + "\n")
    else:
        print_decision(Console(), decision)
    refused = any(not answer.accepted for answer in decision.submissions or ())
    return Exit.REFUSED if refused else exit_for_abstention(decision.abstention)
