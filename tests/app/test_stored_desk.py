"""Further attempts at the decisions of a session: which runs begin anew, and which ones are continued or refused."""

from dataclasses import replace

import pytest
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.tests.app.daily import NAME, XNYS, Killed, open_daily, sessions
from openoutcry.tests.market_folder import write_folder
from stub.http_log import Fault
from stub.server import StubServer

(SESSION,) = sessions("2025-03-03", 1)
FULL_DEBATE = 14


@pytest.fixture
def stub():
    with StubServer() as server:
        yield server


async def killed(_time):
    raise Killed


def attempt(home, watchlist, **settings):
    """Run the session in a process of its own, which is killed where it would wait for data or a model."""
    request = replace(session_request(None, SessionFlags(NAME, watchlist, SESSION.isoformat())), wait=True)
    with open_daily(home, **settings) as daily:
        daily.clock.after_close(SESSION)
        return daily.daily_run(pause=killed).run(request)


def stored_runs(home, **settings):
    """Return status, configuration hash and cause of abstention of each run, by ticker."""
    with open_daily(home, **settings) as daily:
        store = daily.stores.runs
        causes = {run.ticker: store.decision(run.run_id).abstention for run in store.runs()}
        return {
            run.ticker: (str(run.status), run.config_hash, causes[run.ticker] and str(causes[run.ticker].cause))
            for run in store.runs()
        }


def test_a_run_without_data_begins_anew_on_a_folder_that_has_changed(tmp_path, demo):
    home, folder, close = tmp_path / "home", tmp_path / "market", XNYS.close(SESSION)
    write_folder(demo, ["CALDR"], close, folder, 300)
    with pytest.raises(Killed):
        attempt(home, "CALDR,GRUND", market=str(folder))
    before = stored_runs(home, market=str(folder))
    assert (before["CALDR"][2], before["GRUND"][2]) == (None, "data")
    write_folder(demo, ["CALDR", "GRUND"], close, folder, 300)
    result = attempt(home, "CALDR,GRUND", market=str(folder))
    assert str(result.row.status) == "done"
    assert "abstain" not in {str(each.outcome) for each in result.record.decisions}
    after = stored_runs(home, market=str(folder))
    assert after["CALDR"] == before["CALDR"]
    assert after["GRUND"][0] == "done"
    assert after["GRUND"][1] != before["GRUND"][1]


def killed_without_a_model(home, stub, settings):
    """Stop a session whose model fails after eight answers; return the stored runs."""
    stub.fail(*[None] * 8, *[Fault.error(500)] * (FULL_DEBATE - 8))
    with pytest.raises(Killed):
        attempt(home, "CALDR", **settings)
    stub.heal()
    return stored_runs(home, **settings)


def test_a_run_without_a_model_is_continued_at_the_same_endpoint(tmp_path, stub):
    home, settings = tmp_path / "home", {"model": "openai:stub", "attempts": 1, "base_url": stub.url}
    before = killed_without_a_model(home, stub, settings)
    assert before["CALDR"][2] == "model"
    answered = len(stub.chats)
    result = attempt(home, "CALDR", **settings)
    assert str(result.record.decisions[0].outcome) == "orders"
    assert len(stub.chats) - answered < FULL_DEBATE
    assert stored_runs(home, **settings)["CALDR"][1] == before["CALDR"][1]


def test_a_run_without_a_model_is_not_continued_at_another_endpoint_but_decided_anew(tmp_path, stub):
    home, settings = tmp_path / "home", {"model": "openai:stub", "attempts": 1, "base_url": stub.url}
    killed_without_a_model(home, stub, settings)
    answered = len(stub.chats)
    with StubServer() as other:
        result = attempt(home, "CALDR", **{**settings, "base_url": other.url})
        assert len(other.chats) == FULL_DEBATE
    assert len(stub.chats) == answered
    assert result.row.attempt == 2
    assert str(result.record.decisions[0].outcome) == "orders"
