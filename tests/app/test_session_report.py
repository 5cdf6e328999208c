"""The report of a session: figures are those of the ledger, texts stay texts, and no failure costs a session."""

import stat
from decimal import Decimal

import pytest
from openoutcry.app.session_publishing import report_folder
from openoutcry.app.session_rows import result_of
from openoutcry.desk.accounts import statement
from openoutcry.domain.errors import LookAheadError
from openoutcry.ledger.reports.history import executions
from openoutcry.tests.app.daily import NAME, XNYS, open_daily, sessions
from openoutcry.tests.leaking_source import LeakingSource

DAYS = sessions("2025-03-03", 6)
WATCHLIST = "CALDR,GRUND,VEXIL"


@pytest.fixture
def daily(tmp_path):
    with open_daily(tmp_path / "home") as opened:
        opened.clock.after_close(DAYS[0])
        yield opened


def files(daily, session, account=NAME):
    folder = report_folder(daily.settings.home, account)
    return {suffix: (folder / f"{session}{suffix}") for suffix in (".md", ".html")}


def text(daily, session, suffix=".md"):
    return files(daily, session)[suffix].read_text(encoding="utf-8").replace("\\", "")


def test_the_figures_are_those_of_the_ledger(daily):
    for session in DAYS:
        daily.clock.after_close(session)
        result = daily.run(watchlist=WATCHLIST)
    broker = daily.stores.ledger.broker(NAME)
    value, shown = result_of(result.row), text(daily, DAYS[-1])
    assert f"| equity, USD | {value.equity:,.2f} |" in shown
    for line in statement.positions(broker):
        assert f"| {line.symbol} | {line.quantity:f} |" in shown
        assert f"{line.value:,.2f} | {line.unrealised:+,.2f}" in shown
    filled = [each for each in executions(broker.journal.events, broker.book) if each.session == str(DAYS[-1])]
    assert shown.count(f"\n| {DAYS[-1]} | ") == len(filled)
    for order in statement.orders(broker.book, every=False):
        assert order.order_id in shown
    page = text(daily, DAYS[-1], ".html")
    assert f"{value.equity:,.2f}" in page
    assert page.count("<svg") == 1
    assert "http" not in page.replace("http-equiv", "")


def test_the_change_and_the_calibration_need_a_session_before(daily):
    daily.run(watchlist=WATCHLIST)
    assert "| change since the session before | n/a |" in text(daily, DAYS[0])
    assert "No decision has a following session yet." in text(daily, DAYS[0])
    daily.clock.after_close(DAYS[1])
    second = result_of(daily.run(watchlist=WATCHLIST).row)
    shown = text(daily, DAYS[1])
    assert f"| change since the session before | {second.equity - Decimal(100_000):+,.2f} |" in shown
    assert "No decision has a following session yet." not in shown


def test_files_are_private_and_replace_one_another(daily):
    daily.run(watchlist=WATCHLIST, approve="all")
    assert "Waiting for a person" in text(daily, DAYS[0])
    daily.clock.after_close(DAYS[1])
    daily.run(watchlist=WATCHLIST)
    found = files(daily, DAYS[1])[".html"]
    assert stat.S_IMODE(found.parent.stat().st_mode) == 0o700
    assert sorted(path.suffix for path in found.parent.iterdir()) == [".html", ".html", ".md", ".md"]


def test_text_from_people_is_never_markup(daily):
    with daily.stores.ledger.transaction(NAME) as broker:
        broker.halt("<script>alert(1)</script> [link](http://evil) | x")
    daily.run(watchlist=WATCHLIST)
    page = text(daily, DAYS[0], ".html")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "[link](http" not in files(daily, DAYS[0])[".md"].read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_costs_no_session(daily):
    (daily.settings.home / "reports").write_text("in the way", encoding="utf-8")
    result = daily.run(watchlist=WATCHLIST)
    assert str(result.row.status) == "done"
    assert any("its report was not written" in notice for notice in daily.observer.notices)


@pytest.mark.parametrize("name", ["../../evil", "a/b", ".hidden", "ü x"])
def test_the_name_of_an_account_leads_to_no_other_folder(tmp_path, name):
    folder = report_folder(tmp_path, name)
    assert folder.parent == tmp_path / "reports"
    assert not folder.name.startswith(".")


def test_missed_and_failed_sessions_have_a_report_too(daily):
    daily.clock.now = XNYS.open(DAYS[1])
    daily.run(DAYS[0], watchlist=WATCHLIST)
    assert "session 2025-03-03: missed" in text(daily, DAYS[0])
    daily.clock.after_close(DAYS[1])
    leaking = daily.with_source(LeakingSource(daily.stores.source, "news", only_at=XNYS.close(DAYS[1])))
    with pytest.raises(LookAheadError):
        leaking.run(watchlist=WATCHLIST)
    assert "session 2025-03-04: failed" in text(daily, DAYS[1])
    assert "The account is halted" in text(daily, DAYS[1])


def test_the_command_shows_the_newest_report(tmp_path, monkeypatch, capsys):
    from openoutcry.cli.commands.paper_report import report

    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    with open_daily(tmp_path / "home") as daily:
        for session in DAYS[:2]:
            daily.clock.after_close(session)
            daily.run(watchlist=WATCHLIST)
    report(NAME, None, None, None, force=False)
    assert "session 2025-03-04" in capsys.readouterr().out
    report(NAME, "2025-03-03", tmp_path / "page.html", None, force=False)
    assert "session 2025-03-03" in (tmp_path / "page.html").read_text(encoding="utf-8")
