"""Optimization of a prompt: propose and try texts on the tuning window, store the best, judge it once."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from ...app.clock import now
from ...app.settings import Settings, home
from ...desk.learning.instructions.proposed_text import AttemptStatus
from ...desk.records.run_lease import RunLease
from ...domain.errors import BudgetExceeded, ConfigError, ModelUnavailable
from ...llm.budget import Budget, Spending
from ...prompts.difference import PromptDifference, compare_prompts
from ...prompts.library import load_prompts
from ..experiment import Period
from ..experiment_file import ExperimentFile
from ..experiment_service import ExperimentObserver, ExperimentService, RunnerKind
from ..plan import plan_experiment
from ..result import ExperimentResult, RunState
from ..run_folder import runs_folder, write_whole
from ..trials import market_name
from ..tuned_prompts import FILE_NAME as TUNED
from ..tuned_prompts import TunedPrompts, tuned_prompts
from .attempt import OptimizationAttempt
from .derived import judgement_file, remaining
from .document import DOCUMENT, document_text
from .evaluation import CandidateEvaluator
from .gepa_search import GepaSearch, check_gepa
from .judgement import StoredJudgement, check_continuable, check_untouched, find_judgement, save_judgement
from .optimization import Optimization, TriedText
from .optimizer_model import OptimizerModel
from .request import OptimizeMethod, OptimizeOptions, OptimizeRequest, check_optimization
from .searches import OproSearch, ReflectionSearch, TextSearch

WINNER = "winner"
LEAST_CALL = Spending(calls=1)
SEARCHES: Mapping[OptimizeMethod, type[TextSearch]] = {
    OptimizeMethod.OPRO: OproSearch,
    OptimizeMethod.REFLECTION: ReflectionSearch,
    OptimizeMethod.GEPA: GepaSearch,
}


class OptimizationState(StrEnum):
    """How far an optimization has come."""

    JUDGED = "judged"
    NOTHING_ADOPTED = "nothing_adopted"
    """No text was adopted; the window stays untouched."""

    BUDGET_ENDED = "budget_ended"
    """The budget ended before the last proposal or in the judgement; with a larger one the same command continues."""


class OptimizationInterrupted(KeyboardInterrupt):
    """The user interrupted an optimization that the same command continues: `optimization_id`."""

    def __init__(self, optimization_id: str) -> None:
        super().__init__(optimization_id)
        self.optimization_id = optimization_id


class OptimizationObserver(ExperimentObserver, Protocol):
    """Receives the events of an optimization and of its judgement."""

    def tuning(self, request: OptimizeRequest) -> None:
        """Receive the checked request before the first model call."""

    def attempted(self, attempt: OptimizationAttempt, incumbent: TriedText) -> None:
        """Receive a proposed text with its result, and the text that is in use after it."""


@dataclass(frozen=True, slots=True)
class OptimizationResult:
    """The result of an optimization; tuning scores are no evidence, `judged` is.

    Attributes:
        folder: the folder of the optimization.
        original_score: of the original text on the scoring sessions; None if it was not scored.
        winner: the folder of prompts with the best text; None if none was adopted.
        differences: of the winner's prompts from those of the arm.
        judged: the comparison of optimized and original prompt on the untouched window; None without one.
        budget_error: the sentence that names the budget that ended; empty if none did.
    """

    request: OptimizeRequest
    folder: Path
    state: OptimizationState
    attempts: tuple[OptimizationAttempt, ...]
    original_score: float | None
    winner: Path | None
    differences: tuple[PromptDifference, ...]
    judged: ExperimentResult | None
    budget_error: str


class OptimizationService:
    """Optimizes prompts with one set of settings."""

    def __init__(self, settings: Settings, observer: OptimizationObserver, *, output: Path | None = None) -> None:
        """Create a service; `output` is the folder of all runs, in which optimizations have a folder of their own."""
        self._settings, self._observer = settings, observer
        self._runs = runs_folder(settings, output).absolute()
        self._folder = self._runs.parent / f"{self._runs.name}-optimized"

    def run(self, file: ExperimentFile, options: OptimizeOptions) -> OptimizationResult:
        """Optimize, or continue; finished units and model calls are used again.

        Raises ConfigError, StoreLocked while another process runs it, ModelUnavailable, OptimizationInterrupted, bugs.
        """
        if options.method is OptimizeMethod.GEPA:
            check_gepa()
        request = check_optimization(file, options, self._settings, self._folder)
        folder = self._folder / request.id
        check_untouched(request, folder)
        check_continuable(find_judgement(folder), options.proposals)
        with RunLease(home(self._settings) / "leases", request.id, what="optimization").held():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                return self._optimized(request, folder)
            except KeyboardInterrupt as stop:
                raise OptimizationInterrupted(request.id) from stop

    def _optimized(self, request: OptimizeRequest, folder: Path) -> OptimizationResult:
        budget = Budget("optimization", request.options.caps)
        evaluator = CandidateEvaluator(request, self._settings, folder, budget)
        course = Optimization(request, self._settings, folder, evaluator, self._report)
        self._observer.tuning(request)
        error = self._search(course, OptimizerModel(request.arm.settings, folder, budget))
        winner = self._store_winner(course)
        judged = None
        if not error and winner is not None:
            judged, error = self._judged(course, winner, budget)
        result = _result(course, winner, judged, error)
        write_whole(folder / DOCUMENT, document_text(course))
        return result

    def _search(self, course: Optimization, model: OptimizerModel) -> str:
        """Run the search; return the error of a budget that ended it, or an empty text."""
        try:
            course.begin()
            SEARCHES[course.request.options.method]().run(course, model)
        except BudgetExceeded as ended:
            return str(ended)
        return ""

    def _report(self, course: Optimization) -> None:
        write_whole(course.folder / DOCUMENT, document_text(course))
        self._observer.attempted(course.attempts[-1], course.incumbent)

    def _store_winner(self, course: Optimization) -> Path | None:
        """Write the folder of prompts with the text in use and the windows that it was tuned on."""
        request = course.request
        if not any(each.status is AttemptStatus.ADOPTED for each in course.attempts):
            return None
        found, folder = course.incumbent.folder, course.folder / WINNER
        if found is None:
            raise ValueError("an adopted text has no folder")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(found, folder)
        before = tuned_prompts(request.base)
        window = Period(first=request.scoring.first, last=request.shadow.last)
        tuned = TunedPrompts(
            optimization=request.id,
            market=market_name(request.file.experiment),
            windows=(*(before.windows if before is not None else ()), window),
        )
        write_whole(folder / TUNED, tuned.model_dump_json(indent=1) + "\n")
        return folder

    def _judged(self, course: Optimization, winner: Path, budget: Budget) -> tuple[ExperimentResult | None, str]:
        """Compare winner and original on the untouched window; also return the error of a budget that ended."""
        request = course.request
        try:
            budget.reserve(LEAST_CALL).release()
        except BudgetExceeded as ended:
            return None, str(ended)
        file = judgement_file(request.file, request.arm, winner, remaining(budget))
        begun = self._begun(course, plan_experiment(file, self._settings, self._runs).run_id)
        result = ExperimentService(self._settings, self._observer, output=self._runs).run(
            file, RunnerKind.LOCAL, request.options.workers
        )
        finished = result.state in {RunState.COMPLETE, RunState.UNITS_FAILED}
        if not finished and result.failures:
            raise ModelUnavailable(f"{result.failures[0][1]}; the same command continues the judgement")
        save_judgement(course.folder, begun.model_copy(update={"ended": finished}))
        return result, "" if finished else "the budget ended in the judgement; raise it and run the same command"

    def _begun(self, course: Optimization, run_id: str) -> StoredJudgement:
        """Store that the window is used, before it is; raises ConfigError if another text was judged on it."""
        request, window = course.request, course.request.file.experiment.window
        prompt_hash = load_prompts(course.incumbent.folder).get(request.prompt.id).hash
        known = find_judgement(course.folder)
        if known is not None and known.prompt_hash != prompt_hash:
            raise ConfigError(
                f"{request.id} was judged with another text on {known.window.first} to {known.window.last}; choose a "
                "later window"
            )
        begun = known or StoredJudgement(
            optimization=request.id,
            method=request.options.method,
            market=market_name(request.file.experiment),
            window=Period(first=window.first, last=window.last),
            proposals=len(course.attempts),
            prompt_hash=prompt_hash,
            begun_at=now(),
            run_id=run_id,
        )
        save_judgement(course.folder, begun)
        return begun


def _result(
    course: Optimization, winner: Path | None, judged: ExperimentResult | None, error: str
) -> OptimizationResult:
    state = OptimizationState.JUDGED if judged is not None else OptimizationState.NOTHING_ADOPTED
    before = load_prompts(course.request.base)
    return OptimizationResult(
        request=course.request,
        folder=course.folder,
        state=OptimizationState.BUDGET_ENDED if error else state,
        attempts=tuple(course.attempts),
        original_score=course.tried[0].scored.score if course.tried else None,
        winner=winner,
        differences=() if winner is None else compare_prompts(before, load_prompts(winner)),
        judged=judged,
        budget_error=error,
    )
