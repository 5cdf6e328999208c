"""Instructions that a desk has learned: which are in force as of a decision, and the step before a session decides."""

from dataclasses import replace
from datetime import datetime

from ....graph.learning_section import InstructionsLearning
from ....graph.team import Team
from ....market.view import MarketView
from ....prompts.library import Prompt
from ....prompts.variants import with_block
from ..desk_learning import DeskLearning
from ..memory import ONE_MICROSECOND
from .course import InstructionCourse
from .decided import week_lines
from .steps import DECIDED, ORIGINAL, STEP, DecidedNote, InstructionStep
from .window import SessionStart, window_scores


def steps_until(learning: DeskLearning, as_of: datetime) -> tuple[InstructionStep, ...]:
    """Return the steps that are known at `as_of`, oldest first."""
    return tuple(learning.read(STEP, InstructionStep, as_of))


def instructed(learning: DeskLearning, team: Team, role: str, as_of: datetime) -> Team:
    """Return the team with the text of `role` that is in force at `as_of`."""
    steps = steps_until(learning, as_of)
    return _with_text(learning, team, role, steps[-1].in_force if steps else ORIGINAL)


def shadow_team(learning: DeskLearning, team: Team, role: str, as_of: datetime) -> tuple[str, Team] | None:
    """Return the text that is in shadow at `as_of`, and the team with it; None without one."""
    steps = steps_until(learning, as_of)
    text = steps[-1].in_shadow if steps else None
    return None if text is None else (text, _with_text(learning, team, role, text))


def record_decided(learning: DeskLearning, note: DecidedNote, as_of: datetime) -> None:
    """Record a decision; repeating the decision changes nothing."""
    learning.add(DECIDED, f"{note.session}/{note.symbol}", as_of + ONE_MICROSECOND, note)


async def learn_instructions(
    learning: DeskLearning, spec: InstructionsLearning, team: Team, role: str, view: MarketView, now: SessionStart
) -> None:
    """Take the step that is due before the decisions of a session, if one is; a step that was taken is not repeated.

    The first session begins the first window. A desk that is frozen at test takes no step. Raises ModelUnavailable if
    the model cannot be reached, and then the step is still due; BudgetExceeded as `DeskLearning.stops_at_budget` says.
    """
    if spec.frozen_at_test or not learning.writes or not now.symbols:
        return
    steps = steps_until(learning, now.as_of)
    if not steps:
        _add(learning, InstructionStep(
            session=now.session, as_of=now.as_of, equity=now.equity, deposited=now.deposited, symbols=now.symbols
        ))  # fmt: skip
        return
    last = steps[-1]
    if len(view.calendar(now.symbols[0]).between(last.session, now.session)) - 1 < spec.every:
        return
    notes = [each for each in learning.read(DECIDED, DecidedNote, now.as_of) if each.session >= last.session]
    [learner] = team.learners.values()
    prompt = team.agents[role].role.prompt
    course = InstructionCourse(
        spec, prompt, learning.library, learner, steps, week_lines(view, notes), learning.stops_at_budget
    )
    _add(learning, await course.next_step(now, window_scores(view, last, now, notes)))


def _add(learning: DeskLearning, step: InstructionStep) -> None:
    learning.add(STEP, f"{step.session}", step.as_of, step)


def _with_text(learning: DeskLearning, team: Team, role: str, text: str) -> Team:
    if text == ORIGINAL:
        return team
    prompt = team.agents[role].role.prompt
    return team.with_prompt(role, _with_origin(with_block(prompt, learning.library, text), prompt))


def _with_origin(changed: Prompt, prompt: Prompt) -> Prompt:
    return replace(changed, path=prompt.path)
