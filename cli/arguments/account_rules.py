"""Account rules from the flags of `paper init` and an optional rules file, which overrides the flags."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from ...app.amounts import without_grouping
from ...app.as_of import read_symbol
from ...app.settings_file import read_toml
from ...domain.errors import ConfigError
from ...domain.trading_calendar import trading_calendar
from ...ledger.model.account_rules import AccountRules, BarInterval, SplitPolicy
from ...ledger.model.lots import LotMethod
from ...ledger.pricing.commission import Commission, CommissionKind
from ...ledger.pricing.slippage import Slippage, SlippageKind

E = TypeVar("E", bound=StrEnum)
LARGEST_AMOUNT = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class AccountFlags:
    """The flags of `paper init` as given; costs and fees in basis points."""

    cash: str
    margin: bool
    commission_bps: int
    slippage_bps: int
    borrow_bps: int
    locate: str | None
    participation: float
    lots: str
    split_orders: str
    bars: str
    calendar: str
    rules: Path | None
    currency: str = "USD"


def amount(text: str, what: str) -> Decimal:
    """Parse a positive amount of money in whole cents; raises ConfigError that names `what`."""
    try:
        value = Decimal(without_grouping(text))
    except InvalidOperation as error:
        raise ConfigError(f"{what} {text}: not an amount of money") from error
    if not value.is_finite() or not 0 < value <= LARGEST_AMOUNT or value != value.quantize(Decimal("0.01")):
        raise ConfigError(f"{what} {text}: give a positive amount in whole cents, up to {LARGEST_AMOUNT:,f}")
    return value


def account_rules(flags: AccountFlags) -> AccountRules:
    """Return the rules of a new account; raises ConfigError for an invalid flag or file."""
    share = int(Decimal(str(flags.participation)) * 10_000)
    if flags.participation and not share:
        raise ConfigError(f"--participation {flags.participation}: at least 0.0001, or 0 for no limit")
    bps = flags.commission_bps
    rules = AccountRules(
        margin=flags.margin,
        commission=Commission(CommissionKind.BPS, rate=bps) if bps else Commission(),
        slippage=Slippage(SlippageKind.FIXED, bps=flags.slippage_bps) if flags.slippage_bps else Slippage(),
        participation_bps=share or None,
        lots=_one_of(LotMethod, flags.lots, "--lots"),
        split_orders=_one_of(SplitPolicy, flags.split_orders, "--split-orders"),
        borrow_bps=flags.borrow_bps,
        locate=None if flags.locate is None else _symbols(flags.locate.split(",")),
        bars=_one_of(BarInterval, flags.bars, "--bars"),
        calendar=flags.calendar,
    )
    rules = rules if flags.rules is None else _written(flags.rules, rules)
    trading_calendar(rules.calendar)
    if rules.crypto and rules.bars is BarInterval.HOURLY:
        raise ConfigError("a crypto account uses daily bars only; leave --bars at 1d")
    return rules


def _one_of(kind: type[E], text: str, what: str) -> E:
    try:
        return kind(text)
    except ValueError as error:
        raise ConfigError(f"{what} {text}: one of {', '.join(kind)}") from error


def _written(path: Path, flags: AccountRules) -> AccountRules:
    """Return the rules of a TOML file merged over those of the flags."""
    known = asdict(flags)
    try:
        written = read_toml(path)
        _check_names(written, known)
        _normalize(written)
        return TypeAdapter(AccountRules).validate_json(json.dumps(_merge(known, written), default=str), strict=True)
    except ValidationError as error:
        defect = error.errors()[0]
        where = ".".join(str(part) for part in defect["loc"])
        raise ConfigError(f"--rules {path}: {where}: {defect['msg']}") from error


def _normalize(written: dict[str, object]) -> None:
    """Normalize the rules of a file in place: symbols spelled canonically, participation 0 as None (no limit)."""
    borrow, locate = written.get("borrow"), written.get("locate")
    if isinstance(borrow, Mapping):
        written["borrow"] = [(str(read_symbol(symbol)), rate) for symbol, rate in borrow.items()]
    if isinstance(locate, list) and all(isinstance(symbol, str) for symbol in locate):
        written["locate"] = _symbols(locate)
    share = written.get("participation_bps")
    if type(share) is int and share == 0:
        written["participation_bps"] = None
    elif type(share) is int and share < 0:
        raise ConfigError(f"--rules: participation_bps {share}: at least 1, or 0 for no limit")


def _symbols(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(read_symbol(name)) for name in names if name.strip())


def _merge(known: Mapping[str, object], written: Mapping[str, object]) -> dict[str, object]:
    """Return `known` overridden by `written`; nested tables are merged."""
    merged = dict(known)
    for name, value in written.items():
        inner = known[name]
        merged[name] = _merge(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return merged


def _check_names(written: Mapping[str, object], known: Mapping[str, object]) -> None:
    """Raise ConfigError for an unknown rule, at the top level or in a table."""
    for name, value in written.items():
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"
            raise ConfigError(f"--rules: unknown rule {name!r}; {hint}")
        inner = known[name]
        if isinstance(value, Mapping) and isinstance(inner, Mapping):
            _check_names(value, inner)
