"""The tools by name, and gathering of their evidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
from .evidence.insider import insider_evidence
from .evidence.macro import macro_evidence
from .evidence.news import news_evidence
from .evidence.numeric import (
    alpha_evidence,
    closes_of_seven_sessions,
    closes_of_ten_days,
    headlines_of_three_days,
    headlines_of_two_days,
    indicator_evidence,
    key_figures,
    oscillator_evidence,
    peer_evidence,
    price_evidence,
    ratio_evidence,
    scale_evidence,
    signal_evidence,
)
from .evidence.sentiment import sentiment_evidence
from .evidence.statements import statement_evidence
from .signals.spec import DEFAULT_SIGNALS, SignalSpec


class EvidenceProducer(Protocol):
    """Derives evidence about one symbol from a view.

    Contract: it reads only the view, so nothing after `view.as_of` is used; equal data give byte-identical evidence;
    figures that cannot be derived are omitted. It raises NoData if there is no data to derive from; SourceUnavailable
    and InvalidData propagate.
    """

    def __call__(self, view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]: ...


@dataclass(frozen=True, slots=True)
class Tool:
    """An evidence producer with its description, and the message (a format of `{symbol}`) for an empty result."""

    name: str
    description: str
    produce: EvidenceProducer
    empty_message: str


SIGNALS = "signals"
"""The tool whose evidence depends on the `signals:` section of a desk file."""

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
    Tool(
        SIGNALS,
        "Trading signals of a symbol: position (-1 short to 1 long) with its reason, and the record of each beside "
        "buy-and-hold, each position taken at the next open, before costs.",
        signal_evidence,
        "too few bars of {symbol} for any signal",
    ),
    Tool(
        "oscillators",
        "Oscillators of a symbol: RSI, MACD, rate of change, stochastic, Williams %R.",
        oscillator_evidence,
        "too few bars of {symbol} for any oscillator",
    ),
    Tool(
        "scales",
        "Adjusted closes of a symbol by month (730 days), week (180 days) and day (90 days), each with a summary.",
        scale_evidence,
        "too few bars of {symbol} for any scale",
    ),
    Tool(
        "peers",
        "Return of a symbol beyond the five most similar symbols, by sector and correlation.",
        peer_evidence,
        "no symbol is similar to {symbol}",
    ),
    Tool(
        "alphas",
        "Weighted signal of frozen formulas of a symbol, -1 to 1, and their weights, learned from past sessions.",
        alpha_evidence,
        "too few bars of {symbol} for weights",
    ),
    Tool(
        "closes_10d",
        "Closes of a symbol in the last 10 calendar days.",
        closes_of_ten_days,
        "no closes of {symbol}",
    ),
    Tool(
        "closes_7s",
        "Closes of a symbol in the last 7 sessions.",
        closes_of_seven_sessions,
        "no closes of {symbol}",
    ),
    Tool(
        "headlines_3d",
        "The 3 newest headlines about a symbol of the last 3 days.",
        headlines_of_three_days,
        "no news of {symbol} in the last 3 days",
    ),
    Tool(
        "headlines_2d",
        "Headlines about a symbol of the last 2 days, at most 5.",
        headlines_of_two_days,
        "no news of {symbol} in the last 2 days",
    ),
    Tool(
        "insider",
        "Trades of a company's officers, directors and large holders in its own shares, reported in the last 90 days.",
        insider_evidence,
        "no insider trade of {symbol} was reported in the last 90 days",
    ),
    Tool(
        "key_figures",
        "Market value, P/E, quarterly dividend, dividend yield, highest and lowest price of 52 weeks of a symbol.",
        key_figures,
        "no figure of {symbol}",
    ),
)

TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in _ALL})


@dataclass(frozen=True, slots=True)
class EvidenceResult:
    """Result of the tools.

    Attributes:
        evidence: evidence in the order of the tools.
        empty: (tool, reason) for each tool without evidence.
        failed: (tool, reason) for each tool whose source was unavailable or had invalid data.
    """

    evidence: tuple[Evidence, ...]
    empty: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...] = ()


def get_tools(names: Iterable[str], signals: Sequence[SignalSpec] = DEFAULT_SIGNALS) -> tuple[Tool, ...]:
    """Return the tools `names` without duplicates; raises ConfigError for an unknown name.

    The tool `signals` produces the evidence of `signals`.
    """
    wanted = tuple(dict.fromkeys(names))
    if unknown := [name for name in wanted if name not in TOOLS]:
        raise ConfigError(f"unknown tool {', '.join(map(repr, unknown))}; the tools are {', '.join(TOOLS)}")
    return tuple(_with_signals(TOOLS[name], signals) for name in wanted)


def _with_signals(tool: Tool, signals: Sequence[SignalSpec]) -> Tool:
    if tool.name != SIGNALS or signals is DEFAULT_SIGNALS:
        return tool
    return replace(tool, produce=partial(signal_evidence, specs=tuple(signals)))


def _produced(tool: Tool, view: MarketView, symbol: Symbol, signals: Sequence[SignalSpec]) -> Sequence[Evidence]:
    """Return the evidence of a tool, which is a pure function of the time of the view, and of `signals` for theirs."""
    inputs: object = (view.as_of, tuple(signals)) if tool.name == SIGNALS else view.as_of
    return view.derived(("evidence", tool.name, symbol), inputs, lambda: tuple(tool.produce(view, symbol)))


def gather_evidence(
    view: MarketView, symbol: Symbol, names: Iterable[str], signals: Sequence[SignalSpec] = DEFAULT_SIGNALS
) -> EvidenceResult:
    """Return the evidence of the tools `names` about `symbol`; raises ConfigError for an unknown name.

    `signals` are the signals of the tool `signals`. A source failure affects only the tools that need the same data.
    """
    evidence: list[Evidence] = []
    empty: list[tuple[str, str]] = []
    failed: list[tuple[str, str]] = []
    for tool in get_tools(names, signals):
        try:
            found = _produced(tool, view, symbol, signals)
        except NoData as error:
            empty.append((tool.name, str(error)))
            continue
        except (SourceUnavailable, InvalidData) as error:
            failed.append((tool.name, str(error)))
            continue
        known = {item.id for item in evidence}
        evidence.extend(item for item in found if item.id not in known)
        if not found:
            empty.append((tool.name, tool.empty_message.format(symbol=symbol)))
    return EvidenceResult(tuple(evidence), tuple(empty), tuple(failed))
