"""A market of one share that stands still at 100, until the days that a test writes; and a model that trades it."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from openoutcry.domain.trading_calendar import trading_calendar
from stub.server import StubServer

SHARE = "ACME"
FIRST, START = date(2024, 9, 3), date(2025, 3, 3)
ORDER = {
    "action": "buy",
    "quantity": 10,
    "type": "market",
    "limit_price": None,
    "stop_price": None,
    "trail": None,
    "time_in_force": "gtc",
    "order_class": "simple",
    "take_profit_limit": None,
    "stop_loss_stop": None,
    "stop_loss_limit": None,
    "stop_loss_trail": None,
    "rationale": "The thesis says so.",
    "evidence": ["px.close"],
}
Row = tuple[str, str, str, str]


def write_market(folder: Path, days: Iterable[Row]) -> list[str]:
    """Write the market with the (open, high, low, close) of `days` after START; return START and them as sessions."""
    sessions, rows = trading_calendar("XNYS"), ["ticker,date,open,high,low,close,volume"]
    past = sessions.between(FIRST, START)
    for place, day in enumerate(past):  # up and down by half a dollar, so that there is a volatility to size by
        close = "100.00" if day == START else ("100.50", "99.50")[place % 2]
        rows.append(f"{SHARE},{day},100.00,101.00,99.00,{close},1000000")
    lived = [START]
    for row in days:
        lived.append(sessions.next(lived[-1]))
        rows.append(f"{SHARE},{lived[-1]},{','.join(row)},1000000")
    folder.mkdir(parents=True)
    (folder / "prices_daily.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return [day.isoformat() for day in lived]


def trader_saying(*orders: dict[str, object]) -> StubServer:
    """Return a model that answers whatever it is asked; what it trades is ORDER, as each of `orders` changes it."""
    return StubServer(values={"orders": [ORDER | order for order in orders]})
