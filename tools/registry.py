"""The tools by name: what turns a view into evidence, and what to say when one finds nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from ..domain.errors import (
    ConfigError,
    InvalidData,
    NoData,
    SourceUnavailable,
)
from ..domain.evidence import Evidence
from ..domain.ids import Symbol
from ..market.view import MarketView
from .evidence.calendar import calendar_evidence
from .evidence.company import filing_evidence, profile_evidence
from .evidence.corporate_actions import action_evidence
from .evidence.indicators import indicator_evidence
from .evidence.macro import macro_evidence
from .evidence.news import news_evidence
from .evidence.prices import price_evidence
from .evidence.ratios import ratio_evidence
from .evidence.sentiment import sentiment_evidence
from .evidence.statements import statement_evidence


class EvidenceProducer(Protocol):
    """Turns a view into evidence about one symbol.

    Contract: it reads nothing but the view, so that nothing after `view.as_of` can show; the same facts give the same
    evidence, byte for byte; what cannot be derived is absent. NoData means that there is nothing to derive from;
    SourceUnavailable and InvalidData pass through.
    """

    def __call__(self, view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]: ...


@dataclass(frozen=True, slots=True)
class Tool:
    """A producer, what it is for, and what to say (of `{symbol}`) when it finds nothing."""

    name: str
    description: str
    produce: EvidenceProducer
    empty_message: str


_ALL = (
    Tool(
        "bars",
        "Price of a symbol: last close, total returns over 5 to 252 sessions, gap, volume, unusual moves.",
        price_evidence,
        "no prices of {symbol}",
    ),
    Tool(
        "indicators",
        "Technical indicators of a symbol: RSI, MACD, moving averages, momentum, volatility, trend, variance ratio.",
        indicator_evidence,
        "too few bars of {symbol} for any indicator",
    ),
    Tool(
        "actions",
        "Splits and dividends of a symbol in the last 63 sessions.",
        action_evidence,
        "no split or dividend of {symbol} in the last 63 sessions",
    ),
    Tool(
        "news",
        "Headlines about a symbol, newest first, at most 8.",
        news_evidence,
        "no news of {symbol} in the last 30 days",
    ),
    Tool(
        "sentiment",
        "Tone of the headlines about a symbol by a word list, recent and against the usual.",
        sentiment_evidence,
        "no news of {symbol} in the last 30 days to take a tone from",
    ),
    Tool(
        "statements",
        "Latest statement of a company: revenue, income, earnings per share and cash flow of 12 months, equity, debt.",
        statement_evidence,
        "no statement of {symbol} is known",
    ),
    Tool(
        "ratios",
        "Valuation, growth, margins and earnings surprise of a company.",
        ratio_evidence,
        "no statement of {symbol} is known to take ratios from",
    ),
    Tool(
        "macro",
        "The economy: VIX, yields, federal funds rate, consumer prices, unemployment.",
        macro_evidence,
        "no current macro series is held",
    ),
    Tool(
        "calendar",
        "Sessions left in the month, and those to the next statement of a company.",
        calendar_evidence,
        "no calendar of {symbol}",
    ),
    Tool(
        "filings",
        "Sections of a company's own filings (8-K, 10-Q, 10-K) of the last 120 days, quoted and clipped.",
        filing_evidence,
        "no text of a filing of {symbol} in the last 120 days",
    ),
    Tool(
        "profile",
        "What a company is: sector, industry, country, shares outstanding, market value.",
        profile_evidence,
        "no profile of {symbol} was held then",
    ),
)

TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in _ALL})


@dataclass(frozen=True, slots=True)
class EvidenceResult:
    """What the tools found.

    Attributes:
        evidence: in the order of the tools.
        absent: (tool, reason) for each that found nothing.
        failed: (tool, reason) for each whose source could not be asked, or holds what cannot be true.
    """

    evidence: tuple[Evidence, ...]
    empty: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...] = ()


def get_tools(names: Iterable[str]) -> tuple[Tool, ...]:
    """Return the tools called `names`, each once; raises ConfigError for a name that is no tool."""
    wanted = tuple(dict.fromkeys(names))
    if unknown := [name for name in wanted if name not in TOOLS]:
        raise ConfigError(f"there is no tool called {', '.join(map(repr, unknown))}; the tools are {', '.join(TOOLS)}")
    return tuple(TOOLS[name] for name in wanted)


def gather_evidence(view: MarketView, symbol: Symbol, names: Iterable[str]) -> EvidenceResult:
    """Return what the tools called `names` find about `symbol`; raises ConfigError for a name that is no tool.

    A source that fails one tool fails the others only where they need the same.
    """
    evidence: list[Evidence] = []
    absent: list[tuple[str, str]] = []
    failed: list[tuple[str, str]] = []
    for tool in get_tools(names):
        try:
            found = tool.produce(view, symbol)
        except NoData as error:
            absent.append((tool.name, str(error)))
            continue
        except (SourceUnavailable, InvalidData) as error:
            failed.append((tool.name, str(error)))
            continue
        evidence.extend(found)
        if not found:
            absent.append((tool.name, tool.empty_message.format(symbol=symbol)))
    return EvidenceResult(tuple(evidence), tuple(absent), tuple(failed))
