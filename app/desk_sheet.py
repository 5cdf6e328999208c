"""Everything a desk is: its roles, its graph, and the calls, slots and prompt tokens of one decision by rules."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from .. import __version__
from ..desk.book_decision import decide_book
from ..desk.decision import DecisionRequest, Desk, decide
from ..desk.rule_desk import rule_desk
from ..domain.account import Account
from ..domain.ids import RunId, Symbol
from ..domain.trading_calendar import trading_calendar
from ..graph.build import flow_of
from ..graph.call_policy import SINGLE_CALL, CallSpec
from ..graph.description import CallCount, GraphShape, RunRecorder, count_calls, rule_name, shape_of
from ..graph.desk_config import DeskConfig, desk_path, load_desk
from ..graph.interpreter import plan_of
from ..graph.roles import RoleSpec
from ..market.demo import demo_market
from ..market.view_memo import ViewMemo
from ..prompts.library import PromptLibrary
from ..risk.limit_settings import Limits
from .call_estimate import prompt_tokens
from .factories import EXCHANGE, HYPOTHETICAL_ACCOUNT

SAMPLES = (
    (Symbol("GRUND"), date(2025, 1, 6)),
    (Symbol("HALDM"), date(2025, 3, 3)),
    (Symbol("NIMBK"), date(2025, 3, 3)),
)
"""Decisions on the demo market. The one with the most calls is described: a run that ends early asks fewer roles."""
BOOK = tuple(symbol for symbol, _ in SAMPLES)
LAST = max(day for _, day in SAMPLES)
LABEL = re.compile(r"[a-zA-Z][a-zA-Z ]{0,24}: ")
CASH = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class RoleSheet:
    """One role as it runs.

    Attributes:
        prompt: id of its prompt.
        rule: the rule that answers without a model, as module and function.
        turns: how often it was asked in the described decision.
        prompt_tokens: estimated tokens of these prompts together: characters / 4.
        policy: the calls for one answer.
    """

    spec: RoleSpec
    prompt: str
    rule: str
    turns: int
    prompt_tokens: int
    policy: CallSpec


@dataclass(frozen=True, slots=True)
class DeskSheet:
    """The description of a desk.

    Attributes:
        header: the paragraphs of the comment at the top of its file.
        scoped: roles that work once for every symbol of a book.
        symbols: number of symbols of the described decision.
    """

    config: DeskConfig
    header: tuple[str, ...]
    shape: GraphShape
    scoped: frozenset[str]
    symbols: int
    count: CallCount
    roles: tuple[RoleSheet, ...]

    @property
    def source(self) -> str:
        """Return the first paragraph of the comment at the top of the file; empty without one."""
        return self.header[0] if self.header else ""

    @property
    def prompt_tokens(self) -> int:
        """Return the estimated prompt tokens of the described decision, without those of judges."""
        return sum(role.prompt_tokens * role.policy.answers for role in self.roles)


class DeskDescriber:
    """Describes desks by decisions on the demo market, in which rules answer."""

    def __init__(self, prompts: PromptLibrary, limits: Limits, *, seed: int = 7, cache: Path | None = None) -> None:
        """Open the demo market of a `seed`; `cache` is the folder of its cache."""
        self._prompts, self._limits, self._memo = prompts, limits, ViewMemo()
        self._source = demo_market(seed=seed, last=LAST, cache=cache)

    def describe(self, name_or_path: str) -> DeskSheet:
        """Return the description of a desk; raises ConfigError for an invalid file, an unknown tool or prompt."""
        config, header = load_desk(name_or_path), header_of(desk_path(name_or_path))
        symbols = len(BOOK) if config.over_book else 1
        desk, recorder = self._longest(config, symbols)
        return DeskSheet(
            config=config,
            header=header,
            shape=shape_of(flow_of(config)),
            scoped=recorder.scoped,
            symbols=symbols,
            count=count_calls(recorder, config.all_calls, symbols),
            roles=tuple(_role(spec, desk, recorder) for spec in config.roster.roles),
        )

    def _longest(self, config: DeskConfig, symbols: int) -> tuple[Desk, RunRecorder]:
        """Return the desk of the run with the most prompts, and its recorder; stop at the first complete run."""
        longest = next(runs := self._runs(config))
        while len(longest[1].prompts) < config.turns_for(symbols):
            following = next(runs, None)
            if following is None:
                break
            longest = max(longest, following, key=lambda run: len(run[1].prompts))
        return longest

    def _runs(self, config: DeskConfig) -> Iterator[tuple[Desk, RunRecorder]]:
        for symbol, day in ((BOOK[0], LAST),) if config.over_book else SAMPLES:
            recorder = RunRecorder()
            desk = rule_desk(
                config,
                self._prompts,
                self._source,
                self._limits,
                seed=0,
                version=__version__,
                timer=lambda: 0.0,
                on_prompt=recorder.prompt,
            )
            plan = replace(plan_of(desk.graph), on_step=recorder.step)
            desk = replace(desk, memo=self._memo, plan=plan)
            asyncio.run(_decide(desk, BOOK if config.over_book else (symbol,), day))
            yield desk, recorder


async def _decide(desk: Desk, symbols: Sequence[Symbol], day: date) -> None:
    as_of = trading_calendar(EXCHANGE).close(day)
    account = Account(name=HYPOTHETICAL_ACCOUNT, cash=CASH)
    requests = [DecisionRequest(RunId("description"), symbol, as_of, account) for symbol in symbols]
    if desk.file.over_book:
        await decide_book(desk, requests)
    else:
        await decide(desk, requests[0])


def _role(spec: RoleSpec, desk: Desk, recorder: RunRecorder) -> RoleSheet:
    agent = desk.team.agent(spec.name)
    asked = [rendered for role, rendered in recorder.prompts if role == spec.name]
    tokens = sum(prompt_tokens(rendered) for rendered in asked)
    policy = desk.file.all_calls.get(spec.name, SINGLE_CALL)
    return RoleSheet(spec, agent.role.prompt.id, rule_name(agent), len(asked), tokens, policy)


def header_of(path: Path) -> tuple[str, ...]:
    """Return the paragraphs of the comment at the top of a desk file.

    An empty comment line ends a paragraph; a line that begins with a label, such as `paper:` or `ours:`, starts one.
    """
    paragraphs = [list[str]()]
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        text = line.lstrip("#").strip()
        if not text or LABEL.match(text):
            paragraphs.append([])
        paragraphs[-1] += [text] if text else []
    return tuple(" ".join(lines) for lines in paragraphs if lines)
