"""Training episodes before a test: the desk trades the same sessions several times, and beliefs follow from results.

FinCon (arXiv 2407.06567): the better of two consecutive episodes is compared with the worse; concepts for each source
of information become beliefs of the manager and of the analysts concerned. Decisions of a training use no memory. The
models give new answers in every episode; rules give the same, so that two episodes of rules differ by beliefs alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ..agents.rules.training import beliefs_by_rule
from ..domain.abstention import Abstention
from ..domain.decision import Decision
from ..domain.errors import NoData
from ..domain.ids import Symbol
from ..domain.learning_outputs import BeliefEdits
from ..domain.trading_calendar import TradingCalendar
from ..graph.learning_section import EpisodesLearning
from ..graph.roles import RoleKind
from ..llm.scope import decision_scope
from ..market.view import MarketView
from ..market.view_memo import ViewMemo
from .accounts.account import TradingAccount
from .decision import Desk
from .learning.action_overlap import action_overlap, edit_size
from .learning.answered import answered, answered_decision
from .learning.desk_learning import DeskLearning
from .learning.instructions.window import next_return
from .learning.training.entries import EPISODE, EpisodeUpdate, StoredBelief, TrainingState
from .learning.training.episodes import SIGNS, Episode, Step, allowed_edits, apply_edits, episode_of
from .session import SessionPorts, SessionRecord, run_session
from .strategies.desk_strategy import desk_strategy

OpenAccount = Callable[[str], TradingAccount]
"""Returns a new account with a name, in which an episode trades."""


@dataclass(frozen=True, slots=True)
class EpisodeTraining:
    """The training of one desk on the sessions of a window, all before the test.

    Attributes:
        learning: where the beliefs are kept.
        open_account: opens the account of an episode.
        sessions: the sessions that are traded; the outcome of the last is known at the close of the next.
    """

    desk: Desk
    learning: DeskLearning
    spec: EpisodesLearning
    calendar: TradingCalendar
    symbols: Sequence[Symbol]
    sessions: Sequence[date]
    open_account: OpenAccount

    async def run(self) -> tuple[EpisodeUpdate, ...]:
        """Trade all episodes and return what each has changed. A repeated training stores nothing twice.

        Every episode is traded again then; the model calls that are in the call log of the desk are not made again.
        """
        updates, before = list[EpisodeUpdate](), None
        for number in range(1, self.spec.episodes + 1):
            beliefs = {each.source: each.text for each in updates[-1].beliefs} if updates else {}
            episode = await self._traded(number, beliefs)
            updates.append(await self._update(episode, before, beliefs))
            before = episode
        for update in updates:
            key = f"{update.first}/{update.last}/{','.join(sorted(self.symbols))}/{update.number:02}"
            self.learning.add(EPISODE, key, update.learned_at, update)
        return tuple(updates)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the analysts, whose information the beliefs are about."""
        return self.desk.file.roster.names(RoleKind.ANALYST)

    @property
    def known_at(self) -> datetime:
        """Return when the outcome of the last decision is known."""
        return self.calendar.close(self.calendar.next(self.sessions[-1]))

    async def _traded(self, number: int, beliefs: dict[str, str]) -> Episode:
        account, decisions = self.open_account(f"episode-{number}"), list[Decision]()
        learning = replace(self.learning, training=TrainingState(beliefs=beliefs))
        team = self.desk.team.numbered(number - 1)
        strategy = desk_strategy(replace(self.desk, memory=None, learned=learning, team=team, results=None))

        def publish(record: SessionRecord) -> None:
            decisions.extend(map(answered_decision, record.decisions))

        account.advance(self.calendar.previous(self.sessions[0]))
        cash = account.book.equity
        for place, session in enumerate(self.sessions):
            await run_session(
                account, strategy, self.symbols, session, settle_only=place % self.spec.every != 0, concurrency=1,
                ports=SessionPorts(publish=publish),
            )  # fmt: skip
        account.advance(self.calendar.next(self.sessions[-1]))
        return episode_of(number, account.book.equity / cash - 1, decisions, self._moves(decisions))

    def _moves(self, decisions: Sequence[Decision]) -> dict[Step, float]:
        view = MarketView(self.desk.source, self.known_at, self.desk.memo or ViewMemo())
        found = dict[Step, float]()
        for decision in decisions:
            session = self.calendar.last_completed(decision.as_of)
            try:
                moved = next_return(view, decision.ticker, session)
            except NoData:
                continue
            if moved is not None:
                found[decision.as_of.date(), decision.ticker] = moved
        return found

    async def _update(self, episode: Episode, before: Episode | None, beliefs: dict[str, str]) -> EpisodeUpdate:
        update = EpisodeUpdate(
            number=episode.number,
            first=self.sessions[0],
            last=self.sessions[-1],
            total_return=episode.total_return,
            learned_at=self.known_at,
            beliefs=_stored(beliefs),
        )
        if before is None:
            return update
        better, worse = (episode, before) if episode.total_return > before.total_return else (before, episode)
        overlap = action_overlap(before.actions, episode.actions)
        size = edit_size(overlap, grows_with_overlap=self.spec.edit == "overlap")
        allowed = allowed_edits(size, len(self.sources))
        update = update.model_copy(
            update={
                "better": better.number, "worse": worse.number, "overlap": overlap, "size": size, "allowed": allowed
            }
        )  # fmt: skip
        if not allowed or better.total_return == worse.total_return:
            return update
        said = await self._asked(better, worse, beliefs, allowed, size)
        if isinstance(said, Abstention):
            return update.model_copy(update={"explanation": said.reason})
        made = apply_edits(beliefs, said, self.sources, allowed)
        return update.model_copy(
            update={
                "edited": made.edited,
                "dropped": made.dropped,
                "explanation": said.explanation,
                "beliefs": _stored(made.beliefs),
            }
        )

    async def _asked(
        self, better: Episode, worse: Episode, beliefs: dict[str, str], allowed: int, size: float
    ) -> BeliefEdits | Abstention:
        [writer] = self.desk.team.learners.values()
        with decision_scope(self.symbols[0], self.desk.time_limit_s, self.known_at.isoformat()):
            said = await writer.generate(
                BeliefEdits,
                lambda: {
                    "sources": ", ".join(self.sources),
                    "size": f"at most {allowed} of {len(self.sources)} beliefs (tau {size:.2f})",
                    "beliefs": "\n".join(f"{name}: {text}" for name, text in beliefs.items()) or "none",
                    "better": better.text(self.sources),
                    "worse": worse.text(self.sources),
                },
                rule=lambda: _by_rule(better, self.sources),
                check=lambda _: None,
            )
        return answered(said, stops_at_budget=True)


def _by_rule(better: Episode, sources: Sequence[str]) -> BeliefEdits:
    sided = {name: [each for each in better.calls.get(name, ()) if SIGNS[each.report.stance]] for name in sources}
    right = {name: sum(each.right for each in calls) for name, calls in sided.items()}
    return beliefs_by_rule(right, {name: len(calls) for name, calls in sided.items()})


def _stored(beliefs: Mapping[str, str]) -> tuple[StoredBelief, ...]:
    return tuple(StoredBelief(source=name, text=text) for name, text in beliefs.items())
