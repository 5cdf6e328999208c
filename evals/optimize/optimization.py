"""The course of an optimization: texts are checked, scored, tried in shadow, adopted or rolled back."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...app.clock import now
from ...app.settings import Settings, home
from ...desk.learning.instructions.proposed_text import AttemptStatus, ProposedText
from ...desk.records.provenance import digest
from ...prompts.variants import InvalidVariant, write_variant
from ..trial_log import FILE_NAME, Trial, TrialLog
from .attempt import OptimizationAttempt
from .evaluation import CandidateEvaluation, CandidateEvaluator
from .request import OptimizeRequest

SOURCE = "optimize"


@dataclass(frozen=True, slots=True)
class TriedText:
    """A text that was evaluated: its folder of prompts and its result on the scoring sessions; None for no folder."""

    text: str
    folder: Path | None
    scored: CandidateEvaluation


@dataclass(slots=True)
class Optimization:
    """The state of an optimization. It is not stored: a continued run repeats its steps from stored units and calls.

    Attributes:
        attempts: the proposed texts so far, in order.
        tried: every text that was evaluated, the original first.
        incumbent: the text in use.
    """

    request: OptimizeRequest
    settings: Settings
    folder: Path
    evaluator: CandidateEvaluator
    report: Callable[["Optimization"], None]
    attempts: list[OptimizationAttempt] = field(default_factory=list)
    tried: list[TriedText] = field(default_factory=list)
    incumbent: TriedText = field(init=False)

    def begin(self) -> None:
        """Score the original text."""
        original = TriedText(self.request.block, self.request.base, self._score(self.request.base, "original"))
        self.tried, self.incumbent = [original], original

    @property
    def is_finished(self) -> bool:
        """Return whether as many texts were proposed as were asked for."""
        return len(self.attempts) >= self.request.options.proposals

    def attempt(self, proposed: ProposedText) -> OptimizationAttempt:
        """Try one text; raises what `CandidateEvaluator.evaluate` raises, and then the text is not an attempt yet."""
        number = len(self.attempts) + 1
        try:
            found = self._tried(number, proposed)
        except InvalidVariant as error:
            key = digest([self.request.prompt.id, proposed.text])
            found = OptimizationAttempt(number, proposed, AttemptStatus.REJECTED, key, reason=str(error))
            self._record(Trial(self.request.trial_window, key, self._name(number), SOURCE, None, now()))
        self.attempts.append(found)
        self.report(self)
        return found

    def _tried(self, number: int, proposed: ProposedText) -> OptimizationAttempt:
        if proposed.defect:
            raise InvalidVariant(proposed.defect)
        request, text = self.request, proposed.text.replace("\r\n", "\n").strip()
        folder = self.folder / "candidates" / digest([request.prompt.id, text])
        prompt = write_variant(folder, request.prompt, request.library, text, request.base)
        if any(each.text == text for each in self.tried):
            return OptimizationAttempt(number, proposed, AttemptStatus.REPEATED, prompt.hash)
        fresh = TriedText(text, folder, self._score(folder, self._name(number)))
        incumbent = self.incumbent
        scores = (fresh.scored.score, incumbent.scored.score)
        found = OptimizationAttempt(number, proposed, AttemptStatus.NOT_BETTER, prompt.hash, "", *scores)
        if scores[0] > scores[1]:
            found = self._in_shadow(found, fresh)
        self.tried.append(fresh)
        return found

    def _in_shadow(self, found: OptimizationAttempt, fresh: TriedText) -> OptimizationAttempt:
        """Evaluate a better text and the incumbent on the shadow sessions; adopt the text unless it is worse there."""
        part = self.request.shadow
        own, before = (self.evaluator.evaluate(each.folder, part).score for each in (fresh, self.incumbent))
        adopted = own >= before
        if adopted:
            self.incumbent = fresh
        status = AttemptStatus.ADOPTED if adopted else AttemptStatus.ROLLED_BACK
        return replace(found, status=status, shadow_score=own, incumbent_shadow_score=before)

    def _score(self, folder: Path | None, name: str) -> CandidateEvaluation:
        scored = self.evaluator.evaluate(folder, self.request.scoring)
        self._record(Trial(self.request.trial_window, scored.content, name, SOURCE, scored.sharpe, now()))
        return scored

    def _name(self, number: int) -> str:
        return f"{self.request.options.method} {number}"

    def _record(self, trial: Trial) -> None:
        with closing(TrialLog(home(self.settings) / FILE_NAME)) as log:
            log.record(trial)
