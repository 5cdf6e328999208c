"""Overlays of a price chart: moving averages and markers of events."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

from ..domain.market import Bar
from ..domain.text import strip_control
from .chart_frame import GAP, PRICE, TOP, Frame
from .report_facts import ChartMarker, MarkerKind

WINDOWS = (50, 200)
LETTERS = {MarkerKind.EARNINGS: "E", MarkerKind.DIVIDEND: "D", MarkerKind.NEWS: "N"}
TITLES = 6
MARKER_STEP = 12


def averages(bars: Sequence[Bar], shown: Sequence[Bar], frame: Frame) -> Iterator[str]:
    """Draw the simple moving averages of 50 and 200 closes over the last bars, where enough bars are known."""
    for row, window in enumerate(WINDOWS):
        means = moving_average([float(bar.close) for bar in bars], window)[-len(shown) :]
        places = [(place, mean) for place, mean in enumerate(means) if mean is not None]
        inside = [(place, mean) for place, mean in places if frame.low <= mean <= frame.high]
        if places:
            name = f"{window}-day average {places[-1][1]:,.2f}"
            yield from _pieces(inside, window, name, frame)
            yield _key(row, window, f"{window}-day average" if not frame.layout.short else f"{window}-day", frame)


def moving_average(closes: Sequence[float], window: int) -> tuple[float | None, ...]:
    """Return the mean of the last `window` closes at each place; None before there are as many."""
    return tuple(
        sum(closes[place + 1 - window : place + 1]) / window if place + 1 >= window else None
        for place in range(len(closes))
    )


def markers(events: Sequence[ChartMarker], shown: Sequence[Bar], frame: Frame) -> Iterator[str]:
    """Draw earnings, dividends and news below the price pane, and fills at their price.

    An event on a day without a bar is drawn at the next bar, one after the last bar at the last bar.
    """
    placed: dict[MarkerKind, list[tuple[int, ChartMarker]]] = defaultdict(list)
    sessions = [bar.session for bar in shown]
    for event in sorted(events, key=lambda each: (each.session, each.label)):
        place = _place(event.session, sessions)
        if place is not None:
            placed[event.kind].append((place, event))
    for kind, found in placed.items():
        if kind in LETTERS:
            yield from (_letter(place, kind, each, frame) for place, each in _clusters(found, frame))
        else:
            yield from (_fill(place, event, frame) for place, event in found)


def marker_key(events: Sequence[ChartMarker]) -> str:
    """Return a sentence that explains the kinds of markers among `events`; empty without events."""
    kinds = {event.kind for event in events}
    parts = [f"{letter} {kind}" for kind, letter in LETTERS.items() if kind in kinds]
    parts += ["triangles are fills"] if kinds - LETTERS.keys() else []
    sentence = ", ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence else ""


def _clusters(found: Sequence[tuple[int, ChartMarker]], frame: Frame) -> list[tuple[int, list[ChartMarker]]]:
    """Join events whose markers would cover each other; a cluster is drawn at its first event."""
    clusters: list[tuple[int, list[ChartMarker]]] = []
    for place, event in found:
        if clusters and (place - clusters[-1][0]) * frame.slot < MARKER_STEP:
            clusters[-1][1].append(event)
        else:
            clusters.append((place, [event]))
    return clusters


def _pieces(places: Sequence[tuple[int, float]], window: int, name: str, frame: Frame) -> Iterator[str]:
    """Draw a line through the places; it is interrupted where the average leaves the pane."""
    path, before = "", -2
    for place, mean in places:
        path += f"{'L' if place == before + 1 else 'M'}{frame.x(place):.1f} {frame.y(mean):.1f}"
        before = place
    if path:
        yield f'<path class="average a{window}" d="{path}"><title>{name}</title></path>'


def _key(row: int, window: int, name: str, frame: Frame) -> str:
    x = frame.left + 8 + row * (76 if frame.layout.short else 130)
    line = f'<path class="average a{window}" d="M{x} {TOP - 6}h16"/>'
    return f'{line}<text class="axis" x="{x + 21}" y="{TOP - 2}">{name}</text>'


def _place(session: date, sessions: Sequence[date]) -> int | None:
    if not sessions or session < sessions[0]:
        return None
    return min(bisect_left(sessions, session), len(sessions) - 1)


def _letter(place: int, kind: MarkerKind, found: Sequence[ChartMarker], frame: Frame) -> str:
    row = list(LETTERS).index(kind)
    x, y = frame.x(place), TOP + PRICE + 6 + row * (GAP - 12) / 2
    title = escape(strip_control("; ".join(f"{each.session}: {each.label}" for each in found[:TITLES])))
    more = f" and {len(found) - TITLES} more" if len(found) > TITLES else ""
    return (
        f'<g class="marker {kind}"><title>{title}{more}</title><circle cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        f'<text x="{x:.1f}" y="{y + 3:.1f}" text-anchor="middle">{LETTERS[kind]}</text></g>'
    )


def _fill(place: int, event: ChartMarker, frame: Frame) -> str:
    x, y = frame.x(place), frame.y(float(event.price or 0))
    turn = 1 if event.kind is MarkerKind.BUY else -1
    title = escape(strip_control(f"{event.session}: {event.label}"))
    shape = f"M{x:.1f} {y:.1f}l-6 {10 * turn}h12z"
    return f'<g class="marker {event.kind}"><title>{title}</title><path d="{shape}"/></g>'
