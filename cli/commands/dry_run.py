"""A rehearsal: the whole way of a decision with rules in every seat, to see what models would be sent."""

import asyncio
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from ...app.as_of import parse_as_of
from ...app.clock import now
from ...app.desk import dry_run_desk
from ...app.factories import account_for, choose_model, normalize_symbol, open_market
from ...app.settings import Settings
from ...desk.session import Question, decide
from ...domain.errors import ConfigError, NoData
from ...domain.ids import RunId
from ...prompts.book import Rendered

CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """What one seat would be sent."""

    seat: str
    prompt_id: str
    rendered: Rendered

    @property
    def tokens(self) -> int:
        """Return the length in tokens, counted as characters / 4."""
        return (len(self.rendered.system) + len(self.rendered.user)) // CHARACTERS_A_TOKEN


def dry_run(ticker: str, as_of: str | None, settings: Settings) -> tuple[PromptPreview, ...]:
    """Return what every seat would be sent, in the order of asking; raises NoData when the market has nothing."""
    source, symbol = open_market(settings), normalize_symbol(settings, ticker)
    sent: list[tuple[str, Rendered]] = []
    question = Question(RunId("rehearsal"), symbol, parse_as_of(as_of, source, symbol, now()), account_for(settings))
    with dry_run_desk(settings, source, lambda seat, rendered: sent.append((seat, rendered))) as floor:
        decision = asyncio.run(decide(floor, question))
    if not sent:
        reason = decision.abstention.reason if decision.abstention else decision.outcome
        raise NoData(f"nobody would be asked: {reason}")
    ids = {seat.name: seat.prompt.id for seat in floor.members.seats}
    return tuple(PromptPreview(seat, ids[seat], rendered) for seat, rendered in sent)


def preview_prompt(prompt_id: str, ticker: str, as_of: str | None, settings: Settings) -> tuple[PromptPreview, ...]:
    """Return what is sent with one prompt; raises ConfigError when the desk does not use it for this case."""
    sent = tuple(one for one in dry_run(ticker, as_of, settings) if one.prompt_id == prompt_id)
    if not sent:
        raise ConfigError(f"prompt {prompt_id!r} is not used for {ticker} by desk {settings.desk!r}")
    return sent


def show_dry_run(ticker: str, as_of: str | None, settings: Settings) -> None:
    """Print who would be sent how much, and to which model, without asking any."""
    choice, sent = choose_model(settings), dry_run(ticker, as_of, settings)
    table = Table("seat", "prompt", "tokens (characters / 4)", title="Dry run: no model was asked, nothing was kept")
    for one in sent:
        table.add_row(one.seat, one.prompt_id, f"{one.tokens:,}")
    table.add_row("all", "", f"{sum(one.tokens for one in sent):,}")
    Console().print(table)
    names = "rules in every seat" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    Console().print(f"{len(sent)} calls; {names}. Answers are counted as short as the rules' own.")
