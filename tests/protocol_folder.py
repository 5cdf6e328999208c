"""Synthetic market folders with the names and days of protocols."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

from openoutcry.domain.trading_calendar import trading_calendar

HISTORY = timedelta(days=60)
LONG = timedelta(days=420)
"""Days that the rules of all analysts need before the first decision."""

MACRO = ("DGS10", "FEDFUNDS", "VIX")
TITLES = ("{} beats expectations with record profit", "{} misses expectations and cuts its outlook")


def write_days(folder: Path, names, first: date, last: date, *, without=(), ends=None, history=HISTORY) -> Path:
    """Write daily bars of `names` from `history` before `first` to `last`.

    `without` are pairs of name and day that are left out; `ends` gives the last day of names that end early.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows, chance = ["ticker,date,open,high,low,close,volume"], random.Random(3)
    for name in names:
        price = 100.0
        for day in trading_calendar("XNYS").between(first - history, min(last, (ends or {}).get(name, last))):
            opened, price = price, price * (1 + chance.gauss(0.0005, 0.01))
            if (name, day) not in without:
                low, high = min(opened, price) * 0.995, max(opened, price) * 1.005
                rows.append(f"{name},{day},{opened:.2f},{high:.2f},{low:.2f},{price:.2f},5000000")
    (folder / "prices_daily.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def write_evidence(folder: Path, names, first: date, last: date) -> Path:
    """Write news every three days, statements every quarter and rates every month, beside the bars of `names`."""
    news = [
        {"ticker": name, "published_at": f"{day}T12:00:00Z", "title": TITLES[place % 2].format(name), "summary": ""}
        for name in names
        for place, day in enumerate(_days(first - timedelta(days=40), last, step=3))
    ]
    statements = [
        {"ticker": name, "period_end": str(day), "filed_at": str(day + timedelta(days=30)), "timeframe": "quarterly"}
        | {"metrics": _metrics(place)}
        for name in names
        for place, day in enumerate(_days(first - timedelta(days=800), first - timedelta(days=31), step=91))
    ]
    rates = [
        f"{series},{day},{4 + place / 100},{day}"
        for series in MACRO
        for place, day in enumerate(_days(first - LONG, last, step=30))
    ]
    (folder / "news.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in news), encoding="utf-8")
    (folder / "fundamentals.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in statements))
    (folder / "macro.csv").write_text("\n".join(["series,date,value,released_at", *rates]) + "\n", encoding="utf-8")
    return folder


def _metrics(place: int) -> dict[str, float]:
    revenue = 1e9 * 1.03**place
    return {
        "income_statement.revenues": revenue,
        "income_statement.net_income_loss": revenue / 8,
        "income_statement.diluted_earnings_per_share": revenue / 8e8,
    }


def _days(first: date, last: date, *, step: int) -> list[date]:
    return [first + timedelta(days=step * number) for number in range((last - first).days // step + 1)]
