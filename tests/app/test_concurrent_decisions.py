"""The decisions of a session wait for their models together, within the limit of requests at the same time."""

import threading

import pytest
from openoutcry.tests.app.daily import open_daily, sessions
from stub.http_log import Fault
from stub.server import StubServer

TEN = "CALDR,DRUMT,FERKD,GRUND,HALDM,KESTR,LUMVN,MARRW,MYRRL,VEXIL"
ANALYSTS = 4
(FIRST,) = sessions("2025-03-03", 1)


class Gate:
    """Holds the first `count` requests back until `together` of them wait, and keeps how many waited at the most."""

    def __init__(self, together, count):
        self.together, self.left, self.most = together, count, 0
        self.stub, self.stop = None, threading.Event()

    def __call__(self, _request):
        if not self.left:
            return None
        self.left -= 1
        self.most = max(self.most, len(self.stub._waiting) + 1)
        return Fault.hang()

    def open(self):
        """Release the waiting requests whenever enough of them wait, until stopped."""
        while not self.stop.wait(0.002):
            if len(self.stub._waiting) >= self.together:
                self.stub.release()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("limit", "together", "count"), [(512, 10 * ANALYSTS, 10 * ANALYSTS), (3, 3, 30)])
def test_requests_of_ten_tickers_are_sent_together_within_the_limit(tmp_path, monkeypatch, limit, together, count):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    gate = Gate(together, count)
    with StubServer(personality=gate) as stub:
        gate.stub = stub
        opener = threading.Thread(target=gate.open, daemon=True)
        opener.start()
        with open_daily(tmp_path / "home", model="openai:stub", base_url=stub.url, max_parallel=limit) as daily:
            daily.clock.after_close(FIRST)
            result = daily.run(watchlist=TEN)
        gate.stop.set()
        opener.join()
    assert gate.most == together
    assert len(result.record.decisions) == 10
    assert all(each.abstention is None for each in result.record.decisions)
