"""A market folder of one symbol with hourly bars on the exchange's calendar."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from openoutcry.desk.accounts.intraday_bars import bar_starts
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.folder import open_folder
from openoutcry.market.source import MarketSource

XNYS = trading_calendar("XNYS")
HEADER = "open,high,low,close,volume"
HourlyBar = tuple[float, float, float, float, int]
"""Open, high, low, close and volume."""


def rising(_: date, bar: int) -> HourlyBar:
    """Return bars that open at 100, 101, 102, ... and close where they open, with equal volumes."""
    return (100 + bar, 100 + bar, 100 + bar, 100 + bar, 1_000_000)


def hourly_market(
    folder: Path,
    sessions: Sequence[date],
    bars: Callable[[date, int], HourlyBar] = rising,
    without_hours: Sequence[date] = (),
) -> MarketSource:
    """Write the bars of AAA for the sessions and open the folder; sessions `without_hours` have a daily bar only."""
    daily, hourly = [f"ticker,date,{HEADER}"], [f"ticker,ts_utc,{HEADER}"]
    for session in sessions:
        starts = bar_starts(XNYS, session)
        hours = [bars(session, number) for number in range(len(starts))]
        high, low = max(hour[1] for hour in hours), min(hour[2] for hour in hours)
        volume = sum(hour[4] for hour in hours)
        daily.append(f"AAA,{session},{hours[0][0]},{high},{low},{hours[-1][3]},{volume}")
        if session not in without_hours:
            for start, hour in zip(starts, hours, strict=True):
                hourly.append(f"AAA,{start:%Y-%m-%dT%H:%M:%SZ},{','.join(map(str, hour))}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prices_daily.csv").write_text("\n".join(daily) + "\n")
    (folder / "prices_hourly.csv").write_text("\n".join(hourly) + "\n")
    return open_folder(folder)
