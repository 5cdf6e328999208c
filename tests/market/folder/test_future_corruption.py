"""Whatever happens to rows that are not known yet, an answer stays the same to the byte."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts.market_folder import (
    DAILY,
    DIVIDENDS,
    HOURLY,
    MACRO,
    SPLITS,
    MarketFolder,
    bar,
)
from contracts.market_source import answers
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar

# All in winter and without a half day, so that every close is at 21:00 UTC.
DAYS = trading_calendar("XNYS").between(datetime(2024, 1, 2).date(), datetime(2024, 2, 16).date())  # noqa: DTZ001
HEADERS = {
    "prices_daily.csv": DAILY,
    "prices_hourly.csv": HOURLY,
    "crypto_daily.csv": DAILY,
    "splits.csv": SPLITS,
    "dividends.csv": DIVIDENDS,
    "macro.csv": f"{MACRO},released_at",
}
GARBAGE = ["", "x", "nan", "-inf", "-5", "0", "1e999", "9999999", '"', '"x', "1,2", "\udcff", "\x00", "é"]
JSON_GARBAGE: list[object] = [None, "", "x", 5, -1.5, [], {"a": 1}, True, "\ud800"]
AT = {"prices_daily.csv": 21, "crypto_daily.csv": 24, "splits.csv": 0, "dividends.csv": 0}

Rows = Sequence["Line"]
Spoil = Callable[[random.Random, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, the moment from which it is known, and the day that it is dated."""

    file: str
    text: str
    known_at: datetime
    dated: datetime


def moment(day: object, hours: float = 0) -> datetime:
    return datetime.fromisoformat(f"{day}").replace(tzinfo=UTC) + timedelta(hours=hours)


def dated_rows() -> Rows:
    lines = []
    for number, day in enumerate(DAYS):
        texts = {"prices_daily.csv": [bar("AAA", str(day)), bar("BBB", str(day))], "crypto_daily.csv": []}
        texts["crypto_daily.csv"] = [bar("COIN", str(day))]
        if number % 9 == 4:
            texts |= {"splits.csv": [f"AAA,{day},2"], "dividends.csv": [f"AAA,{day},0.25"]}
        lines += [
            Line(file, text, moment(day, AT[file]), moment(day)) for file, found in texts.items() for text in found
        ]
        lines += [
            Line("prices_hourly.csv", bar("AAA", f"{day}T{hour}:30:00Z"), moment(day, hour + 1.5), moment(day))
            for hour in (14, 17)
        ]
    return lines


def lagged_rows() -> Rows:
    months = ["2023-06-01", "2023-07-01", "2023-08-01", "2023-09-01", "2023-10-01", "2023-11-01", "2023-12-01"]
    lines = [Line("macro.csv", f"CPI,{day},3,", moment(day, 45 * 24), moment(day)) for day in [*months, "2024-01-01"]]
    lines += [Line("macro.csv", f"VIX,{day},20,", moment(day, 24), moment(day)) for day in DAYS[1:]]
    lines.append(Line("macro.csv", f"VIX,{DAYS[0]},19,", moment(DAYS[1], 24), moment(DAYS[0])))
    lines += [Line("macro.csv", f"ISM,{day},5,{day}T10:00", moment(day, 10), moment(day)) for day in DAYS[::7]]
    return lines


def json_rows() -> Rows:
    lines = []
    for number, day in enumerate(DAYS):
        exact = number % 2
        item = {"ticker": "AAA", "published_at": f"{day}T0{number % 9}:00:00Z", "title": f"Item {number}"}
        item |= {"summary": "", "source": "wire", "url": "", "precision": "second" if exact else "day"}
        lines.append(Line("news.jsonl", json.dumps(item), moment(day, number % 9 if exact else 24), moment(day)))
    for day in DAYS[::8]:
        filing = {"ticker": "AAA", "period_end": "2023-09-30", "timeframe": "quarterly", "metrics": {"eps": 1}}
        filing |= {"accepted_at": f"{day}T18:00:00Z", "filed_at": str(day)}
        lines.append(Line("fundamentals.jsonl", json.dumps(filing), moment(day, 18), moment(day)))
    return lines


LINES = [*dated_rows(), *lagged_rows(), *json_rows()]


def spoil(line: Line, now: datetime, chance: random.Random) -> Sequence[str]:
    """Return what becomes of a line that is not known at `now`. Its own date stays readable."""
    fate = chance.choice(["keep", "delete", "double", "spoil", "spoil", "spoil"])
    if fate == "spoil":
        return [_spoilt_json(line, chance) if ".jsonl" in line.file else _spoilt_csv(line, now, chance)]
    return [line.text] * {"keep": 1, "delete": 0, "double": 2}[fate]


def _spoilt_csv(line: Line, now: datetime, chance: random.Random) -> str:
    cells = line.text.split(",")
    if chance.random() < 0.2:
        return ",".join(cells[: chance.randrange(2, len(cells) + 1)])
    if line.dated > now and chance.random() < 0.2:
        return ",".join([chance.choice(["", "\udcff", "ZZZ"]), *cells[1:]])
    # A release date tells when a row is known: it stays as it is until the row is dated in the future.
    dated_later = line.file != "macro.csv" or line.dated > now
    last = len(cells) - (line.file == "macro.csv")
    cells[chance.randrange(2, last)] = chance.choice(GARBAGE if dated_later else ["x", "nan", ""])
    if line.file == "macro.csv" and dated_later:
        cells[-1] = chance.choice(["", "soon", cells[-1]])
    return ",".join(cells)


def _spoilt_json(line: Line, chance: random.Random) -> str:
    row = json.loads(line.text)
    field = chance.choice(sorted(set(row) - {"ticker", "published_at", "filed_at"}))
    if field == "precision":
        row[field] = chance.choice(["sometime", 5, [1]])
    elif field == "accepted_at":
        row[field] = chance.choice(["noon", 5, None, []])
    elif chance.random() < 0.3:
        del row[field]
    else:
        row[field] = chance.choice(JSON_GARBAGE)
    return json.dumps(row)


def answer(lines: Mapping[str, Sequence[str]], now: datetime) -> str:
    """Return every answer of a folder of these lines at `now`, written out."""
    with TemporaryDirectory() as name:
        folder = MarketFolder(Path(name))
        for file in {line.file for line in LINES}:
            header = [HEADERS[file]] if file in HEADERS else []
            folder.raw(file, "\n".join([*header, *lines.get(file, [])]).encode(errors="surrogateescape"))
        source = folder.open()
        found = {symbol: answers(source, Symbol(symbol), now) for symbol in ("AAA", "BBB", "COIN")}
        series = {name: source.macro(name, until=now, count=99) for name in ("CPI", "VIX", "ISM")}
        for facts in found.values():  # which series there are is not dated
            assert all(not seen for kind, seen in facts.items() if kind.split()[-1] not in series and "macro" in kind)
        dated = {who: {k: v for k, v in facts.items() if "macro" not in k} for who, facts in found.items()}
        return repr((dated, series))


def arranged(texts: Sequence[tuple[str, Sequence[str]]]) -> Mapping[str, Sequence[str]]:
    files: dict[str, list[str]] = {}
    for file, lines in texts:
        files.setdefault(file, []).extend(lines)
    return files


# No shrinking: a smaller seed is no simpler a folder, and it takes minutes.
@settings(max_examples=120, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    day=st.sampled_from(DAYS),
    minutes=st.sampled_from([0, 1, 599, 600, 1080, 1259, 1260, 1261, 1439]),
    chance=st.randoms(use_true_random=False),
)
def test_corrupting_what_is_not_known_changes_no_answer(day: object, minutes: int, chance: random.Random) -> None:
    now = moment(day, minutes / 60)
    whole = arranged([(line.file, [line.text]) for line in LINES])
    spoilt = arranged(
        [(line.file, [line.text] if line.known_at <= now else spoil(line, now, chance)) for line in LINES]
    )
    known = arranged([(line.file, [line.text]) for line in LINES if line.known_at <= now])
    assert answer(spoilt, now) == answer(whole, now) == answer(known, now)


def test_the_moments_that_the_property_rests_on_are_those_of_the_folder() -> None:
    """Each line must appear at its known_at and not before, or the property would prove nothing."""
    whole = arranged([(line.file, [line.text]) for line in LINES])
    instants = sorted({line.known_at for line in LINES if line.known_at >= moment(DAYS[3])})[::6]
    for instant in instants:
        facts = answer(whole, instant).count("known_at=")
        assert facts == sum(line.known_at <= instant for line in LINES)
