"""Learning of desks over a book: the proposal on all symbols is tried, and the return of the account is the score."""

import asyncio
import re
from datetime import date

import pytest
import yaml
from learning_desk import proposal, steps_of
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.learning.instructions.steps import DECIDED, DecidedNote
from openoutcry.desk.learning.training.entries import RETRY, RetryLesson
from openoutcry.desk.session import SessionPorts
from openoutcry.desk.strategies.desk_strategy import desk_strategy
from openoutcry.desk.training import train
from openoutcry.domain.book_outputs import AllocationDecision, AllocationEntry
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.learning_outputs import BeliefEdit, BeliefEdits
from openoutcry.domain.outputs import Lesson
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.evals.demo_experiment import TradingCosts, margin_account
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.market.price_history import load_price_history
from openoutcry.market.view import MarketView
from openoutcry.prompts.library import load_prompts
from training_desk import BEARISH, LAST_KNOWN, WINDOW, account_of, asked, desk_of

XNYS = trading_calendar("XNYS")
FALLING, OTHER = Symbol("HALDM"), Symbol("CALDR")
BOOK = (OTHER, FALLING)
FIRST, LAST = date(2025, 2, 5), date(2025, 2, 24)
ALONE = """
name: taught_book
intake: {scope: book}
roles:
  - {role: single_agent, name: allocator, tools: [bars]}
deliberation: {kind: single_agent}
decision: {kind: allocation}
learning: LEARNING
"""
PANEL = """
name: trained_book
intake: {scope: book}
roles:
  - {role: analyst, name: technical, tools: [bars, indicators], call_tools: false}
deliberation: {kind: panel, decider: allocator}
decision: {kind: allocation}
learning: LEARNING
"""
CITABLE = re.compile(r"\[([A-Z]+/[\w.@-]+)\]")
PROMPTS = load_prompts()
BLOCK = PROMPTS.get("book_decision").instructions
IDLE, TRUST = f"{BLOCK}\n\nKeep everything in cash.", "Sell what falls."


def weights(request, **shares):
    cited = CITABLE.findall(request.user)[:1]
    return AllocationDecision(
        entries=tuple(AllocationEntry(symbol=Symbol(name), weight=share) for name, share in shares.items() if share),
        cash=1.0 - sum(shares.values()), summary="As instructed.", evidence=tuple(cited),
    )  # fmt: skip


def closes(source, symbol, last=LAST):
    series = load_price_history(MarketView(source, XNYS.close(last)), symbol).series
    return dict(zip(series.sessions, map(float, series.close), strict=True))


def moves(source, symbol, day):
    """Return the return of a symbol from the close of a session to the next close."""
    prices = closes(source, symbol)
    return prices[XNYS.next(day)] / prices[day] - 1


@pytest.fixture
def taught(demo, tmp_path):
    """The steps of a desk that holds the falling share until its instructions say otherwise, and its model."""

    def allocated(request):
        return weights(request, HALDM=0.0 if "Keep everything in cash" in request.system else 0.08)

    script = {"allocator": allocated, "prompt_optimizer": lambda _: proposal(IDLE)}
    desk, model = desk_of(demo, tmp_path, ALONE.replace("LEARNING", "{kind: opro, every: 3}"), **script)
    account = InMemoryAccount.open("test", margin_account(TradingCosts()), 10_000_000, demo)
    asyncio.run(run_backtest(account, desk_strategy(desk), BOOK, FIRST, LAST, every=Every.DAY))
    return desk, model


def test_a_text_for_a_book_is_tried_in_shadow_and_put_in_force(taught, demo):
    desk, model = taught
    found = steps_of(desk)
    assert found[1].in_shadow == found[2].in_force == found[3].in_force == IDLE
    assert [str(verdict.status) for verdict in found[3].verdicts] == ["adopted"]
    notes = desk.learned.read(DECIDED, DecidedNote, XNYS.close(LAST))
    window = [each for each in notes if found[1].session <= each.session < found[2].session]
    assert {each.symbol for each in window} == set(BOOK)
    gains = sum((each.shadow_weight - each.weight) * moves(demo, each.symbol, each.session) for each in window)
    total = float(found[2].equity / found[1].equity - 1)
    day, last = found[1].session, found[2].session
    held = sum(closes(demo, symbol)[last] / closes(demo, symbol)[day] - 1 for symbol in BOOK) / 2
    own, shadow = found[2].scores
    assert own.score == pytest.approx(50 + 250 * (total - held))
    assert (shadow.shadow, shadow.score) == (True, pytest.approx(50 + 250 * (total + gains - held)))
    assert len(asked(model, "allocator")) == 13 + 2 * 3


def test_beliefs_of_episodes_over_a_book_are_shown_to_the_analyst_and_the_allocator(demo, tmp_path):
    def allocated(request):
        return weights(request, HALDM=0.0 if request.sample or TRUST in request.user else 0.08)

    edit = BeliefEdits(explanation="Why.", edits=(BeliefEdit(source="technical", belief=TRUST),))
    script = {"technical": BEARISH, "allocator": allocated, "belief_writer": lambda _: edit}
    text = PANEL.replace("LEARNING", "{kind: episodes, episodes: 3, edit: difference}")
    desk, model = desk_of(demo, tmp_path, text, **script)
    assert asyncio.run(train(desk, BOOK, WINDOW, account_of(demo))).learned == 1
    told = [TRUST in request.user for request in asked(model, "allocator")]
    assert told == sorted(told)
    assert (len(told), sum(told)) == (3 * 8, 8)
    assert sum(TRUST in request.user for request in asked(model, "technical")) == 2 * 8
    decision = asyncio.run(run_backtest_once(desk))
    assert decision.provenance.learned.lessons
    assert set(decision.provenance.learned.lessons) <= {each.memory_id for each in decision.recalled}
    assert {f"mem.{each}" for each in decision.provenance.learned.lessons} & {each.id for each in decision.evidence}


async def run_backtest_once(desk):
    """Return the decision on the falling share after the training."""
    kept = []
    account = InMemoryAccount.open("test", margin_account(TradingCosts()), 10_000_000, desk.source)
    ports = SessionPorts(publish=lambda record: kept.extend(record.decisions))
    await run_backtest(account, desk_strategy(desk), BOOK, WINDOW.test, WINDOW.test, every=Every.DAY, ports=ports)
    return kept[-1]


def test_a_retry_over_a_book_is_judged_by_the_return_of_its_weights(demo, tmp_path):
    best = {
        f"{XNYS.close(day):%Y-%m-%d}": max(BOOK, key=lambda symbol: moves(demo, symbol, day))
        for day in XNYS.between(WINDOW.first, WINDOW.last)
    }

    def allocated(request):
        day = request.user.split("Decide as of ")[1][:10]
        worst = next(symbol for symbol in BOOK if symbol != best[day])
        return weights(request, **{str(best[day] if TRUST in request.user else worst): 0.08})

    script = {"allocator": allocated, "retry_reflector": lambda _: Lesson(lesson=TRUST)}
    text = ALONE.replace("LEARNING", "{kind: retry, trials: 1, horizon: 1}")
    desk, model = desk_of(demo, tmp_path, text, **script)
    asyncio.run(train(desk, BOOK, WINDOW, account_of(demo)))
    (lesson,) = desk.learned.read(RETRY, RetryLesson, XNYS.close(LAST_KNOWN))
    right = best[lesson.session.isoformat()]
    assert (lesson.symbol, lesson.trials, lesson.text) == ("CALDR,HALDM", 1, TRUST)
    assert lesson.outcome == pytest.approx(0.08 * moves(demo, right, lesson.session), abs=2e-4)
    question = asked(model, "retry_reflector")[0]
    assert "Weights " in question.user
    assert "The account moved -" in question.user


@pytest.mark.parametrize(
    ("desk", "learning", "message"),
    [
        ("contesttrade", "{kind: retry, role: judge_1}", "a judge over a book reads none"),
        ("deepfund", "{kind: episodes}", "a portfolio_manager over a book reads none"),
        ("stockbench", "{kind: retry, role: fundamental_filter}", "a filter over a book reads none"),
    ],
)
def test_what_shows_memories_to_a_role_that_reads_none_is_refused(tmp_path, desk, learning, message):
    text = yaml.safe_load((BUILT_IN / f"{desk}.yaml").read_text())
    (tmp_path / "desk.yaml").write_text(yaml.safe_dump(text | {"learning": yaml.safe_load(learning)}))
    with pytest.raises(ConfigError) as refused:
        load_desk(str(tmp_path / "desk.yaml"))
    assert message in str(refused.value)
    assert "use kind: opro" in str(refused.value)
