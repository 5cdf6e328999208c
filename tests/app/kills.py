"""Serves an account in processes that are killed, along the times that their clock shows."""

import json
import random
from datetime import timedelta

from openoutcry.tests.app.daily import XNYS, sessions
from openoutcry.tests.app.forked import processes

WATCHLIST = ("CALDR", "GRUND", "VEXIL")


def clock_times(first, count):
    """Return the times at which the scheduler looks at the clock: once a session, with a suspension and two jumps."""
    days = sessions(first, count)
    times = [XNYS.close(day) + timedelta(minutes=45) for day in days]
    del times[4:7]  # suspended over three sessions
    back = [times[5] - timedelta(days=3), times[5]]  # the clock is set back by three days, and forward again
    forward = [times[-1] + timedelta(hours=1), times[-1]]
    return [time.isoformat() for time in [*times[:6], *back, *times[6:], *forward]]


def serve(home, times, kills, seed, *, base_url="", watchlist=WATCHLIST, reach=60, module="killed_sessions", desk=""):
    """Serve along `times` in processes that are killed; return the last one's report and the number of kills.

    `module` is what the processes run, and `times` are its script. Each of the first `kills` processes is killed at a
    random one of its first `reach` moments around durable writes.
    """
    home.mkdir()
    script, draw = home / "times.json", random.Random(seed)
    script.write_text(json.dumps(times))
    killed = 0
    with processes(module) as run:
        while True:
            kill_at = draw.randint(1, reach) if killed < kills else 0
            model_and_desk = [base_url, desk] if desk else [base_url] if base_url else []
            ended = run(home, script, kill_at, ",".join(watchlist), *model_and_desk)
            if ended["code"] == 0:
                return json.loads(ended["out"]), killed
            assert ended["code"] == -9, ended["err"]
            killed += 1
