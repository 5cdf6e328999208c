"""Figures of selections: the facts of a table, the analysts of a planner, and the votes of one role."""

from collections.abc import Iterable, Mapping

from ..domain.decision import Decision
from ..domain.deliberation_outputs import FactSide
from .contribution_figures import MOST_ROWS, RANKED, number_of, of_kind, records_of
from .figure import BAR, ROW, TOP, Figure, FigurePart, FigureRow, drawing, rows_figure, text

STRONGEST = 3
"""Largest strength of a labelled fact."""
FACT_SIDES: Mapping[str, tuple[int, str]] = {FactSide.FAVOURABLE: (1, "pos"), FactSide.ADVERSE: (-1, "neg")}
TONES: Mapping[str, str] = {
    **dict.fromkeys(("bullish", "long", "buy", "overweight"), "pos"),
    **dict.fromkeys(("bearish", "short", "sell", "underweight"), "neg"),
}
"""Colours of options; others have none."""
NO_SIDE = "no side"
MOST_NAME = 18
"""Longest name of an analyst, in characters."""


def fact_table_figures(decision: Decision) -> Iterable[Figure]:
    """Yield the facts of each table: to the right favourable, to the left adverse, as long as their strength."""
    for made in of_kind(decision, "FactTable"):
        facts = [each for each in records_of(made.content.get("facts")) if str(each.get("side")) in FACT_SIDES]
        rows = [_fact(each) for each in sorted(facts, key=_strongest_first)[:MOST_ROWS]]
        if rows:
            yield rows_figure("Facts by side and strength", rows, base=0.5, left=RANKED)


def pick_figures(decision: Decision) -> Iterable[Figure]:
    """Yield the analysts that a planner picked, each with the stance of its report."""
    stances = {filed.role: f"{filed.report.stance}, {filed.report.confidence:.0%}" for filed in decision.reports}
    tones = {filed.role: filed.report.stance.sign for filed in decision.reports}
    for made in of_kind(decision, "AnalystPick"):
        listed = made.content.get("analysts")
        names = [str(each) for each in listed][:MOST_ROWS] if isinstance(listed, list) else []
        drawn, words = list[str](), list[str]()
        for place, name in enumerate(names):
            y, stance = TOP + ROW * place + ROW / 2, stances.get(name, "no report")
            tone = {1: "bar pos", -1: "bar neg", 0: "bar none"}[tones[name]] if name in tones else "open"
            drawn.append(f'<circle class="{tone}" cx="12" cy="{y:.1f}" r="{BAR / 2 - 1}"/>')
            drawn.append(text(26, y + 4, name, most=MOST_NAME, tone="name"))
            drawn.append(text(RANKED, y + 4, stance, most=MOST_NAME))
            words.append(f"{name} {stance}")
        if names:
            yield drawing("Analysts picked by the planner", words, drawn, TOP + ROW * len(names))


def ballot_figures(decision: Decision) -> Iterable[Figure]:
    """Yield how many answers of a role that was asked several times take each side."""
    for made in of_kind(decision, "AnswerBallots"):
        counts = [(str(each.get("option")) or NO_SIDE, number_of(each.get("count"))) for each in
                  records_of(made.content.get("ballots"))]  # fmt: skip
        total = sum(count for _, count in counts)
        rows = [
            FigureRow(
                option,
                (FigurePart(0, count / total, TONES.get(option, "none")),),
                f"{count:.0f} of {total:.0f}",
                f"{option} {count:.0f} of {total:.0f}",
            )
            for option, count in counts[:MOST_ROWS]
            if total
        ]
        if rows:
            yield rows_figure(f"Answers of {made.author}", rows)


def _strongest_first(fact: Mapping[str, object]) -> tuple[int, float]:
    return -FACT_SIDES[str(fact.get("side"))][0], -number_of(fact.get("strength"))


def _fact(fact: Mapping[str, object]) -> FigureRow:
    side, name, strength = str(fact.get("side")), str(fact.get("text")), number_of(fact.get("strength"))
    sign, tone = FACT_SIDES[side]
    part = FigurePart(0.5, 0.5 + sign * strength / STRONGEST / 2, tone)
    return FigureRow(name, (part,), f"{sign * strength:+.0f}", f"{side} {strength:.0f}, {name}")
