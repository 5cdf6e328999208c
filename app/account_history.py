"""What the desk of the settings reads from the journal of an account."""

from ..desk.accounts.daily_results import DailyResults
from ..desk.accounts.journal_readings import CHART_DAYS, HORIZON_DAYS, JournalReadings
from ..domain.errors import ConfigError
from ..graph.desk_config import DeskConfig, load_desk
from ..risk.proposals.order_specs import HorizonExits
from ..risk.proposals.sizing_specs import CvarOverlay
from ..tools.charts.kinds import ChartKind
from .settings import Settings


def readings_for(settings: Settings) -> JournalReadings | None:
    """Return new readings for a desk that reads daily results or its own fills; None for every other desk.

    An invalid desk file reads nothing: a session whose decisions are stored is finished without it.
    """
    try:
        desk = load_desk(settings.desk)
    except ConfigError:
        return None
    daily = any(isinstance(each, CvarOverlay) for each in desk.sizing.overlays)
    days = _fill_days(desk)
    return JournalReadings(DailyResults() if daily else None, days) if daily or days else None


def _fill_days(desk: DeskConfig) -> int:
    """Return the days of fills that the desk reads, for exits by horizon or charts of its trades; 0 for none."""
    if isinstance(desk.exits, HorizonExits):
        return HORIZON_DAYS
    return CHART_DAYS if any(ChartKind.TRADES in role.charts for role in desk.roles) else 0
