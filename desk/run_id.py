"""Ids of runs that submit orders: the same decision to take has the same id, so it is taken once."""

import hashlib
from datetime import date

from ..domain.ids import RunId

WHOLE_BOOK = "*"
"""Stands for the symbol where a run decides on a whole book."""
DIGITS = 12


def submission_run_id(account: str, session: date, symbol: str, desk: str, attempt: int = 1) -> RunId:
    """Return the id of the run in which `desk` decides on `symbol` for `account` after `session`.

    `attempt` counts from 1; a further attempt is another run. `symbol` is WHOLE_BOOK for a whole book.
    """
    whole = "\x1f".join((account, session.isoformat(), symbol, desk, str(attempt)))
    digest = hashlib.sha256(whole.encode()).hexdigest()[:DIGITS]
    return RunId(f"{session:%Y%m%d}-{'book' if symbol == WHOLE_BOOK else symbol}-{digest}")
