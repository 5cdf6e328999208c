"""The next step of a desk that learns its instructions: score, decide on texts that are tried, propose another.

A text is proposed, answers in shadow for one window, and is put in force if it was not worse than the text in force. In
its first window in force, the text that it replaced answers in shadow, and is put back if it was better. Without
shadow, a text is in force at once, and is rolled back if it scores below the last window of the text that it replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ....agents.role import Role
from ....agents.rules.instructions import propose_by_rule, reflect_on_week_by_rule
from ....domain.abstention import Abstention
from ....domain.learning_outputs import PromptProposal, WeeklyReflection
from ....graph.learning_section import InstructionsLearning, OproLearning
from ....prompts.library import Prompt, PromptLibrary
from ....prompts.variants import InvalidVariant, with_block
from ..answered import answered
from .optimizer_inputs import optimizer_inputs, reflection_inputs, with_reflection
from .proposed_text import AttemptStatus, ProposedText, no_text, proposed
from .steps import ORIGINAL, InstructionStep, StoredProposal, TextVerdict, WindowScore, tried_texts
from .window import SessionStart

TRIAL = ("previous", "previous_score", "in_shadow")
"""The fields of a step that describe a trial."""


@dataclass(frozen=True, slots=True)
class InstructionCourse:
    """The course of one desk until now.

    Attributes:
        prompt: the prompt of the file, whose static block is replaced.
        role: proposes texts, or reflects on a week.
        steps: the steps until now, oldest first; at least one.
        week: the decisions since the last step, one line each.
        stops_at_budget: whether a used-up budget raises instead of ending the step without a text.
    """

    spec: InstructionsLearning
    prompt: Prompt
    library: PromptLibrary
    role: Role
    steps: tuple[InstructionStep, ...]
    week: str
    stops_at_budget: bool = False

    @property
    def block(self) -> str:
        """Return the static block of the prompt file."""
        return self.prompt.instructions

    async def next_step(self, now: SessionStart, scores: tuple[WindowScore, ...]) -> InstructionStep:
        """Return the step after the window with these scores.

        Raises ModelUnavailable if the model cannot be reached, and BudgetExceeded if that ends the run.
        """
        last = self.steps[-1]
        step = InstructionStep(
            session=now.session,
            as_of=now.as_of,
            equity=now.equity,
            deposited=now.deposited,
            symbols=now.symbols,
            in_force=last.in_force,
            version=last.version,
            scores=scores,
        )
        if last.previous is not None:
            step = _after_trial(last, step)
        elif last.in_shadow is not None:
            return _after_shadow(last, step)
        if step.previous is not None:  # the trial goes on
            return step
        return self._with_proposal(step, await self._propose(step))

    async def _propose(self, step: InstructionStep) -> ProposedText:
        if isinstance(self.spec, OproLearning):
            return await self._optimized(step)
        return await self._reflected(step)

    async def _optimized(self, step: InstructionStep) -> ProposedText:
        tried = tried_texts((*self.steps, step), self.block)
        incumbent = self.text_of(step.in_force)
        scored = [each for each in tried if each.score is not None]
        best = max(scored, key=lambda each: each.score or 0.0).text if scored else incumbent
        said = await self.role.generate(
            PromptProposal,
            lambda: optimizer_inputs(self.prompt.id, self.block, incumbent, tried),
            rule=lambda: propose_by_rule(incumbent, _score_of(step.scores), best),
            check=lambda _: None,
        )
        return proposed(answered(said, stops_at_budget=self.stops_at_budget))

    async def _reflected(self, step: InstructionStep) -> ProposedText:
        said = await self.role.generate(
            WeeklyReflection,
            lambda: reflection_inputs(self.prompt.id, f"the sessions to {step.session}", self.week),
            rule=lambda: reflect_on_week_by_rule(self.week),
            check=lambda _: None,
        )
        said = answered(said, stops_at_budget=self.stops_at_budget)
        if isinstance(said, Abstention):
            return no_text(said)
        return ProposedText(with_reflection(self.block, said.reflection), said.reflection)

    def text_of(self, text: str) -> str:
        """Return a text in full; ORIGINAL is the static block of the prompt file."""
        return self.block if text == ORIGINAL else text

    def _with_proposal(self, step: InstructionStep, made: ProposedText) -> InstructionStep:
        """Return the step with a valid new text in shadow or in force; with any other, only the record of it."""
        stored = self._checked(step, made)
        step = step.model_copy(update={"proposal": stored})
        if stored.status is not None:
            return step
        return step.model_copy(update={"in_shadow": stored.text}) if self.spec.shadow else _put(step, stored.text)

    def _checked(self, step: InstructionStep, made: ProposedText) -> StoredProposal:
        text = made.text.replace("\r\n", "\n").strip()
        status, reason = None, ""
        if made.defect:
            status, reason = AttemptStatus.REJECTED, made.defect
        elif text == self.text_of(step.in_force).strip():
            status, reason = AttemptStatus.REPEATED, "the text is in force"
        else:
            try:
                with_block(self.prompt, self.library, text)
            except InvalidVariant as error:
                status, reason = AttemptStatus.REJECTED, str(error)
        return StoredProposal(
            text=ORIGINAL if text == self.block.strip() else text,
            status=status,
            reason=reason,
            diagnosis=made.diagnosis,
            changes=made.changes,
            expected_effect=made.expected_effect,
        )


def _after_trial(last: InstructionStep, step: InstructionStep) -> InstructionStep:
    """Return the step with the verdict on a text that was in force for its first window."""
    score, before = _score_of(step.scores), _shadow_of(step.scores)
    before = last.previous_score if before is None else before
    if score is None:
        return step.model_copy(update={name: getattr(last, name) for name in TRIAL})
    worse = before is not None and score < before
    status = AttemptStatus.ROLLED_BACK if worse else AttemptStatus.ADOPTED
    verdict = TextVerdict(text=last.in_force, status=status)
    return step.model_copy(update={"verdicts": (verdict,), "in_force": last.previous if worse else last.in_force})


def _after_shadow(last: InstructionStep, step: InstructionStep) -> InstructionStep:
    """Return the step with the text that was in shadow in force on trial, unless it was worse or has not answered."""
    own, shadow, text = _score_of(step.scores), _shadow_of(step.scores), last.in_shadow or ORIGINAL
    if shadow is None or own is None or shadow < own:
        status = AttemptStatus.NOT_BETTER if shadow is None or own is None else AttemptStatus.ROLLED_BACK
        return step.model_copy(update={"verdicts": (TextVerdict(text=text, status=status),)})
    return _put(step, text).model_copy(update={"in_shadow": step.in_force})


def _put(step: InstructionStep, text: str) -> InstructionStep:
    """Return the step with a text in force, on trial against the one that it replaces."""
    trial = {"previous": step.in_force, "previous_score": _score_of(step.scores)}
    return step.model_copy(update={"in_force": text, "version": step.version + 1, **trial})


def _score_of(scores: Sequence[WindowScore]) -> float | None:
    return next((each.score for each in scores if not each.shadow), None)


def _shadow_of(scores: Sequence[WindowScore]) -> float | None:
    return next((each.score for each in scores if each.shadow), None)
