"""Random small market folders: splits, dividends, late news of them, halts, hourly bars; and random orders on them."""

from dataclasses import dataclass
from datetime import date, timedelta

from decisions import decision, plain_order
from hypothesis import strategies as st
from openoutcry.desk.accounts.intraday_bars import bar_starts
from openoutcry.domain.decision import Outcome
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.folder import open_folder

XNYS = trading_calendar("XNYS")
DAYS = XNYS.between(date(2025, 3, 3), date(2025, 3, 13))
SYMBOLS = ("AAA", "BBB")
HOURS = 7
FLAT = [(100, 101, 99, 100)] * HOURS
HEADER = "open,high,low,close,volume"

bars = st.tuples(st.integers(80, 120), st.integers(0, 25), st.integers(0, 25), st.integers(-20, 20)).map(
    lambda b: (b[0], max(b[0], b[0] + b[3]) + b[1], max(1, min(b[0], b[0] + b[3]) - b[2]), b[0] + b[3])
)
days = st.one_of(st.none(), st.lists(bars, min_size=HOURS, max_size=HOURS))
"""The hourly bars of a session; None for a halt."""
places = st.integers(1, len(DAYS) - 1)
kinds = st.sampled_from(["buy", "short", "sell", "cover", "bracket", "limit", "hold", "denied", "abstain", "two"])


@dataclass(frozen=True)
class RandomMarket:
    """A market as the tables that it consists of."""

    traded: dict
    hourly: bool
    splits: list
    dividends: list

    def write(self, folder):
        """Write the tables and open them as a source."""
        folder.mkdir(parents=True)
        daily, hourly = [f"ticker,date,{HEADER}"], [f"ticker,ts_utc,{HEADER}"]
        for symbol, sessions in self.traded.items():
            for session, hours in zip(DAYS, sessions, strict=True):
                if hours is None:
                    continue
                whole = (hours[0][0], max(h[1] for h in hours), min(h[2] for h in hours), hours[-1][3])
                daily.append(f"{symbol},{session},{','.join(map(str, whole))},7000")
                for start, bar in zip(bar_starts(XNYS, session), hours, strict=True):
                    hourly.append(f"{symbol},{start:%Y-%m-%dT%H:%M:%SZ},{','.join(map(str, bar))},1000")
        write = {"prices_daily.csv": daily}
        if self.hourly:
            write["prices_hourly.csv"] = hourly
        write["splits.csv"] = ["ticker,ex_date,ratio,seen_at", *map(_action, self.splits)]
        write["dividends.csv"] = ["ticker,ex_date,amount,seen_at", *map(_action, self.dividends)]
        for name, lines in write.items():
            (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return open_folder(folder)


def _action(row):
    symbol, place, amount, late = row
    seen = DAYS[place] + timedelta(days=late)
    return f"{symbol},{DAYS[place]},{amount},{seen}T04:00:00Z"


def actions(amounts, late):
    row = st.tuples(st.sampled_from(SYMBOLS), places, amounts, late)
    return st.lists(row, max_size=3, unique_by=lambda each: each[:2])


later = st.lists(days, min_size=len(DAYS) - 1, max_size=len(DAYS) - 1)
markets = st.builds(
    RandomMarket,
    traded=st.fixed_dictionaries({symbol: later.map(lambda sessions: [FLAT, *sessions]) for symbol in SYMBOLS}),
    hourly=st.booleans(),
    splits=actions(st.sampled_from(["2", "3", "0.5"]), st.sampled_from([0, 0, 0, 2])),
    dividends=actions(st.sampled_from(["0.5", "1.25"]), st.integers(0, 3)),
)
planned = st.tuples(kinds, st.integers(1, 400))
plans = st.fixed_dictionaries({symbol: st.lists(planned, min_size=len(DAYS), max_size=len(DAYS)) for symbol in SYMBOLS})


class PlannedStrategy:
    """Answers each session and symbol from a plan, whatever it is shown."""

    name = "planned"

    def __init__(self, plan):
        self.plan = plan

    async def __call__(self, question):
        place = DAYS.index(XNYS.last_completed(question.as_of))
        kind, quantity = self.plan[question.ticker][place]
        orders = self._orders(question, kind, quantity)
        denied = [plain_order("denied", question.ticker, "buy", 1)] if kind == "denied" else []
        outcome = Outcome.ABSTAIN if kind == "abstain" else None
        return decision(question.run_id, question.ticker, question.as_of, *orders, outcome=outcome, denied=denied)

    def _orders(self, question, kind, quantity):
        symbol, name = question.ticker, f"{question.run_id}-{kind}"
        if kind in ("buy", "short", "sell", "cover"):
            return [plain_order(name, symbol, kind, quantity)]
        if kind == "bracket":
            return [plain_order(name, symbol, "buy", quantity, stop="90", target="112")]
        if kind == "limit":
            return [plain_order(name, symbol, "buy", quantity, limit="95")]
        if kind == "two":
            sold = plain_order(f"{name}-1", symbol, "sell", max(1, quantity // 4))
            return [sold, plain_order(f"{name}-2", symbol, "buy", quantity, limit="85")]
        return []
