"""Whether an account shows its daily results to the desk of the settings."""

from ..desk.accounts.daily_results import DailyResults
from ..graph.desk_config import load_desk
from .settings import Settings


def results_for(settings: Settings) -> DailyResults | None:
    """Return new daily results for a desk that reads them, else None."""
    return DailyResults() if load_desk(settings.desk).reads_daily_results else None
