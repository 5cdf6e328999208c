"""Roles that act once a week or month decide as of the first session of the period, and may be asked once."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from desk_factory import close_of
from every_desk import Everybody, desk_named
from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.rule_desk import order_policy, rule_desk
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.account import Account
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.errors import ConfigError, SourceUnavailable
from openoutcry.domain.ids import RunId
from openoutcry.domain.market import FilingText
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.graph.build import build
from openoutcry.graph.cadence import first_session, last_event
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.period_results import ProcessPeriodResults
from openoutcry.graph.roles import Cadence
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.market.delegating_source import DelegatingSource
from openoutcry.market.view import MarketView
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from scripted_answers import TICKER

ACCOUNT = Account("test", Decimal(100_000))
FIRST, MIDDLE, LAST, NEXT = (close_of(2025, 3, 3), close_of(2025, 3, 14), close_of(2025, 3, 31), close_of(2025, 4, 1))


@pytest.mark.parametrize(
    ("session", "cadence", "first"),
    [
        (date(2025, 3, 31), Cadence.MONTH, date(2025, 3, 3)),  # 1 and 2 March are a weekend
        (date(2025, 3, 3), Cadence.MONTH, date(2025, 3, 3)),
        (date(2025, 9, 5), Cadence.WEEK, date(2025, 9, 2)),  # Monday is Labor Day
        (date(2026, 1, 2), Cadence.WEEK, date(2025, 12, 29)),  # a week over the turn of the year
        (date(2025, 3, 12), Cadence.SESSION, date(2025, 3, 12)),
    ],
)
def test_the_first_session_of_a_period(session, cadence, first):
    assert first_session(trading_calendar("XNYS"), session, cadence) == first


@pytest.fixture
def desk_of(demo):
    """Return a function that opens the guided desk, with or without kept results."""

    def open_desk(results=None, file=None, **lines):
        file, model = file or load_desk("lm_guided"), ScriptedModel(Everybody(**lines))
        team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
        info = ModelInfo("scripted", "scripted", "scripted")
        log = InMemoryCallLog()
        desk = Desk(file, team, build(file), demo, Limits(), info, log, {}, 1, "0", lambda: 0.0, results=results)
        return desk, model

    return open_desk


def taken(desk, *moments):
    async def run():
        return [await decide(desk, DecisionRequest(RunId(f"{at}"), TICKER, at, ACCOUNT)) for at in moments]

    return asyncio.run(run())


def test_within_a_month_the_questions_are_those_of_its_first_session(desk_of):
    desk, model = desk_of()
    taken(desk, FIRST, MIDDLE, LAST, NEXT)
    prompts = [question.user for question in model.asked if question.role == "strategist" and question.seed == 1]
    bare = [prompt.replace("@2025-03-03", "") for prompt in prompts]
    assert bare[0] == bare[1] == bare[2] != bare[3]
    assert all("as of 2025-03-03 21:00 UTC" in prompt for prompt in prompts[:3])


def test_kept_results_are_asked_for_once_a_month(desk_of):
    desk, model = desk_of(ProcessPeriodResults())
    decisions = taken(desk, FIRST, MIDDLE, LAST)
    assert [question.role for question in model.asked] == ["news", *["strategist"] * 5]
    assert len({decision.thesis.conviction for decision in decisions}) == 1
    taken(desk, NEXT)
    assert len(model.asked) == 12


def test_kept_results_do_not_change_a_decision(desk_of):
    kept = taken(desk_of(ProcessPeriodResults())[0], FIRST, MIDDLE, LAST)
    named = [tuple((each.role, each.made_at) for each in decision.kept) for decision in kept]
    assert named == [(), *[(("news", FIRST), ("strategist", FIRST))] * 2]
    assert [replace(each, kept=()) for each in kept] == taken(desk_of()[0], FIRST, MIDDLE, LAST)


def test_an_earlier_decision_does_not_use_what_was_made_for_a_later_one(desk_of):
    desk, model = desk_of(ProcessPeriodResults())
    (last,) = taken(desk, LAST)
    (middle,) = taken(desk, MIDDLE)
    assert (last.kept, middle.kept, len(model.asked)) == ((), (), 12)
    (again,) = taken(replace(desk), LAST)
    assert {each.made_at for each in again.kept} <= {LAST}
    assert len(model.asked) == 12


def test_a_slow_role_does_not_see_what_changes_within_its_period(desk_of):
    monthly = load_desk("lm_guided")
    news, strategist = monthly.roles
    daily = monthly.model_copy(update={"roles": (news.model_copy(update={"cadence": Cadence.SESSION}), strategist)})
    for file, sees in ((monthly, True), (daily, False)):
        desk, model = desk_of(file=file)
        taken(desk, MIDDLE)
        prompt = next(question.user for question in model.asked if question.role == "strategist")
        assert ("Said by news." in prompt) == sees


def test_an_abstention_is_not_kept(desk_of):
    gone = Abstention("strategist", AbstentionCause.MODEL, "gone")
    desk, model = desk_of(ProcessPeriodResults(), strategist=gone)
    taken(desk, FIRST, MIDDLE)
    assert [question.role for question in model.asked].count("strategist") == 10
    assert [question.role for question in model.asked].count("news") == 1


def test_older_evidence_is_marked_with_its_session_and_cited_so(desk_of):
    (decision,) = taken(desk_of()[0], MIDDLE)
    ids = {item.id for item in decision.evidence}
    assert ids
    assert all(name.endswith("@2025-03-03") for name in ids)
    assert set(decision.thesis.evidence) <= ids
    assert max(item.known_at for item in decision.evidence) <= FIRST


def test_the_rules_of_one_month_agree_whichever_day_is_decided_first(demo, tmp_path):
    desk = rule_desk(
        desk_named("own_hierarchy", tmp_path), load_prompts(), demo, Limits(), seed=1, version="", timer=lambda: 0.0
    )
    alone = taken(desk, LAST)
    after = taken(replace(desk, results=ProcessPeriodResults()), FIRST, MIDDLE, LAST)[-1:]
    before = taken(replace(desk, results=ProcessPeriodResults()), LAST, MIDDLE, FIRST)
    assert alone == [replace(each, kept=()) for each in after]
    assert before[2] == taken(desk, FIRST)[0]
    assert taken(desk, FIRST)[0].proposal.exposure == alone[0].proposal.exposure


def after_events(cadence):
    """Return the guided desk whose roles act after events."""
    monthly = load_desk("lm_guided")
    return monthly.model_copy(
        update={"roles": tuple(role.model_copy(update={"cadence": cadence}) for role in monthly.roles)}
    )


def statement_times(demo, until):
    return sorted({filing.known_at for filing in demo.filings(TICKER, until=until)})


def test_a_role_acts_once_after_each_statement(desk_of, demo):
    calendar, (*_, before, event) = trading_calendar("XNYS"), statement_times(demo, LAST)
    eve = calendar.close(calendar.last_completed(event - timedelta(minutes=1)))
    later = [calendar.close(calendar.last_completed(event) + timedelta(days=days)) for days in (7, 14)]
    assert before < eve < event
    desk, model = desk_of(ProcessPeriodResults(), file=after_events(Cadence.EARNINGS))
    decisions = taken(desk, eve, *later)
    assert [question.role for question in model.asked] == ["news", *["strategist"] * 5] * 2
    asked = [question.user for question in model.asked if question.role == "strategist"]
    times = [f"as of {at:%Y-%m-%d %H:%M} UTC" for at in (before, event)]
    assert [sum(each in prompt for prompt in asked) for each in times] == [5, 5]
    assert [decision.kept == () for decision in decisions] == [True, True, False]
    assert max(item.known_at for item in decisions[-1].evidence) <= event


def test_answers_after_events_do_not_depend_on_being_kept(desk_of):
    file = after_events(Cadence.FILING)
    kept = taken(desk_of(ProcessPeriodResults(), file=file)[0], FIRST, MIDDLE, LAST)
    assert [replace(each, kept=()) for each in kept] == taken(desk_of(file=file)[0], FIRST, MIDDLE, LAST)


class WithoutStatements(DelegatingSource):
    """A market whose statements cannot be read."""

    def filings(self, symbol, *, until):
        raise SourceUnavailable("no statements")


class WithReport(DelegatingSource):
    """A market with one filing that is not a statement, known at MIDDLE."""

    def filing_texts(self, symbol, *, until):
        report = FilingText(symbol, "8-K", "5.02", "Departure", "A director leaves.", "", MIDDLE)
        return [report] if until >= MIDDLE else []


def test_a_filing_is_a_statement_or_any_other_and_only_statements_are_earnings(demo):
    view = MarketView(WithReport(demo), LAST)
    assert last_event(view, [TICKER], Cadence.FILING) == MIDDLE
    assert last_event(view, [TICKER], Cadence.EARNINGS) == statement_times(demo, LAST)[-1] < MIDDLE
    assert last_event(MarketView(WithReport(demo), FIRST), [TICKER], Cadence.FILING) < FIRST


def test_without_an_event_a_role_acts_at_every_decision(desk_of, demo):
    desk, model = desk_of(ProcessPeriodResults(), file=after_events(Cadence.EARNINGS))
    taken(replace(desk, source=WithoutStatements(demo)), MIDDLE, LAST)
    assert [question.role for question in model.asked] == ["news", *["strategist"] * 5] * 2


@pytest.mark.parametrize(
    ("cadence", "longer"),
    [
        (Cadence.SESSION, set(Cadence)),
        (Cadence.WEEK, {Cadence.WEEK, Cadence.MONTH}),
        (Cadence.MONTH, {Cadence.MONTH}),
        (Cadence.EARNINGS, {Cadence.EARNINGS}),
        (Cadence.FILING, {Cadence.EARNINGS, Cadence.FILING}),
    ],
)
def test_a_role_sees_only_work_that_stays_for_its_whole_period(cadence, longer):
    assert {each for each in Cadence if each.outlasts(cadence)} == longer


def test_the_cadence_of_the_intake_is_that_of_every_reading_role_without_its_own(tmp_path):
    text = """name: mine
intake: {cadence: week}
roles:
  - {role: analyst, name: technical, tools: [bars]}
  - {role: analyst, name: news, tools: [news], cadence: session}
deliberation: {kind: panel, decider: head}
decision: {kind: direction}
sizing: {kind: all_in}
"""
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    desk = load_desk(str(path))
    assert {role.name: role.cadence for role in desk.roster.roles} == {
        "technical": Cadence.WEEK, "news": Cadence.SESSION, "head": Cadence.SESSION
    }  # fmt: skip
    path.write_text(text.replace("week", "weekly"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"line 2: intake\.cadence: .* did you mean week\?"):
        load_desk(str(path))
