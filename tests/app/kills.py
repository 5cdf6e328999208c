"""Serves an account in processes that are killed, along the times that their clock shows."""

import json
import random
import subprocess
import sys
from datetime import timedelta

from openoutcry.tests.app.daily import XNYS, sessions

WATCHLIST = ("CALDR", "GRUND", "VEXIL")


def clock_times(first, count):
    """Return the times at which the scheduler looks at the clock: once a session, with a suspension and two jumps."""
    days = sessions(first, count)
    times = [XNYS.close(day) + timedelta(minutes=45) for day in days]
    del times[4:7]  # suspended over three sessions
    back = [times[5] - timedelta(days=3), times[5]]  # the clock is set back by three days, and forward again
    forward = [times[-1] + timedelta(hours=1), times[-1]]
    return [time.isoformat() for time in [*times[:6], *back, *times[6:], *forward]]


def serve(home, times, kills, seed, *, base_url="", watchlist=WATCHLIST, reach=60, module="killed_sessions"):
    """Serve along `times` in processes that are killed; return the last one's report and the number of kills.

    `module` is what the processes run, and `times` are its script. Each of the first `kills` processes is killed at a
    random one of its first `reach` moments around durable writes.
    """
    home.mkdir()
    script, draw = home / "times.json", random.Random(seed)
    script.write_text(json.dumps(times))
    killed = 0
    while True:
        kill_at = draw.randint(1, reach) if killed < kills else 0
        arguments = [home, script, str(kill_at), ",".join(watchlist), *([base_url] if base_url else [])]
        arguments = [sys.executable, "-m", f"openoutcry.tests.app.{module}", *arguments]
        ran = subprocess.run(arguments, check=False, capture_output=True, text=True)
        if ran.returncode == 0:
            return json.loads(ran.stdout), killed
        assert ran.returncode == -9, ran.stderr
        killed += 1
