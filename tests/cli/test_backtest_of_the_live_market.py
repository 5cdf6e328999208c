"""A backtest on the live market: answers of the sources are recorded once, and repeated runs use the record."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.tests.cli.live_shell import Shell
from vendors.server import VendorServer
from vendors.vendor_servers import serve_world

XNYS = trading_calendar("XNYS")
STARTED = datetime.now(UTC)
LAST = XNYS.previous(XNYS.last_completed(STARTED - timedelta(hours=1)))
FIRST = XNYS.sessions[XNYS.sessions.index(LAST) - 1]
BACKTEST = ("backtest", "AAPL", "--market", "live", "--model", "rules", "--from", FIRST, "--to", LAST, "--json")
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def server():
    with VendorServer() as server:
        serve_world(server, STARTED)
        yield server


def result(text: str) -> Mapping[str, object]:
    """Return a backtest document without its times."""
    found: dict[str, object] = json.loads(text)
    return {name: value for name, value in found.items() if name not in ("backtest_id", "run")}


@pytest.mark.timeout(300)
def test_a_backtest_is_repeated_from_the_archive_without_the_sources(
    server: VendorServer, shell: Callable[..., Shell], tmp_path: Path
) -> None:
    desk = shell(tmp_path / "home", server.url)
    code, out, err = desk.run(*BACKTEST)
    assert code == 0, err
    assert json.loads(out)["run"]["decisions_made"] == 2
    (desk.home / "backtests.db").unlink()  # the decisions are made anew
    asked = len(server.requests)
    code, again, err = shell(desk.home, NOBODY).run(*BACKTEST)
    assert code == 0, err
    assert json.loads(again)["run"]["decisions_made"] == 2
    assert result(again) == result(out)
    assert len(server.requests) == asked


def test_without_sources_and_without_an_archive_nothing_is_written(shell: Callable[..., Shell], tmp_path: Path) -> None:
    desk = shell(tmp_path / "home", NOBODY)
    code, out, err = desk.run(*BACKTEST)
    assert (code, out) == (4, "")
    assert "no vendor could be asked for prices_daily of AAPL" in err
    assert "Traceback" not in err
    assert not list(desk.home.glob("backtest*"))
