"""Whether an account shows its daily results to the desk of the settings."""

from ..desk.accounts.daily_results import DailyResults
from ..domain.errors import ConfigError
from ..graph.desk_config import load_desk
from ..risk.proposals.sizing_specs import CvarOverlay
from .settings import Settings


def results_for(settings: Settings) -> DailyResults | None:
    """Return new daily results for a desk that reads them, else None.

    An invalid desk file reads none: a session whose decisions are stored is finished without it.
    """
    try:
        overlays = load_desk(settings.desk).sizing.overlays
    except ConfigError:
        return None
    return DailyResults() if any(isinstance(each, CvarOverlay) for each in overlays) else None
