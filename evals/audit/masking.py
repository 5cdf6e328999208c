"""Consistent anonymisation of texts: tickers and companies get aliases, and days are shifted by whole weeks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...domain.ids import Symbol
from ...market.company_names import company_names
from ...market.source import MarketSource
from .subject import AuditMoment

SHIFT = timedelta(weeks=-1_300)
"""About 25 years; whole weeks keep the days of the week."""

_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}")
_LEAST_NAME = 4


@dataclass(frozen=True, slots=True)
class Mask:
    """Aliases by the text that they replace, the longest text first; days are shifted by `shift`."""

    aliases: Mapping[str, str]
    shift: timedelta = SHIFT

    def hide(self, text: str) -> str:
        """Return the text with aliases and shifted days."""
        return _shifted(self._replaced(text, self.aliases), self.shift)

    def reveal(self, text: str) -> str:
        """Return a text written about aliases and shifted days as one about the true ones."""
        return _shifted(self._replaced(text, {alias: name for name, alias in self._first().items()}), -self.shift)

    def named_in(self, text: str) -> str | None:
        """Return a true name that a text holds; None if it holds none."""
        return next((name for name in self.aliases if _pattern(name).search(text)), None)

    def _first(self) -> Mapping[str, str]:
        """Return one name for each alias: the shortest, which is the ticker."""
        found = dict[str, str]()
        for name, alias in sorted(self.aliases.items(), key=lambda each: -len(each[0])):
            found = {key: value for key, value in found.items() if value != alias} | {name: alias}
        return found

    def _replaced(self, text: str, names: Mapping[str, str]) -> str:
        for name in sorted(names, key=len, reverse=True):
            text = _pattern(name).sub(names[name], text)
        return text


def mask_of(source: MarketSource, moment: AuditMoment, symbols: Sequence[Symbol]) -> Mask:
    """Return the mask of a universe at one moment, with the names of companies that the source and the package know."""
    aliases = dict[str, str]()
    for place, symbol in enumerate(sorted({*symbols, moment.symbol}), start=1):
        alias = f"STOCK{place}X"
        aliases[str(symbol)] = alias
        profile = source.profile(symbol, until=moment.as_of)
        names = [*company_names(symbol), *([profile.name] if profile is not None else [])]
        for name in names:
            if len(name) >= _LEAST_NAME:
                aliases[name] = alias
    return Mask(aliases)


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])")


def _shifted(text: str, shift: timedelta) -> str:
    def moved(match: re.Match[str]) -> str:
        try:
            return (date.fromisoformat(match[0]) + shift).isoformat()
        except (ValueError, OverflowError):
            return match[0]

    return _DAY.sub(moved, text)
