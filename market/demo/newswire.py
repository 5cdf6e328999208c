"""Generation of news from simulated events, with realistic noise.

Most headlines state the direction of their story; some are neutral and some are misleading. Filler items carry no
information. Every item of a session is published after its open, so that it never depends on a later session.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from operator import attrgetter

from ...domain.market import NewsItem
from . import headline_templates
from .companies import Company
from .earnings import Quarter
from .prices import SimulatedTrading
from .random_streams import Floats, random_stream
from .statements import split_factor
from .timeline import Timeline

NEUTRAL_WORDS, MISLEADING = 0.13, 0.09  # shares of stories
FILLER, FOLLOW_UP, UNRELATED_RATE = 0.34, 0.45, 0.0008  # probability per session, per story, per session
BIG_MOVE = 2.3  # in units of the expected volatility
QUARTERS = ("first-quarter", "second-quarter", "third-quarter", "fourth-quarter")
WIDTH = 48  # draws per session: six blocks of eight


@dataclass(frozen=True, slots=True)
class NewsContext:
    """Input of the news of one company: sessions, stories, trading and filings."""

    company: Company
    seed: int
    time: Timeline
    history: SimulatedTrading
    stories: Floats
    filed: Sequence[Quarter]


@dataclass(frozen=True, slots=True)
class _Draws:
    """Eight numbers in [0, 1): occurrence, manner, time, and five for the choice of words."""

    values: Sequence[float]

    @property
    def chance(self) -> float:
        return self.values[0]

    @property
    def manner(self) -> float:
        return self.values[1]

    @property
    def moment(self) -> float:
        return self.values[2]

    def pick(self, slot: int, options: Sequence[str]) -> str:
        return options[int(self.values[3 + slot] * len(options))]

    def number(self, minimum: int, limit: int) -> int:
        return minimum + int(self.values[7] * (limit - minimum + 1))


BLOCK = 64
"""Sessions whose news are generated together."""
_MOMENT = attrgetter("known_at")


class CompanyNews:
    """The news items about one company, generated on first use in blocks of BLOCK sessions."""

    def __init__(self, news_context: NewsContext) -> None:
        self._context, self._blocks = news_context, dict[int, tuple[NewsItem, ...]]()
        shape = (len(news_context.time), WIDTH)
        self._draws = random_stream(news_context.seed, news_context.company.ticker, "wire").random(shape)
        self._rare = sorted((*_earnings(news_context), *_events(news_context)), key=_MOMENT)

    def between(self, since: datetime, until: datetime) -> Sequence[NewsItem]:
        """Return the items with `since < known_at <= until`, oldest first, then by title."""
        opens = self._context.time.opens
        first, last = (max(0, bisect_right(opens, each) - 1) // BLOCK for each in (since, until))
        items = [item for number in range(first, last + 1) for item in self._block(number)]
        return items[bisect_right(items, since, key=_MOMENT) : bisect_right(items, until, key=_MOMENT)]

    def _block(self, number: int) -> tuple[NewsItem, ...]:
        """Return the items of the sessions of a block; those of no block's sessions belong to the one before them."""
        if number not in self._blocks:
            opens, start = self._context.time.opens, number * BLOCK
            rare = self._rare if number == 0 else self._rare[bisect_left(self._rare, opens[start], key=_MOMENT) :]
            if start + BLOCK < len(opens):
                rare = rare[: bisect_left(rare, opens[start + BLOCK], key=_MOMENT)]
            items = [*_daily(self._context, self._draws, range(start, start + BLOCK)), *rare]
            self._blocks[number] = tuple(sorted(items, key=lambda item: (item.known_at, item.title)))
        return self._blocks[number]


def _daily(news_context: NewsContext, drawn: Floats, places: range) -> Iterator[NewsItem]:
    """Yield the daily items of the sessions at `places`, with the draws of all sessions."""
    chosen = range(max(places.start, news_context.history.first), min(places.stop, _covered(news_context)))
    part = slice(chosen.start, max(chosen.start, chosen.stop))
    history = news_context.history
    columns = (drawn[part], news_context.stories[part], history.surprise[part], history.change[part])
    draws, stories, moves, changes = (dict(zip(chosen, each.tolist(), strict=True)) for each in columns)
    for t in chosen:
        opened, closed = news_context.time.opens[t], news_context.time.closes[t]
        filler, story, follow, move, trap, _ = (_Draws(draws[t][n : n + 8]) for n in range(0, WIDTH, 8))
        if filler.chance < FILLER:
            yield _filler(news_context.company, filler, closed)
        if stories[t]:
            yield from _story(news_context.company, story, follow, stories[t], (opened, closed))
        if abs(moves[t]) > BIG_MOVE and t > news_context.history.first:
            yield _move(news_context.company, move, changes[t], closed)
        if trap.chance < UNRELATED_RATE:
            title = trap.pick(0, headline_templates.UNRELATED)
            yield _item(
                news_context.company, trap, title, headline_templates.TRAP_DETAIL, closed - timedelta(minutes=40)
            )


def _covered(news_context: NewsContext) -> int:
    """Return the position at which daily news ends: from the announcement of a delisting on there is no other news."""
    end = news_context.company.collapse
    return min(news_context.history.end, news_context.time.place(end.announced)) if end else news_context.history.end


def _item(company: Company, draws: _Draws, title: str, detail: str, timestamp: datetime) -> NewsItem:
    """Return one item; the placeholders of `title` and `detail` are filled from `draws`."""
    blanks = {
        "name": company.name,
        "ticker": company.ticker,
        "product": draws.pick(1, company.products),
        "region": draws.pick(2, headline_templates.REGIONS),
        "partner": draws.pick(3, headline_templates.PARTNERS),
        "broker": draws.pick(3, headline_templates.BROKERS),
        "percent": str(draws.number(4, 18)),
        "amount": str(5 * draws.number(4, 90)),
    }
    title, detail = title.format_map(blanks), detail.format_map(blanks)
    return NewsItem(
        symbol=company.ticker,
        published_at=timestamp,
        title=title[0].upper() + title[1:],
        summary=detail[0].upper() + detail[1:],
        source=draws.pick(2, headline_templates.SOURCES),
        url="",
        known_at=timestamp,
    )


def _within(opened: datetime, closed: datetime, share: float) -> datetime:
    """Return a whole minute between ten minutes after the open and half an hour before the close."""
    minutes = int((closed - opened).total_seconds()) // 60 - 40
    return opened + timedelta(minutes=10 + int(share * minutes))


def _filler(company: Company, draws: _Draws, closed: datetime) -> NewsItem:
    timestamp = closed + timedelta(minutes=5 + int(240 * draws.moment))
    if company.is_fund:
        return _item(
            company,
            draws,
            draws.pick(0, headline_templates.FUND_NEWS),
            draws.pick(4, headline_templates.DULL_DETAIL),
            timestamp,
        )
    kinds = (
        headline_templates.NEUTRAL,
        headline_templates.NEUTRAL,
        headline_templates.NEUTRAL,
        headline_templates.AMBIGUOUS,
        headline_templates.MILD_GOOD,
        headline_templates.MILD_BAD,
    )
    kind = kinds[int(draws.manner * len(kinds))]
    return _item(company, draws, draws.pick(0, kind), draws.pick(4, headline_templates.DULL_DETAIL), timestamp)


def _story(
    company: Company, draws: _Draws, follow: _Draws, size: float, hours: tuple[datetime, datetime]
) -> Iterator[NewsItem]:
    good = (size > 0) != (draws.manner < MISLEADING)
    if draws.manner > 1 - NEUTRAL_WORDS:
        titles, details, next_titles = (
            headline_templates.NEUTRAL,
            headline_templates.DULL_DETAIL,
            headline_templates.FOLLOW_DULL,
        )
    elif good:
        titles, details, next_titles = (
            headline_templates.GOOD,
            headline_templates.GOOD_DETAIL,
            headline_templates.FOLLOW_GOOD,
        )
    else:
        titles, details, next_titles = (
            headline_templates.BAD,
            headline_templates.BAD_DETAIL,
            headline_templates.FOLLOW_BAD,
        )
    timestamp = _within(*hours, draws.moment)
    yield _item(company, draws, draws.pick(0, titles), draws.pick(4, details), timestamp)
    if follow.chance < FOLLOW_UP:
        later = hours[1] + timedelta(minutes=20 + int(200 * follow.moment))
        same = _Draws([*follow.values[:4], draws.values[4], *follow.values[5:]])
        yield _item(company, same, follow.pick(0, next_titles), follow.pick(4, details), later)


def _move(company: Company, draws: _Draws, change: float, closed: datetime) -> NewsItem:
    title = draws.pick(0, headline_templates.RISE if change > 0 else headline_templates.FALL).replace(
        "{move}", f"{abs(100 * change):.1f}"
    )
    detail = "The move came with volume above its usual level; the company had no comment."
    return _item(company, draws, title, detail, closed + timedelta(minutes=5 + int(30 * draws.moment)))


def _earnings(news_context: NewsContext) -> Iterator[NewsItem]:
    """Yield one item per filing, published three minutes after it, with EPS on the share basis of that day."""
    company = news_context.company
    draws = (
        random_stream(news_context.seed, company.ticker, "wire", "earnings")
        .random((len(news_context.filed), 8))
        .tolist()
    )
    for quarter, row in zip(news_context.filed, map(_Draws, draws), strict=True):
        if quarter.eps_before is None or quarter.filed < news_context.time.days[news_context.history.first]:
            continue
        factor = split_factor(company, quarter.filed)
        kind = headline_templates.INLINE if abs(quarter.surprise) < 0.35 else headline_templates.BEAT
        kind = headline_templates.MISS if quarter.surprise <= -0.35 else kind
        facts = {
            "quarter": QUARTERS[quarter.number - 1],
            "eps": _dollars(quarter.eps, factor),
            "before": _dollars(quarter.eps_before, factor),
            "guidance": _guidance(quarter.surprise, row.chance),
        }
        title = row.pick(0, kind)
        for blank, text in facts.items():
            title = title.replace("{" + blank + "}", text)
        detail = "The statement was filed after the close; the seasonal comparison is with the same quarter a year ago."
        yield _item(company, row, title, detail, quarter.known_at + timedelta(minutes=3))


def _dollars(eps: float, factor: Fraction) -> str:
    return f"{eps / float(factor):.2f}"


def _guidance(surprise: float, chance: float) -> str:
    if abs(surprise) < 0.9 or chance > 0.6:
        return ""
    return "; raises guidance" if surprise > 0 else "; cuts guidance"


def _events(news_context: NewsContext) -> Iterator[NewsItem]:
    """Yield the items about splits, dividends, an IPO and a delisting."""
    company, time, history = news_context.company, news_context.time, news_context.history
    plain = _Draws([0.0] * 8)
    if history.first and history.first < len(time):
        title = "{name} ({ticker}) begins trading after its initial public offering"
        yield _item(company, plain, title, "The offering was priced last night.", time.opens[history.first])
    for split in company.splits:
        if (place := time.place(split.announced)) < len(time):
            title = f"{{name}} announces {split.new}-for-{split.old} stock split, effective {split.ex_date}"
            detail = f"Holders will have {split.new} for every {split.old} shares held."
            yield _item(company, plain, title, detail, time.closes[place] + timedelta(minutes=30))
    for paid in history.paid:
        title = f"{{name}} trades ex-dividend, ${paid.cents / 100:.2f} a share"
        yield _item(company, plain, title, "The payment follows in about two weeks.", time.opens[paid.place])
    if company.collapse:
        yield from _ending(news_context, plain)


def _ending(news_context: NewsContext, plain: _Draws) -> Iterator[NewsItem]:
    company, time, end = news_context.company, news_context.time, news_context.company.collapse
    if end is None or time.days[-1] < end.announced:
        return
    title = "{name} defaults on its debt, files for bankruptcy and warns that its shares may be worthless"
    detail = f"The exchange will halt trading in {{ticker}} for good after {end.last_session}."
    yield _item(company, plain, title, detail, time.opens[time.place(end.announced)])
    if time.days[-1] >= end.last_session:
        title = "{name} ({ticker}) is delisted: trading ended today after the bankruptcy filing"
        closed = time.closes[time.place(end.last_session)] + timedelta(hours=5)
        yield _item(company, plain, title, "There will be no further trading in the shares.", closed)
