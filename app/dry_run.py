"""Dry runs: a decision with rules in every role, to show which prompts models would receive."""

import asyncio
from dataclasses import dataclass

from ..desk.decision import DecisionRequest, decide
from ..domain.errors import ConfigError, NoData
from ..domain.ids import RunId
from ..prompts.library import RenderedPrompt, load_prompts
from .as_of import parse_as_of
from .clock import now
from .desk import dry_run_desk
from .factories import account_for, normalize_symbol, open_market
from .known_ticker import check_ticker
from .settings import Settings

CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class PromptPreview:
    """The prompt that one role would receive, without calling a model."""

    role: str
    prompt_id: str
    rendered: RenderedPrompt

    @property
    def tokens(self) -> int:
        """Return the estimated length in tokens: characters / 4."""
        return (len(self.rendered.system) + len(self.rendered.user)) // CHARACTERS_PER_TOKEN


def dry_run(ticker: str, as_of: str | None, settings: Settings) -> tuple[PromptPreview, ...]:
    """Return the prompt of every role, in the order of the calls; raises NoData if no model would be called."""
    source, symbol = open_market(settings), normalize_symbol(ticker)
    check_ticker(settings, source, symbol)
    sent: list[tuple[str, RenderedPrompt]] = []
    question = DecisionRequest(
        RunId("rehearsal"), symbol, parse_as_of(as_of, source, symbol, now()), account_for(settings)
    )
    with dry_run_desk(settings, source, lambda role, rendered: sent.append((role, rendered))) as desk:
        decision = asyncio.run(decide(desk, question))
    if not sent:
        reason = decision.abstention.reason if decision.abstention else decision.outcome
        raise NoData(f"no model would be called: {reason}")
    ids = {role.name: role.prompt.id for role in desk.team.roles}
    return tuple(PromptPreview(role, ids[role], rendered) for role, rendered in sent)


def preview_prompt(prompt_id: str, ticker: str, as_of: str | None, settings: Settings) -> tuple[PromptPreview, ...]:
    """Return the previews of one prompt; raises ConfigError if it is unknown, or not used by the desk here."""
    prompt_id = load_prompts(settings.prompts).get(prompt_id).id
    sent = tuple(one for one in dry_run(ticker, as_of, settings) if one.prompt_id == prompt_id)
    if not sent:
        raise ConfigError(f"prompt {prompt_id!r} is not used for {ticker} by desk {settings.desk!r}")
    return sent
