"""A rehearsal: the whole way of a decision with rules in every seat, to see what models would be sent."""

import asyncio
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from ..desk.decision import Question, decide
from ..domain.errors import ConfigError, NoData
from ..domain.ids import RunId
from ..prompts.book import Rendered
from .clock import now
from .compose import account_for, choose_model, open_market, symbol_in
from .floor import rehearsal_floor
from .moment import read_moment
from .settings import Settings

CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """What one seat would be sent."""

    seat: str
    prompt_id: str
    rendered: Rendered

    @property
    def tokens(self) -> int:
        """Return the length in tokens, counted as characters / 4."""
        return (len(self.rendered.system) + len(self.rendered.user)) // CHARACTERS_A_TOKEN


def rehearse(ticker: str, as_of: str | None, settings: Settings) -> tuple[Sent, ...]:
    """Return what every seat would be sent, in the order of asking; raises NoData when the market has nothing."""
    source, symbol = open_market(settings), symbol_in(settings, ticker)
    sent: list[tuple[str, Rendered]] = []
    question = Question(RunId("rehearsal"), symbol, read_moment(as_of, source, symbol, now()), account_for(settings))
    with rehearsal_floor(settings, source, lambda seat, rendered: sent.append((seat, rendered))) as floor:
        decision = asyncio.run(decide(floor, question))
    if not sent:
        reason = decision.abstention.reason if decision.abstention else decision.outcome
        raise NoData(f"nobody would be asked: {reason}")
    ids = {seat.name: seat.prompt.id for seat in floor.members.seats}
    return tuple(Sent(seat, ids[seat], rendered) for seat, rendered in sent)


def rendered_as(prompt_id: str, ticker: str, as_of: str | None, settings: Settings) -> tuple[Sent, ...]:
    """Return what is sent with one prompt; raises ConfigError when the desk does not use it for this case."""
    sent = tuple(one for one in rehearse(ticker, as_of, settings) if one.prompt_id == prompt_id)
    if not sent:
        raise ConfigError(f"prompt {prompt_id!r} is not used for {ticker} by desk {settings.desk!r}")
    return sent


def show_rehearsal(ticker: str, as_of: str | None, settings: Settings) -> None:
    """Print who would be sent how much, and to which model, without asking any."""
    choice, sent = choose_model(settings), rehearse(ticker, as_of, settings)
    table = Table("seat", "prompt", "tokens (characters / 4)", title="Dry run: no model was asked, nothing was kept")
    for one in sent:
        table.add_row(one.seat, one.prompt_id, f"{one.tokens:,}")
    table.add_row("all", "", f"{sum(one.tokens for one in sent):,}")
    Console().print(table)
    names = "rules in every seat" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    Console().print(f"{len(sent)} calls; {names}. Answers are counted as short as the rules' own.")
