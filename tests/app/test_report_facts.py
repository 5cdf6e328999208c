"""What the application knows beside a decision: market events, fills across a split, and the earlier decision."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from openoutcry.app.factories import open_ledger, open_market, open_store
from openoutcry.app.report_facts import load_report_facts, previous_decision, session_after
from openoutcry.app.settings import load_settings
from openoutcry.desk.accounts.paper_account import advance_account, submit_decision
from openoutcry.desk.records.run_status import Status
from openoutcry.desk.records.run_store import Run
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.reports.report_facts import MarkerKind
from openoutcry.tests.decisions import decision, plain_order

XNYS = trading_calendar("XNYS")
BOUGHT, SPLIT, LAST = date(2025, 3, 4), date(2025, 3, 5), date(2025, 3, 7)
NEWS = (
    ("during the session", "2025-03-06T18:00:00Z"),
    ("after the close", "2025-03-06T21:30:00Z"),
    ("on the weekend", "2025-03-08T12:00:00Z"),
    ("after the decision", "2025-03-10T13:00:00Z"),
)
MONDAY_MORNING = datetime(2025, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def settings(home, tmp_path):
    """Return settings with a market of one share at a price of 100, and of 50 from its split."""
    folder, prices = tmp_path / "market", ["ticker,date,open,high,low,close,volume"]
    for day in XNYS.between(date(2024, 11, 1), LAST):
        level = 50 if day >= SPLIT else 100
        prices.append(f"ACME,{day},{level},{level + 1},{level - 1},{level},1000000")
    filing = {"ticker": "ACME", "period_end": "2024-12-31", "timeframe": "annual", "metrics": {"revenue": 1.0}}
    news = [
        {"ticker": "ACME", "title": t, "published_at": at, "url": "", "summary": "", "source": "x"} for t, at in NEWS
    ]
    texts = {
        "prices_daily.csv": "\n".join(prices),
        "splits.csv": f"ticker,ex_date,ratio\nACME,{SPLIT},2",
        "dividends.csv": "ticker,ex_date,amount\nACME,2025-02-10,0.50",
        "news.jsonl": "\n".join(map(json.dumps, news)),
        "fundamentals.jsonl": json.dumps(filing | {"filed_at": "2025-02-14", "accepted_at": "2025-02-14T21:05:00Z"}),
    }
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return load_settings({"market": str(folder)})


def known(settings, made):
    return load_report_facts(settings, made, open_market(settings))


def of(facts, kind):
    return [(each.session, each.label) for each in facts.markers if each.kind is kind]


def test_publications_belong_to_the_first_session_that_closes_after_them(settings):
    facts = known(settings, decision("run", "ACME", MONDAY_MORNING))
    assert of(facts, MarkerKind.NEWS) == [
        (date(2025, 3, 6), "during the session"),
        (date(2025, 3, 7), "after the close"),
        (date(2025, 3, 10), "on the weekend"),
    ]
    # filed on a Friday at 16:05 in New York; the Monday is a holiday
    assert of(facts, MarkerKind.EARNINGS) == [(date(2025, 2, 18), "annual figures for the period to 2024-12-31")]
    assert of(facts, MarkerKind.DIVIDEND) == [(date(2025, 2, 10), "dividend of 0.50 a share")]


def test_an_early_close_ends_the_session(settings):
    half_day = date(2024, 11, 29)  # the day after Thanksgiving closes at 18:00 UTC
    assert session_after(XNYS, datetime(2024, 11, 29, 17, 59, tzinfo=UTC)) == half_day
    assert session_after(XNYS, datetime(2024, 11, 29, 18, 0, tzinfo=UTC)) == date(2024, 12, 2)
    assert session_after(XNYS, datetime(1980, 1, 1, tzinfo=UTC)) == XNYS.sessions[0]


def test_without_an_account_there_is_starting_cash_and_no_fill(settings):
    facts = known(settings, decision("run", "ACME", MONDAY_MORNING))
    assert facts.hypothetical
    assert facts.account is not None
    assert facts.account.cash == settings.cash
    assert not of(facts, MarkerKind.BUY)


def test_an_unknown_account_leaves_the_rest_of_the_report(settings):
    facts = known(settings, replace(decision("run", "ACME", MONDAY_MORNING), account="gone"))
    assert (facts.account, facts.hypothetical) == (None, False)
    assert of(facts, MarkerKind.NEWS)


def test_fills_before_a_split_are_in_the_units_of_the_last_close(settings):
    source = open_market(settings)
    with closing(open_ledger(settings)) as ledger:
        ledger.create("mine", AccountRules())
        with ledger.transaction("mine") as broker:
            broker.deposit("opening", 10_000_000)
        day = XNYS.previous(BOUGHT)
        for name, action, quantity, session in (("in", "buy", 10, day), ("out", "sell", 5, date(2025, 3, 6))):
            advance_account(ledger, "mine", source, XNYS, session)
            order = plain_order(name, "ACME", action, quantity)
            submit_decision(ledger, "mine", decision(name, "ACME", XNYS.close(session), order), source, session)
    facts = known(settings, replace(decision("run", "ACME", MONDAY_MORNING), account="mine"))
    bought, sold = (each for each in facts.markers if each.price is not None)
    assert (bought.kind, bought.session, sold.kind, sold.session) == (MarkerKind.BUY, BOUGHT, MarkerKind.SELL, LAST)
    assert bought.price == pytest.approx(50, rel=Decimal("0.01"))
    assert sold.price == pytest.approx(50, rel=Decimal("0.01"))
    assert bought.label.startswith("bought 10 at 100")  # as it was executed
    assert facts.account is not None
    assert facts.account.quantity(Symbol("ACME")) == 15  # 10 became 20, and 5 were sold


def stored(runs, name, as_of, *, account=None, desk="test", ticker="ACME", minute=0):
    made = replace(decision(name, ticker, as_of), account=account, desk=desk)
    started = MONDAY_MORNING + timedelta(minutes=minute)
    runs.begin(Run(RunId(name), started, ticker, as_of, desk, Status.RUNNING, None, "{}", ""))
    runs.finish(made)
    return made


def test_the_previous_decision_is_the_latest_of_the_same_account_desk_and_symbol(settings):
    days = [MONDAY_MORNING - timedelta(days=back) for back in range(6)]
    with closing(open_store(settings)) as runs:
        stored(runs, "older", days[5])
        stored(runs, "wanted", days[4], minute=1)
        stored(runs, "same-moment-stored-before", days[4], minute=0)
        stored(runs, "other-account", days[3], account="mine")
        stored(runs, "other-desk", days[2], desk="debate")
        stored(runs, "other-symbol", days[1], ticker="OTHER")
        present = stored(runs, "present", days[0], minute=5)
        stored(runs, "same-moment-as-the-present", days[0], minute=4)
        found = previous_decision(runs, present)
        first = previous_decision(runs, replace(present, as_of=days[5]))
    assert found is not None
    assert (found.run_id, first) == ("wanted", None)
    assert known(settings, present).previous == found
