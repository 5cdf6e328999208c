"""Figures of single forms of contributions: weights, prices, rankings, positions of a hierarchy, and filters."""

from collections.abc import Iterable, Mapping, Sequence

from ..domain.decision import Decision, RecordedContribution
from .figure import (
    BAR,
    ROW,
    TOP,
    WIDTH,
    Figure,
    FigurePart,
    FigureRow,
    characters,
    drawing,
    rows_figure,
    text,
)

OUTCOMES = (("down", "neg"), ("flat", "none"), ("up", "pos"))
MOST_ROWS = 20
NODE_WIDTH, NODE_HEIGHT, LEVEL = 110.0, 34.0, 62.0
"""Sizes of a tree in pixels: the largest width of a node, its height, and the distance of two levels."""
REASON, RANKED = 34, 176
"""Longest reason of a filter in characters, and the width of the names of a ranking in pixels."""


def weight_figures(decision: Decision) -> Iterable[Figure]:
    """Yield the weights of the experts of each router."""
    for made in of_kind(decision, "ExpertWeights"):
        weights = _scores(made.content.get("weights"))
        rows = [
            FigureRow(name, (FigurePart(0, weight, "key"),), f"{weight:.2f}", f"{name} {weight:.2f}")
            for name, weight in weights
        ]
        if rows:
            fallback = made.content.get("fallback")
            yield rows_figure("Weights of the router" + (" (static)" if fallback else ""), rows)


def market_figures(decision: Decision) -> Iterable[Figure]:
    """Yield the probabilities of each forecaster with its share of the budgets, and the prices that they make."""
    for prices in of_kind(decision, "MarketPrices"):
        budgets = dict(_scores(prices.content.get("budgets")))
        total = sum(budgets.values()) or 1.0
        rows = [
            _outcomes(made.author, made.content, f"{budgets[made.author] / total:.0%}")
            for made in of_kind(decision, "Forecast")
            if made.author in budgets
        ]
        rows = [row for row in (*rows, _outcomes("price", prices.content, "")) if row.parts]
        if rows:
            yield rows_figure("Probabilities of down, flat, up; share of the budgets", rows)


def ranking_figures(decision: Decision) -> Iterable[Figure]:
    """Yield the signals of a contest by score, and the weights of symbols by positive predicted Sharpe ratio."""
    for made in of_kind(decision, "ContestRanking"):
        found = sorted(records_of(made.content.get("signals")), key=lambda each: -number_of(each.get("score")))
        rows = [_signal(each) for each in found[:MOST_ROWS]]
        if rows:
            yield rows_figure("Ranking of the signals, score of the judges", rows, left=RANKED)
        predicted = {str(each.get("symbol")): max(number_of(each.get("predicted")), 0.0)
                     for each in records_of(made.content.get("symbols"))}  # fmt: skip
        total = sum(predicted.values())
        shares = {symbol: value / total for symbol, value in predicted.items()} if total else {}
        if shares:
            bars = sorted(shares.items(), key=lambda each: -each[1])[:MOST_ROWS]
            yield rows_figure(
                "Weights by predicted Sharpe ratio",
                [FigureRow(s, (FigurePart(0, w, "key"),), f"{w:.0%}", f"{s} {w:.0%}") for s, w in bars],
            )


def filter_figures(decision: Decision) -> Iterable[Figure]:
    """Yield which symbols a filter let through, and why."""
    for made in of_kind(decision, "NeedsDecision"):
        entries = sorted(records_of(made.content.get("entries")), key=lambda each: not each.get("needed"))[:MOST_ROWS]
        drawn, words = list[str](), list[str]()
        for place, each in enumerate(entries):
            y, needed = TOP + ROW * place + ROW / 2, bool(each.get("needed"))
            symbol, reason = str(each.get("symbol")), str(each.get("reason", ""))
            drawn.append(f'<circle class="{"bar pos" if needed else "open"}" cx="12" cy="{y:.1f}" r="{BAR / 2 - 1}"/>')
            drawn.append(text(26, y + 4, symbol, most=9, tone="name"))
            drawn.append(text(96, y + 4, reason, most=REASON))
            words.append(f"{symbol} {'let through' if needed else 'not let through'}, {reason}")
        if entries:
            yield drawing("Let through by the filter, and why", words, drawn, TOP + ROW * len(entries))


def hierarchy_figures(decision: Decision) -> Iterable[Figure]:
    """Yield the tree of a hierarchy: experts, heads with the weight of each, and the mixed position.

    The weight is that of the first head; a record does not say which expert reports to which head.
    """
    positions = {made.author: number_of(made.content.get("position")) for made in of_kind(decision, "PositionView")}
    heads = [author for author in positions if author.endswith("_head")]
    mixes = of_kind(decision, "MixWeight")
    if len(heads) != 2 or not mixes:
        return
    weight = number_of(mixes[-1].content.get("weight"))
    experts = [author for author in positions if author not in heads]
    shares = dict(zip(heads, (weight, 1 - weight), strict=True))
    mixed = sum(shares[head] * positions[head] for head in heads)
    drawn = list[str]()
    levels = [_spread(experts[:MOST_ROWS]), _spread(heads), _spread(["mixture"])]
    lines = [(x, 0, WIDTH / 2, 1) for x in levels[0].values()]
    for x, above, joint, _ in lines:
        top = TOP + NODE_HEIGHT + above * LEVEL
        drawn.append(f'<path class="grid" d="M{x:.1f} {top:.1f}V{top + 14:.1f}H{joint:.1f}"/>')
    for head, x in levels[1].items():
        top = TOP + LEVEL
        drawn.append(f'<path class="grid" d="M{x:.1f} {top:.1f}V{top - 14:.1f}H{WIDTH / 2:.1f}"/>')
        drawn.append(_link(x, top + NODE_HEIGHT, shares[head]))
        drawn.append(text(x + (4 if x > WIDTH / 2 else -4), top + NODE_HEIGHT + 16, f"x {shares[head]:.2f}", most=8,
                          anchor="start" if x > WIDTH / 2 else "end"))  # fmt: skip
    shown = {**positions, "mixture": mixed}
    for level, names in enumerate(levels):
        drawn += [
            part
            for name, x in names.items()
            for part in _node(name, shown[name], (x, TOP + level * LEVEL), _node_width(names))
        ]
    words = [f"{name} {shown[name]:+.2f}" for name in experts]
    words += [f"{head} {positions[head]:+.2f} with weight {shares[head]:.2f}" for head in heads]
    yield drawing("Experts, heads and the mixed position", [*words, f"mixture {mixed:+.2f}"], drawn, 2 * LEVEL + 46)


def _spread(names: Sequence[str]) -> Mapping[str, float]:
    """Return the x coordinate of the centre of each node of a level."""
    return {name: WIDTH * (place + 0.5) / len(names) for place, name in enumerate(names)}


def _node_width(names: Mapping[str, float]) -> float:
    return min(NODE_WIDTH, WIDTH / len(names) - 4)


def _node(name: str, position: float, centre: tuple[float, float], width: float) -> Iterable[str]:
    x, y = centre
    tone = "pos" if position > 0 else "neg" if position < 0 else "none"
    place = f'x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.0f}" height="{NODE_HEIGHT:.0f}" rx="4"'
    yield f'<rect class="node {tone}" {place}/>'
    yield text(x, y + 14, name.replace("_", " "), most=characters(width) + 1, anchor="middle", tone="axis fine")
    yield text(x, y + 28, f"{position:+.2f}", most=8, anchor="middle", tone="name")


def _link(x: float, y: float, share: float) -> str:
    end = TOP + 2 * LEVEL
    return f'<path class="link" stroke-width="{1 + 5 * share:.1f}" d="M{x:.1f} {y:.1f}L{WIDTH / 2:.1f} {end:.1f}"/>'


def _outcomes(name: str, content: Mapping[str, object], shown: str) -> FigureRow:
    values = [(outcome, tone, number_of(content.get(outcome))) for outcome, tone in OUTCOMES]
    total = sum(value for _, _, value in values)
    parts, start = list[FigurePart](), 0.0
    for _, tone, value in values if total else ():
        parts.append(FigurePart(start, start + value / total, tone))
        start += value / total
    said = ", ".join(f"{outcome} {value:.2f}" for outcome, _, value in values)
    return FigureRow(name, tuple(parts), shown, f"{name} {said}{f', budget {shown}' if shown else ''}")


def _signal(each: Mapping[str, object]) -> FigureRow:
    score = number_of(each.get("score"))
    name = f"{each.get('contestant')} {each.get('action')} {each.get('symbol')}"
    tone = "pos" if each.get("action") == "buy" else "neg"
    return FigureRow(name, (FigurePart(0, score / 100, tone),), f"{score:.1f}", f"{name} {score:.1f}")


def of_kind(decision: Decision, kind: str) -> list[RecordedContribution]:
    """Return the contributions with the stored name `kind`."""
    return [made for made in decision.contributions if made.kind == kind]


def records_of(value: object) -> list[Mapping[str, object]]:
    """Return the records of a list; empty for every other value."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _scores(value: object) -> list[tuple[str, float]]:
    return [(str(each.get("expert")), number_of(each.get("score"))) for each in records_of(value)]


def number_of(value: object) -> float:
    """Return a number; 0 for every other value."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
