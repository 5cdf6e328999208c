"""Tools as functions for a language model, bound to a point-in-time view."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from types import MappingProxyType

from ..domain.errors import InvalidData, NoData, SourceUnavailable
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId, Symbol
from ..domain.tool_spec import ToolSpec
from ..domain.trading_calendar import TradingCalendar
from ..market.view import MarketView
from .arguments import (
    IntegerRange,
    InvalidToolCall,
    ToolArguments,
    parameters_schema,
    parse_arguments,
    resolve_tool,
)
from .evidence.news import recent_news
from .evidence.numeric import bars_table
from .registry import TOOLS, Tool, get_tools
from .signals.spec import DEFAULT_SIGNALS, SignalSpec

NUMBERS: Mapping[str, Mapping[str, IntegerRange]] = MappingProxyType(
    {
        "news": {"days": IntegerRange(1, 365, "how many calendar days to look back")},
        "bars": {"count": IntegerRange(1, 250, "how many daily bars to show as a table")},
    }
)


@dataclass(frozen=True, slots=True)
class _CallScope:
    """Scope of one call: a view not later than the bound one, the suffix of its evidence ids, and notes to show."""

    view: MarketView
    symbol: Symbol
    mark: str
    notes: tuple[str, ...]


class ToolExecutor:
    """Executes a model's function calls on one view, and collects the evidence that was shown.

    A date in the arguments can move the view to an earlier time, never to a later one. Evidence about another symbol,
    or as of an earlier time, has `@SYMBOL` or `@YYYY-MM-DD` (with a time unless it is a session's close) appended to
    its id, so that it is not confused with the evidence in the context. Invalid calls do not raise: the reply explains
    the error. If the source is unavailable or has invalid data, the reply states it, distinct from an empty result, and
    `failed` records it.
    """

    def __init__(
        self,
        view: MarketView,
        symbol: Symbol,
        names: Iterable[str] = tuple(TOOLS),
        signals: Sequence[SignalSpec] = DEFAULT_SIGNALS,
    ) -> None:
        """Bind the tools `names`, with the desk's `signals`, to `view` and `symbol`.

        Raises ConfigError for an unknown name.
        """
        self._view, self._symbol = view, symbol
        self._tools = {tool.name: tool for tool in get_tools(names, signals)}
        self._shown: dict[EvidenceId, Evidence] = {}
        self._failed: dict[tuple[str, str], None] = {}

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """Return the function specifications for the model."""
        return tuple(
            ToolSpec(tool.name, tool.description, parameters_schema(NUMBERS.get(tool.name, {})))
            for tool in self._tools.values()
        )

    @property
    def shown(self) -> tuple[Evidence, ...]:
        """Return all evidence shown so far, without duplicates, in order of first display."""
        return tuple(self._shown.values())

    @property
    def failed(self) -> tuple[tuple[str, str], ...]:
        """Return (tool, reason) for each call with a source failure, without duplicates."""
        return tuple(self._failed)

    def call(self, name: str, arguments: str) -> str:
        """Return one line `[id] text` per piece of evidence, or a sentence that states why there is none."""
        try:
            tool = self._tools[resolve_tool(name, self._tools)]
            asked = parse_arguments(arguments, NUMBERS.get(name, {}))
            scope = self._scope(asked)
            facts = _produced(tool, scope, asked.numbers)
        except InvalidToolCall as answer:
            return str(answer)
        except NoData as error:
            return f"There is nothing to show: {error}."
        except (SourceUnavailable, InvalidData) as error:
            self._failed[name, str(error)] = None
            return f"It is unknown, as the source failed: {error}."
        return self._render(facts, scope) if facts else _nothing(tool, scope, asked.numbers)

    def _scope(self, asked: ToolArguments) -> _CallScope:
        symbol = asked.symbol or self._symbol
        calendar = self._view.calendar(symbol)
        timestamp = _moment(asked.as_of, calendar, self._view.as_of)
        view = self._view.narrow(timestamp)
        mark = "" if symbol == self._symbol else f"@{symbol}"
        end = f"{view.as_of:%Y-%m-%d %H:%M} UTC"
        if timestamp > self._view.as_of:
            return _CallScope(view, symbol, mark, (f"Nothing is known beyond {end}; shown as of then:",))
        if timestamp < self._view.as_of:
            return _CallScope(view, symbol, mark + _date_mark(timestamp, calendar), (f"As of {end}:",))
        return _CallScope(view, symbol, mark, ())

    def _render(self, facts: Iterable[Evidence], scope: _CallScope) -> str:
        marked = [replace(fact, id=EvidenceId(f"{fact.id}{scope.mark}")) for fact in facts]
        self._shown.update((fact.id, fact) for fact in marked)
        return "\n".join([*scope.notes, *(f"[{fact.id}] {fact.text}" for fact in marked)])


def _produced(tool: Tool, scope: _CallScope, numbers: Mapping[str, int]) -> tuple[Evidence, ...]:
    if tool.name == "news" and "days" in numbers:
        return recent_news(scope.view, scope.symbol, days=numbers["days"])
    facts = tool.produce(scope.view, scope.symbol)
    if tool.name == "bars" and "count" in numbers:
        return (*facts, bars_table(scope.view, scope.symbol, numbers["count"]))
    return facts


def _nothing(tool: Tool, scope: _CallScope, numbers: Mapping[str, int]) -> str:
    if "days" in numbers:
        why = f"no news of {scope.symbol} in {numbers['days']} days"
    else:
        why = tool.empty_message.format(symbol=scope.symbol)
    return " ".join((*scope.notes, f"There is {why}."))


def _moment(asked: date | datetime | None, calendar: TradingCalendar, now: datetime) -> datetime:
    """Return the timestamp for `asked`: for a date, the close of that session or of the last one before it."""
    if asked is None:
        return now
    day = asked.date() if isinstance(asked, datetime) else asked
    if day <= calendar.sessions[0]:
        raise InvalidToolCall(f"Nothing is known as of {asked}; sessions begin on {calendar.sessions[0]}.")
    if isinstance(asked, datetime):
        return asked.replace(microsecond=0)
    if day > calendar.sessions[-1]:
        return datetime.max.replace(tzinfo=UTC)
    return calendar.close(day if calendar.is_session(day) else calendar.previous(day))


def _date_mark(timestamp: datetime, calendar: TradingCalendar) -> str:
    """Return `@` and the session if `timestamp` is its close, else `@` and the timestamp."""
    session = calendar.last_completed(timestamp)
    return f"@{session}" if calendar.close(session) == timestamp else f"@{timestamp:%Y-%m-%dT%H%M%SZ}"
