"""What the desk of the settings reads from the journal of an account."""

from ..desk.accounts.daily_results import DailyResults
from ..desk.accounts.journal_readings import JournalReadings
from ..domain.errors import ConfigError
from ..graph.desk_config import load_desk
from ..risk.proposals.sizing_specs import CvarOverlay
from ..tools.charts.kinds import ChartKind
from .settings import Settings


def readings_for(settings: Settings) -> JournalReadings | None:
    """Return new readings for a desk that reads daily results, or charts its trades; None for every other desk.

    An invalid desk file reads nothing: a session whose decisions are stored is finished without it.
    """
    try:
        desk = load_desk(settings.desk)
    except ConfigError:
        return None
    daily = any(isinstance(each, CvarOverlay) for each in desk.sizing.overlays)
    fills = any(ChartKind.TRADES in role.charts for role in desk.roles)
    return JournalReadings(DailyResults() if daily else None, fills) if daily or fills else None
