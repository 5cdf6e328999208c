"""The expected calls, tokens and cost of learning: of steps, texts in shadow, trainings and lessons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from ..desk.instructed import rewritten_role
from ..desk.learning.instructions.optimizer_inputs import (
    MOST_SHOWN,
    ScoredText,
    optimizer_inputs,
    reflection_inputs,
)
from ..desk.retry_training import MOST_CITED
from ..desk.rule_desk import order_policy
from ..graph.desk_config import DeskConfig, load_desk
from ..graph.learning_section import EpisodesLearning, InstructionsLearning, OproLearning, RetryLearning
from ..graph.roles import RoleKind
from ..graph.team import Team
from ..graph.team_builder import build_team
from ..prompts.library import PromptLibrary, load_prompts
from .call_estimate import CHARACTERS_PER_TOKEN, PromptPreview, estimate_calls
from .learning_calls import LearningCalls
from .settings import Settings
from .usage_estimate import DecisionSamples, LearningUse, RoleEstimate, role_estimate

LINE, TEXT, FACT = "x" * 260, "x" * 500, "x" * 220
"""A decision as the reflector of a week reads it, a text of 80 words, and a fact: usual lengths."""
LINES_A_SOURCE = 4
"""Lines on one analyst in an episode, as the writer of beliefs reads it."""
REASONS = 300
"""Tokens of an answer with instructions beside the instructions themselves."""


def learning_usage(
    calls: LearningCalls, samples: DecisionSamples, settings: Settings, symbols: int
) -> tuple[RoleEstimate, ...]:
    """Return the usage of these calls, at most; `samples` are decisions of the desk, `symbols` those of one account.

    Texts of instructions are presumed to be as long as the prompt's own, other inputs to have usual lengths.
    """
    if calls == LearningCalls():
        return ()
    file, library = load_desk(settings.desk), load_prompts(settings.prompts)
    team = build_team(file, library, None, order_policy(file.limits_within(settings.limits)), seed=settings.seed)
    found = [
        *samples.scaled(calls.trained, LearningUse.TRAINING),
        *samples.since(rewritten_role(file)).scaled(calls.shadowed, LearningUse.SHADOW),
    ]
    for preview, count, use in _asked(calls, file, team, library, symbols):
        estimates = estimate_calls([preview], settings)
        found.append(role_estimate(preview.role, estimates, Decimal(count), use))
    return tuple(found)


def _asked(
    calls: LearningCalls, file: DeskConfig, team: Team, library: PromptLibrary, symbols: int
) -> Iterator[tuple[PromptPreview, int, LearningUse]]:
    """Yield the prompts of the roles that learn, with the number of their calls."""
    if calls.learner:
        yield learner_preview(file, team, library, symbols), calls.learner, LearningUse.STEPS
    if calls.lessons and team.reflector is not None:
        role = team.reflector.role
        inputs = {"then": TEXT, "outcome": FACT, "ticker": "TICKER", "as_of": "2025-01-01"}
        yield (
            PromptPreview(role.name, role.prompt.id, role.prompt.render(inputs), role.tier),
            calls.lessons,
            LearningUse.LESSONS,
        )


def learner_preview(file: DeskConfig, team: Team, library: PromptLibrary, symbols: int) -> PromptPreview:
    """Return the prompt of the role that learns, as long as it usually becomes."""
    [role] = team.learners.values()
    inputs, answer = _learner_inputs(file, team, library, symbols)
    preview = PromptPreview(role.name, role.prompt.id, role.prompt.render(inputs), role.tier)
    return preview if answer is None else replace(preview, answer_tokens=answer)


def _learner_inputs(
    file: DeskConfig, team: Team, library: PromptLibrary, symbols: int
) -> tuple[Mapping[str, str], int | None]:
    """Return the inputs, and the tokens of the answer if it is longer than usual."""
    spec = file.learning
    if isinstance(spec, InstructionsLearning):
        prompt = team.agents[rewritten_role(file)].role.prompt
        if not isinstance(spec, OproLearning):
            lines = "\n".join([LINE] * spec.every * symbols)
            return reflection_inputs(prompt.id, "the sessions to 2025-01-01", lines), None
        block = prompt.instructions
        tried: Sequence[ScoredText] = [ScoredText(50.0, "on trial", block)] * MOST_SHOWN
        return optimizer_inputs(prompt.id, block, block, tried), len(block) // CHARACTERS_PER_TOKEN + REASONS
    if isinstance(spec, RetryLearning):
        facts = "\n".join([FACT] * MOST_CITED)
        before = "\n".join([TEXT] * (spec.trials - 1))
        reader = spec.role or file.decider
        return {"reader": reader, "decision": TEXT, "facts": facts, "outcome": FACT, "before": before}, None
    if isinstance(spec, EpisodesLearning):
        sources = file.roster.names(RoleKind.ANALYST)
        episode = "\n".join([FACT] * (1 + LINES_A_SOURCE * len(sources)))
        beliefs = "\n".join(f"{name}: {TEXT}" for name in sources)
        names = ", ".join(sources)
        return {"sources": names, "size": FACT, "beliefs": beliefs, "better": episode, "worse": episode}, None
    raise ValueError(f"learning of kind {spec.kind} has no role that learns")
