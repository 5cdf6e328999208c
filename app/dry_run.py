"""Dry runs: decisions with rules in every role, to show which prompts models would receive."""

import asyncio
from collections.abc import Sequence

from ..desk.book_decision import decide_book
from ..desk.decision import DecisionRequest, Desk, decide
from ..domain.decision import Decision
from ..domain.errors import ConfigError, NoData
from ..domain.ids import RunId
from ..graph.call_policy import SINGLE_CALL
from ..market.source import MarketSource
from ..prompts.library import RenderedPrompt, load_prompts
from .as_of import parse_as_of
from .call_estimate import PromptPreview
from .clock import now
from .decision_account import check_account_currency
from .desk import dry_run_desk
from .factories import account_for, normalize_symbol, open_market
from .known_ticker import check_ticker
from .settings import Settings


def dry_run(ticker: str, as_of: str | None, settings: Settings) -> tuple[PromptPreview, ...]:
    """Return the prompt of every role, in the order of the calls; raises NoData if no model would be called."""
    return dry_run_all([ticker], as_of, settings)


def dry_run_all(tickers: Sequence[str], as_of: str | None, settings: Settings) -> tuple[PromptPreview, ...]:
    """Return the prompts of the decisions on all tickers, in the order of the calls.

    A desk over a book decides once over all of them, every other desk on one after the other. Raises NoData if no model
    would be called.
    """
    source = open_market(settings)
    requests = [_request(ticker, as_of, source, settings) for ticker in tickers]
    sent: list[tuple[str, RenderedPrompt]] = []
    with dry_run_desk(settings, source, lambda role, rendered: sent.append((role, rendered))) as desk:
        decisions = asyncio.run(_decide(desk, requests))
    if not sent:
        said = (each.abstention.reason if each.abstention else str(each.outcome) for each in decisions)
        raise NoData(f"no model would be called: {'; '.join(dict.fromkeys(said))}")
    roles, calls = {role.name: role for role in desk.team.roles}, desk.file.all_calls
    return tuple(
        PromptPreview(
            name,
            roles[name].prompt.id,
            rendered,
            roles[name].tier,
            calls.get(name, SINGLE_CALL),
            charts=len(roles[name].charts),
        )
        for name, rendered in sent
    )


def _request(ticker: str, as_of: str | None, source: MarketSource, settings: Settings) -> DecisionRequest:
    symbol = normalize_symbol(ticker)
    check_ticker(settings, source, symbol)
    timestamp = parse_as_of(as_of, source, symbol, now())
    check_account_currency(settings, source, symbol, timestamp)
    return DecisionRequest(RunId("rehearsal"), symbol, timestamp, account_for(settings, source, symbol, timestamp))


async def _decide(desk: Desk, requests: Sequence[DecisionRequest]) -> Sequence[Decision]:
    if desk.file.over_book:
        return await decide_book(desk, requests)
    return [await decide(desk, request) for request in requests]


def preview_prompt(prompt_id: str, ticker: str, as_of: str | None, settings: Settings) -> tuple[PromptPreview, ...]:
    """Return the previews of one prompt; raises ConfigError if it is unknown, or not used by the desk here."""
    prompt_id = load_prompts(settings.prompts).get(prompt_id).id
    sent = tuple(one for one in dry_run(ticker, as_of, settings) if one.prompt_id == prompt_id)
    if not sent:
        raise ConfigError(f"prompt {prompt_id!r} is not used for {ticker} by desk {settings.desk!r}")
    return sent
