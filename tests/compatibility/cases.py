"""The recorded decisions, as data: sequences of decisions that share a state folder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .scripted import Script

FINMEM_WITH_ORDERS = str(Path(__file__).parent / "finmem_orders.yaml")
"""The desk `finmem` as it was recorded: with typed orders, which is now a desk file like any other."""
DEMO, PUBLIC = "demo", "public"
Flags = tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """One decision. Without a script the rules of each role answer."""

    symbol: str
    day: str
    flags: Flags = ()
    script: Script | None = None


@dataclass(frozen=True)
class Case:
    """Decisions that are taken one after the other in one state folder.

    Args:
        name: also the name of the test.
        market: DEMO, or PUBLIC for the folder of real data.
        decisions: in the order of their dates.
        setup: commands that are run before them.
        after: commands whose JSON documents are recorded at the end.
    """

    name: str
    market: str
    decisions: tuple[Decision, ...]
    setup: tuple[Flags, ...] = ()
    after: tuple[Flags, ...] = ()


ACCOUNT: Flags = ("--account", "paper", "--submit")
OPEN: Flags = ("paper", "init", "--account", "paper", "--margin", "--slippage-bps", "2", "--commission-bps", "1")
BOOKS: tuple[Flags, ...] = (
    ("paper", "status"),
    ("paper", "positions"),
    ("paper", "orders", "--all"),
    ("paper", "fills"),
    ("paper", "equity"),
    ("ledger", "verify"),
)
DAYS = ("2024-08-15", "2024-11-20", "2025-03-03", "2025-05-12")
PUBLIC_DAYS = ("2022-05-18", "2023-03-15", "2024-06-12", "2025-02-14")


def _plain(market: str, symbol: str, days: Iterable[str], *flags: str, name: str = "") -> Case:
    decisions = tuple(Decision(symbol, day, flags) for day in days)
    return Case(f"{market}-{name or symbol}", market, decisions)


def _scripted(
    market: str, name: str, decisions: Iterable[tuple[str, str, Script]], *flags: str, account: bool = False
) -> Case:
    """Return a case whose model is scripted; with `account`, one paper account goes through all decisions."""
    flags = (*flags, *(ACCOUNT if account else ()))
    taken = tuple(Decision(symbol, day, flags, script) for symbol, day, script in decisions)
    setup, after = ((OPEN,), BOOKS) if account else ((), ())
    return Case(f"{market}-scripted-{name}", market, taken, setup, after)


def _account(market: str, name: str, symbols: Sequence[str], days: Iterable[str], *flags: str) -> Case:
    decisions = tuple(Decision(symbol, day, (*ACCOUNT, *flags)) for day in days for symbol in symbols)
    return Case(f"{market}-account-{name}", market, decisions, (OPEN,), BOOKS)


RULES = (
    *(_plain(DEMO, symbol, DAYS) for symbol in ("CALDR", "GRUND", "HALDM", "DRUMT", "OPENX")),
    _plain(DEMO, "TORVD", DAYS[1:], "--no-memory"),
    _plain(DEMO, "ZESTV", DAYS[2:], "--cash", "25000", "--no-memory"),
    _plain(DEMO, "QUORB", DAYS[1:], "--desk", "single"),
    _plain(DEMO, "MYRRL", DAYS[1:], "--desk", FINMEM_WITH_ORDERS),
    _account(DEMO, "floor", ("GRUND", "CALDR"), ("2025-01-06", "2025-02-03", "2025-03-03", "2025-03-04")),
    _account(DEMO, "single", ("VEXIL",), ("2024-12-02", "2025-01-15", "2025-03-03"), "--desk", "single"),
    *(_plain(PUBLIC, symbol, PUBLIC_DAYS) for symbol in ("AAPL", "NVDA", "JPM", "AMZN", "XOM", "BTC")),
    _plain(PUBLIC, "MSFT", PUBLIC_DAYS[1:], "--no-memory"),
    _plain(PUBLIC, "KO", PUBLIC_DAYS[1:], "--cash", "30000", "--no-memory"),
    _plain(PUBLIC, "WMT", PUBLIC_DAYS[1:], "--desk", "single"),
    _plain(PUBLIC, "BA", PUBLIC_DAYS[1:], "--desk", FINMEM_WITH_ORDERS),
    _account(PUBLIC, "IBM", ("IBM",), ("2023-03-15", "2023-06-15", "2023-09-15", "2023-12-15")),
)
SCRIPTED = (
    _scripted(
        DEMO,
        "account",
        [
            ("GRUND", "2025-01-06", Script("bracket", "143.82", calls_tools=True)),
            ("GRUND", "2025-01-21", Script("two", "146.15", "shrink")),
            ("GRUND", "2025-02-03", Script("sell", "144.78")),
            ("GRUND", "2025-03-03", Script("trailing", "136.66", cites_wrongly=True)),
            ("GRUND", "2025-03-17", Script("market", "134.23", "veto")),
        ],
        account=True,
    ),
    _scripted(
        DEMO,
        "plans",
        [
            ("CALDR", "2024-12-02", Script("large", "72.07")),
            ("CALDR", "2025-03-03", Script("short", "70.80", "shrink")),
            ("CALDR", "2025-03-24", Script("none", "74.26", calls_tools=True)),
            ("CALDR", "2025-04-07", Script("unreadable", "74.26")),
        ],
    ),
    _scripted(
        DEMO,
        "single",
        [
            ("VEXIL", "2025-02-03", Script("bracket", "196.83")),
            ("VEXIL", "2025-03-03", Script("short", "226.59")),
        ],
        "--desk",
        "single",
    ),
    _scripted(
        PUBLIC,
        "account",
        [
            ("AAPL", "2024-03-15", Script("bracket", "172.62", calls_tools=True)),
            ("AAPL", "2024-04-15", Script("market", "172.69", "shrink")),
            ("AAPL", "2024-05-15", Script("sell", "189.72")),
            ("AAPL", "2024-06-14", Script("trailing", "212.49", cites_wrongly=True)),
        ],
        account=True,
    ),
    _scripted(
        PUBLIC,
        "plans",
        [
            ("NVDA", "2024-06-03", Script("large", "1150.00")),
            ("NVDA", "2024-06-12", Script("short", "125.20", "veto")),
            ("NVDA", "2024-07-15", Script("two", "128.44", "shrink", calls_tools=True)),
            ("NVDA", "2024-08-15", Script("none", "122.86")),
        ],
    ),
    _scripted(
        PUBLIC,
        "finmem",
        [("JPM", "2024-02-15", Script("market", "179.87")), ("JPM", "2024-05-15", Script("short", "202.11"))],
        "--desk",
        FINMEM_WITH_ORDERS,
    ),
)
CASES = (*RULES, *SCRIPTED)
PUBLIC_SYMBOLS = sorted({each.symbol for case in CASES if case.market == PUBLIC for each in case.decisions})
DESKS = ("floor", "single", "finmem")
