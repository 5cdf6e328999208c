"""Synthetic market folders with the names and days of protocols."""

import random
from datetime import date, timedelta
from pathlib import Path

from openoutcry.domain.trading_calendar import trading_calendar

HISTORY = timedelta(days=60)


def write_days(folder: Path, names, first: date, last: date, *, without=(), ends=None) -> Path:
    """Write daily bars of `names` from sixty days before `first` to `last`.

    `without` are pairs of name and day that are left out; `ends` gives the last day of names that end early.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows, chance = ["ticker,date,open,high,low,close,volume"], random.Random(3)
    for name in names:
        price = 100.0
        for day in trading_calendar("XNYS").between(first - HISTORY, min(last, (ends or {}).get(name, last))):
            opened, price = price, price * (1 + chance.gauss(0.0005, 0.01))
            if (name, day) not in without:
                low, high = min(opened, price) * 0.995, max(opened, price) * 1.005
                rows.append(f"{name},{day},{opened:.2f},{high:.2f},{low:.2f},{price:.2f},5000000")
    (folder / "prices_daily.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
