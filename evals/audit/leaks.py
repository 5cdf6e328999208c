"""Checks for knowledge of the future: in the data that a desk is shown, and in its prompts."""

import re
from collections.abc import Iterator
from datetime import date, datetime

from ...domain.errors import LookAheadError
from ...domain.market import Interval
from ...domain.trading_calendar import trading_calendar
from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from ..plan import PlannedTrack
from .altered_markets import SpoiltFuture
from .observation import observe
from .subject import AuditMoment, AuditSubject

TIME_TRAVEL, PROMPTS = "time travel", "prompts without the future"
LEAST_DIGITS = 4
_ISO = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_MONTHS = "January February March April May June July August September October November December"
_LONG = re.compile(rf"\b({_MONTHS.replace(' ', '|')}) (\d{{1,2}}),? (\d{{4}})\b")
_PRICE = re.compile(r"(?<![\d.])\d+\.\d{2}(?![\d])")


def time_travel(subject: AuditSubject) -> CheckView:
    """Fail if a prompt or decision changes when everything later than the decision is spoilt or deleted."""
    moments = subject.sample()
    for track in subject.arms:
        for moment in moments:
            if found := _dependence(subject, track, moment):
                where = f"{track.name} on {moment.symbol} as of {moment.session}"
                return verdict_view(TIME_TRAVEL, CheckVerdict.FAILED, f"{where}: {found}.")
    detail = f"{len(moments)} decisions of each arm have byte-identical prompts and results with a spoilt future."
    return verdict_view(TIME_TRAVEL, CheckVerdict.PASSED, detail)


def _dependence(subject: AuditSubject, track: PlannedTrack, moment: AuditMoment) -> str | None:
    """Return in words how a decision depends on later data; None if it does not."""
    market, settings = subject.market(track), subject.settings(track)
    try:
        whole = observe(settings, subject.adapter(market), moment)
        spoilt = observe(settings, subject.adapter(SpoiltFuture(market, moment.as_of)), moment)
    except LookAheadError as error:
        return f"the source served a later fact ({error})"
    for name, value in whole.prompts.items():
        if spoilt.prompts.get(name) != value:
            return f"the prompt of call {name} depends on later data"
    return None if whole.decision == spoilt.decision else "the decision depends on later data"


def prompts_without_future(subject: AuditSubject) -> CheckView:
    """Fail if a prompt file holds a day of the window, or a closing price of the window to two decimals."""
    first = subject.plan.sessions[0]
    for track in subject.arms:
        closes = _closes(subject, track)
        for role, prompt in (track.arm.prompts if track.arm else {}).items():
            text = f"{prompt.system}\n{prompt.user}"
            later = next((day for day in _days(text) if day >= first), None)
            price = next((match for match in _PRICE.findall(text) if match in closes), None)
            if later is not None or price is not None:
                what = (
                    f"the day {later}" if later is not None else f"the closing price {price} of {closes[price or '']}"
                )
                detail = f"The prompt of {role} in {track.name} names {what}, which lies in the window."
                return verdict_view(PROMPTS, CheckVerdict.FAILED, detail)
    return verdict_view(PROMPTS, CheckVerdict.PASSED, "No prompt names a day or a closing price of the window.")


def _days(text: str) -> Iterator[date]:
    for match in _ISO.findall(text):
        try:
            yield date.fromisoformat(match)
        except ValueError:
            continue
    for month, day, year in _LONG.findall(text):
        try:
            yield datetime.strptime(f"{month} {day} {year}", "%B %d %Y").date()  # noqa: DTZ007 -- a date only
        except ValueError:
            continue


def _closes(subject: AuditSubject, track: PlannedTrack) -> dict[str, str]:
    """Return the closes of the window as texts, with the symbol and day of each."""
    market, sessions = subject.market(track), subject.plan.sessions
    found = dict[str, str]()
    for symbol in subject.plan.symbols:
        until = trading_calendar(market.calendar_name(symbol)).close(sessions[-1])
        for bar in market.bars(symbol, Interval.DAY, until=until, count=len(sessions)):
            text = f"{bar.close:.2f}"
            if len(text.replace(".", "")) >= LEAST_DIGITS:
                found[text] = f"{symbol} on {bar.session}"
    return found
