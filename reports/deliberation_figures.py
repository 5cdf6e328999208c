"""What a topology did, as figures: picks, panel, facts, debate, ballots, weights, prices, rankings and others."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..domain.decision import Decision
from .contribution_figures import filter_figures, hierarchy_figures, market_figures, ranking_figures, weight_figures
from .figure import LEFT as LEFT_EDGE
from .figure import ROW, SPAN, TOP, WIDTH, Figure, FigurePart, FigureRow, characters, drawing, rows_figure, text
from .selection_figures import TONES, ballot_figures, fact_table_figures, pick_figures

CHOICES: Mapping[str, str] = {"DirectionDecision": "direction", "RatingDecision": "rating"}
RADIUS, MOST_TURNS = 9.0, 12


def deliberation_figures(decision: Decision) -> tuple[Figure, ...]:
    """Return the figures that follow from the contributions of a decision; empty for a single agent.

    A contribution that lacks a value of its form, as in a record of another version, is not drawn.
    """
    makers: Sequence[Callable[[Decision], Iterable[Figure]]] = (
        pick_figures, _panel, fact_table_figures, _debate, _ballots, ballot_figures, weight_figures, market_figures,
        ranking_figures, hierarchy_figures, filter_figures,
    )  # fmt: skip
    return tuple(figure for make in makers for figure in make(decision))


def _panel(decision: Decision) -> Iterable[Figure]:
    """Yield the stances of the analysts: to the right bullish, to the left bearish, as long as their confidence."""
    if len(decision.reports) < 2:
        return
    rows = list[FigureRow]()
    for filed in decision.reports:
        sign, confidence = filed.report.stance.sign, filed.report.confidence
        words = f"{filed.role} {filed.report.stance}, confidence {confidence:.0%}"
        start, end = (0.5, 0.5 + sign * confidence / 2) if sign else (0.5 - confidence / 2, 0.5 + confidence / 2)
        part = FigurePart(start, end, TONES.get(str(filed.report.stance), "none"))
        rows.append(FigureRow(filed.role, (part,), f"{confidence:.0%}", words))
    yield rows_figure("Stances of the analysts by confidence", rows, base=0.5)


def _debate(decision: Decision) -> Iterable[Figure]:
    """Yield the turns by side and round, each with the number of facts that it cites, and the conviction."""
    turns = decision.debate[:MOST_TURNS]
    sides, rounds = list(dict.fromkeys(turn.speaker for turn in turns)), sorted({turn.round for turn in turns})
    if len(sides) < 2:
        return
    step = SPAN / max(len(rounds), 1)
    drawn, words = list[str](), list[str]()
    for row, side in enumerate(sides):
        y = TOP + ROW * row + ROW / 2
        drawn.append(text(LEFT_EDGE - 8, y + 4, side, most=characters(LEFT_EDGE - 8), anchor="end"))
        drawn.append(f'<path class="grid" d="M{LEFT_EDGE} {y:.1f}H{LEFT_EDGE + SPAN}"/>')
        for turn in (each for each in turns if each.speaker == side):
            x, cited = LEFT_EDGE + step * (rounds.index(turn.round) + 0.5), len(turn.argument.evidence)
            tone = {"bull": "pos", "bear": "neg"}.get(side, "key")
            drawn.append(f'<circle class="bar {tone}" cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}"/>')
            drawn.append(text(x, y + 4, str(cited), most=3, anchor="middle", tone="inside"))
            name = "opening" if turn.round == 0 else f"round {turn.round}"
            words.append(f"{side}, {name}, cites {cited} fact{'' if cited == 1 else 's'}")
    y = TOP + ROW * len(sides) + 10
    for place, number in enumerate(rounds):
        name = "opening" if number == 0 else f"round {number}"
        drawn.append(text(LEFT_EDGE + step * (place + 0.5), y, name, most=9, anchor="middle"))
    if decision.thesis is not None:
        conviction = decision.thesis.conviction
        drawn += _conviction(conviction, y + 22)
        words.append(f"conviction {conviction:+.2f}")
        y += 26
    yield drawing("Turns of the debate, with the facts cited", words, drawn, y + 8)


def _conviction(conviction: float, y: float) -> Iterable[str]:
    middle, tone = LEFT_EDGE + SPAN / 2, "pos" if conviction > 0 else "neg"
    start, end = sorted((middle, middle + SPAN / 2 * max(-1.0, min(1.0, conviction))))
    yield text(LEFT_EDGE - 8, y, "conviction", most=18, anchor="end")
    yield f'<rect class="track" x="{LEFT_EDGE}" y="{y - 10:.1f}" width="{SPAN}" height="12" rx="2"/>'
    yield f'<rect class="bar {tone}" x="{start:.1f}" y="{y - 10:.1f}" width="{end - start:.1f}" height="12" rx="2"/>'
    yield f'<path class="base" d="M{middle:.1f} {y - 12:.1f}V{y + 4:.1f}"/>'
    yield text(WIDTH - 54, y, f"{conviction:+.2f}", most=6)


def _ballots(decision: Decision) -> Iterable[Figure]:
    """Yield the number of ballots for each option: the last one of every voter, without the count of them."""
    for kind, name in CHOICES.items():
        made = [each for each in decision.contributions if each.kind == kind]
        result = _result(decision)
        last = {each.author: str(each.content.get(name)) for each in made if each.author != result}
        if len(last) < 2 or result not in {each.author for each in made}:
            continue
        rows = list[FigureRow]()
        for option, count in Counter(last.values()).most_common():
            voters = ", ".join(author for author, choice in last.items() if choice == option)
            part = FigurePart(0, count / len(last), TONES.get(option, "none"))
            rows.append(FigureRow(option, (part,), f"{count} of {len(last)}", f"{option} {count} by {voters}"))
        yield rows_figure("Ballots", rows)


def _result(decision: Decision) -> str | None:
    """Return the author of the last contribution; the count of a vote comes last and is no ballot."""
    return decision.contributions[-1].author if decision.contributions else None
