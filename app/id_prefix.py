"""Ids given by a unique prefix."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..domain.errors import ConfigError
from ..domain.ids import RunId

if TYPE_CHECKING:
    from ..desk.records.run_store import RunStore

LATEST = "latest"
MOST_LISTED = 8


def match_id(text: str, known: Iterable[str], what: str, listing: str) -> str:
    """Return the id that equals `text`, or the only one that begins with it.

    Raises ConfigError that lists the matches if there are several, and similar ids if there are none; `what` names
    the kind of thing (`run`), `listing` the command that lists all ids.
    """
    ids = list(known)
    if text in ids:
        return text
    found = [each for each in ids if text and each.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        more = f" and {len(found) - MOST_LISTED} more" if len(found) > MOST_LISTED else ""
        raise ConfigError(
            f"{text!r} is the beginning of {len(found)} ids: {', '.join(found[:MOST_LISTED])}{more}; give more of it"
        )
    close = get_close_matches(text, ids, n=3)
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    raise ConfigError(f"there is no {what} {text!r}; `{listing}` lists all{hint}")


def resolve_run(store: "RunStore", text: str) -> RunId:
    """Return the id of the newest run for `latest`, else of the run that `text` names; raises ConfigError."""
    ids = [run.run_id for run in store.runs()]
    if text == LATEST and ids:
        return ids[0]
    if text == LATEST:
        raise ConfigError("there is no run yet; `openoutcry decide CALDR` starts one")
    return RunId(match_id(text, ids, "run", "openoutcry runs list"))
