"""The charts that models were sent for a decision, from the stored requests of its calls."""

from ..domain.ids import Symbol
from ..domain.picture import ShownPicture
from ..graph.desk_config import DeskConfig
from ..llm.pictures import shown_pictures
from ..llm.port import CallLog


def shown_charts(file: DeskConfig, calls: CallLog, symbol: Symbol) -> tuple[ShownPicture, ...]:
    """Return the charts of `symbol` that were sent, each once for each role, in the order of the log.

    Charts that an endpoint refused are not among them.
    """
    if not any(role.charts for role in file.roles):
        return ()
    found = (each for call in calls.calls() for each in shown_pictures(call.role, call.request))
    return tuple(dict.fromkeys(each for each in found if each.symbol == symbol))
