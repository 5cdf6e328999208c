"""Ids of runs that submit orders: the same decision always has the same id, so it is submitted once."""

import hashlib
from datetime import date

from ..domain.ids import RunId

WHOLE_BOOK = "*"
"""The symbol of a run that decides on a whole account."""
DIGITS = 12


def submission_run_id(account: str, session: date, symbol: str, desk: str, attempt: int = 1) -> RunId:
    """Return the id of the run in which `desk` decides on `symbol` for `account` after `session`.

    `attempt` counts from 1; a further attempt is another run. `symbol` is WHOLE_BOOK for a whole account.
    """
    whole = "\x1f".join((account, session.isoformat(), symbol, desk, str(attempt)))
    digest = hashlib.sha256(whole.encode()).hexdigest()[:DIGITS]
    return RunId(f"{session:%Y%m%d}-{'book' if symbol == WHOLE_BOOK else symbol}-{digest}")
