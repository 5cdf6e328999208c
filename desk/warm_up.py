"""The labelled warm-up of a memory: on every session of a window before the test, the desk acts on the known next move.

FinMem (arXiv 2311.13743) and InvestorBench (arXiv 2412.18174) fill their memory so. Here no model decides: the label is
the decision, the texts of the session and the recalled memories are what it cites, and the reflector writes the lesson.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from ..agents.context import AgentContext, memory_evidence_id
from ..agents.recall import ALL_ASPECTS, WHOLE
from ..domain.account import Account
from ..domain.errors import ConfigError, NoData
from ..domain.evidence import EvidenceKind
from ..domain.ids import RunId, Symbol
from ..domain.outputs import NOT_ARGUED, Rating, Thesis
from ..domain.trading_calendar import TradingCalendar, trading_calendar
from ..graph.desk_sections import WarmUp
from ..graph.learning_section import NOTHING_LEARNED
from ..graph.recalled import as_evidence
from ..graph.roles import READING_KINDS
from ..llm.scope import decision_scope
from ..market.view import MarketView
from ..market.view_memo import ViewMemo
from ..tools.registry import gather_evidence
from .decision import DecisionRequest, Desk, decision_brief
from .learning.memory import DeskMemory
from .learning.memory_session import MemorySession
from .learning.recording import LABELLED, record_memories
from .learning.returns import price_return

LABELLER = "warm_up"
ACCOUNT = Account(LABELLER, Decimal(100_000))
LABEL_FACTS = ((LABELLED, Decimal(1)),)
CITED_KINDS = frozenset({EvidenceKind.NEWS, EvidenceKind.FILING, EvidenceKind.MEMORY})


@dataclass(frozen=True, slots=True)
class WarmUpWindow:
    """The days of a warm-up, and the first session of the test that follows."""

    first: date
    last: date
    test: date


@dataclass(frozen=True, slots=True)
class WarmUpProgress:
    """A session that was labelled: `done` of `total`; `labelled` counts the labelled decisions until now."""

    session: date
    done: int
    total: int
    labelled: int


def ignore_warm_up(_: WarmUpProgress) -> None:
    """Ignore the progress of a warm-up."""


def warm_up_sessions(calendar: TradingCalendar, window: WarmUpWindow) -> Sequence[date]:
    """Return the sessions to label.

    Raises ConfigError if there is none, or if the label of the last one is known only inside the test.
    """
    sessions = calendar.between(window.first, window.last)
    if not sessions:
        latest = calendar.previous(calendar.previous(window.test))
        raise ConfigError(
            f"there is no session of {calendar.name} from {window.first} to {window.last}: a warm-up or training "
            f"begins on {latest} or earlier, as the test begins at {window.test}"
        )
    if (known := calendar.next(sessions[-1])) >= window.test:
        raise ConfigError(
            f"the warm-up to {sessions[-1]} uses the close of {known}, and the test begins at {window.test}; end the "
            f"warm-up on {calendar.previous(calendar.previous(window.test))} or earlier, or begin the test later"
        )
    return sessions


async def warm_up(
    desk: Desk,
    symbols: Sequence[Symbol],
    window: WarmUpWindow,
    observe: Callable[[WarmUpProgress], None] = ignore_warm_up,
) -> int:
    """Fill the memory of `desk` with labelled decisions on `symbols`; return how many labels there are.

    A label is the sign of the adjusted close-to-close return of the next session; it is stored with the time at which
    it is known. A session without a move, or without data for a symbol, has no label. Repeating a warm-up, also after
    an interruption, adds nothing that is stored already. Raises ConfigError for a desk whose file does not ask for a
    labelled warm-up, for symbols of different calendars and for a window that reaches into the test, and StoreLocked.
    """
    memory, calendar = _memory(desk), _calendar(desk, symbols)
    sessions = warm_up_sessions(calendar, window)
    labelled = 0
    for done, session in enumerate(sessions, start=1):
        for symbol in sorted(symbols):
            labelled += await _Labelling(desk, memory, calendar, symbol).label(session)
        observe(WarmUpProgress(session, done, len(sessions), labelled))
    for symbol in sorted(symbols):
        await _Labelling(desk, memory, calendar, symbol).settle(calendar.next(sessions[-1]))
    return labelled


def _memory(desk: Desk) -> DeskMemory:
    """Return the memory as a warm-up uses it: it learns at every session, and nothing but lessons and feedback."""
    if desk.file.memory.warmup is not WarmUp.LABELLED:
        raise ConfigError(f"desk {desk.file.name} has no labelled warm-up; its file needs memory: {{warmup: labelled}}")
    if desk.memory is None or not desk.memory.writes:
        raise ConfigError("a warm-up needs a memory that can be written; leave out --no-memory")
    return replace(desk.memory, learning=NOTHING_LEARNED, updates_weights=False)


def _calendar(desk: Desk, symbols: Sequence[Symbol]) -> TradingCalendar:
    names = {desk.source.calendar_name(symbol) for symbol in symbols}
    if len(names) != 1:
        raise ConfigError("a warm-up needs symbols of one trading calendar")
    return trading_calendar(names.pop())


@dataclass(frozen=True, slots=True)
class _Labelling:
    """The warm-up of one symbol."""

    desk: Desk
    memory: DeskMemory
    calendar: TradingCalendar
    symbol: Symbol

    async def label(self, session: date) -> bool:
        """Settle what is due, and store the labelled decision of a session; return whether there is a label."""
        moment, known_at = self.calendar.close(session), self.calendar.close(self.calendar.next(session))
        view, memories = self._view(moment), self._memories(moment)
        try:
            move = price_return(self._view(known_at), self.symbol, moment)
            context = await self._context(view, memories)
        except NoData:
            return False
        if not move:
            return False
        for each in memories.memories().values():
            shown = await self._with_recalled(each, context, memories)
            thesis = _labelled_thesis(move, shown)
            await record_memories(each, view, shown.with_outputs(LABELLER, thesis), LABEL_FACTS, known_at=known_at)
        return True

    async def settle(self, session: date) -> None:
        """Write the lessons that are known at the close of a session."""
        moment = self.calendar.close(session)
        try:
            await self._context(self._view(moment), self._memories(moment))
        except NoData:
            return

    def _view(self, moment: datetime) -> MarketView:
        return MarketView(self.desk.source, moment, self.desk.memo or ViewMemo())

    def _memories(self, moment: datetime) -> MemorySession:
        return MemorySession(self.memory, self._view(moment), self.desk.file)

    async def _context(self, view: MarketView, memories: MemorySession) -> AgentContext:
        """Evaluate the outcomes that are known, and return the evidence of all roles that read any."""
        request = DecisionRequest(RunId(LABELLER), self.symbol, view.as_of, ACCOUNT)
        brief = decision_brief(view, request, self.desk.file)
        with decision_scope(self.symbol, self.desk.time_limit_s, view.as_of.isoformat()):
            await memories.evaluate_outcomes(self.desk.team, brief)
        roles = self.desk.file.roster.of(*READING_KINDS)
        tools = dict.fromkeys(tool for role in roles for tool in role.tools)
        return AgentContext(brief, gather_evidence(view, self.symbol, tools).evidence)

    async def _with_recalled(self, memory: DeskMemory, context: AgentContext, memories: MemorySession) -> AgentContext:
        recall = memory.recall(context.brief.as_of, self.symbol, memories.warnings).without_blocking
        recalled = await recall(context, ALL_ASPECTS, WHOLE)
        return replace(context, memories=recalled, evidence=(*context.evidence, *as_evidence(recalled)))


def _labelled_thesis(move: Decimal, context: AgentContext) -> Thesis:
    """Return the label as a thesis that cites the texts of the session and the recalled memories."""
    rises = move > 0
    texts = [item.id for item in context.evidence if item.kind in CITED_KINDS]
    cited = dict.fromkeys([*texts, *(memory_evidence_id(each.record) for each in context.memories)])
    return Thesis(
        rating=Rating.BUY if rises else Rating.SELL,
        conviction=1.0 if rises else -1.0,
        horizon_sessions=1,
        summary=f"Warm-up: the close of the next session was {move:+.1%} away.",
        bull_case=NOT_ARGUED,
        bear_case=NOT_ARGUED,
        invalidation="Nothing; the move is known.",
        evidence=tuple(cited),
    )
