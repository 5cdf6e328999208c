"""`openoutcry eval optimize`: propose texts for a prompt, try them, and judge the best once."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from rich.console import Console

from ...app.settings import load_settings
from ...desk.learning.instructions.proposed_text import AttemptStatus
from ...domain.errors import ConfigError
from ...evals.experiment_file import load_experiment
from ...evals.optimize.attempt import OptimizationAttempt
from ...evals.optimize.optimization import TriedText
from ...evals.optimize.optimization_service import (
    OptimizationInterrupted,
    OptimizationResult,
    OptimizationService,
    OptimizationState,
)
from ...evals.optimize.request import OptimizeMethod, OptimizeOptions, OptimizeRequest
from ...evals.outputs import comparison_section
from ...evals.view import view_of
from ...llm.budget import BudgetCaps
from ..console.exit_codes import ExitCode
from ..console.experiment import print_comparison
from ..console.experiment_progress import ExperimentProgressDisplay
from ..console.tables import print_line, print_notice, print_table, write_json, write_text
from .prompts import difference_text

SCHEMA = "openoutcry.optimization-result/1"


@dataclass(frozen=True, slots=True)
class EvalOptimizeOptions:
    """The arguments of `eval optimize` as given."""

    experiment: str
    method: str
    arm: str | None
    prompt: str | None
    proposals: int
    max_calls: int | None
    max_cost_usd: str | None
    workers: int
    output: Path | None
    as_json: bool


class OptimizationProgressDisplay(ExperimentProgressDisplay):
    """An OptimizationObserver that prints to a console."""

    def tuning(self, request: OptimizeRequest) -> None:
        """Print what is optimized, on which sessions."""
        self._print(
            f"optimization {request.id}: prompt {request.prompt.id} of arm {request.arm.name}, scored on "
            f"{request.scoring.first} to {request.scoring.last}, shadow {request.shadow.first} to {request.shadow.last}"
        )

    def attempted(self, attempt: OptimizationAttempt, incumbent: TriedText) -> None:
        """Print the result of a proposal."""
        score = "" if attempt.score is None else f", tuning score {attempt.score:.1f}"
        reason = f": {attempt.reason}" if attempt.reason else ""
        self._print(f"proposal {attempt.number} {_said(attempt.status)}{score}{reason}")


def optimize_command(options: EvalOptimizeOptions, flags: Mapping[str, object]) -> ExitCode:
    """Optimize a prompt, print the result and return the exit code."""
    settings, file = load_settings(flags), load_experiment(options.experiment)
    with OptimizationProgressDisplay(Console(stderr=True)) as display:
        service = OptimizationService(settings, display, output=options.output)
        try:
            result = service.run(file, _options(options))
        except OptimizationInterrupted as stopped:
            sys.stderr.write(f"\ninterrupted: the same command continues {stopped.optimization_id}\n")
            return ExitCode.INTERRUPTED
    if options.as_json:
        write_json(_document(result))
    else:
        _print_result(result)
    return ExitCode.DONE


def _options(given: EvalOptimizeOptions) -> OptimizeOptions:
    return OptimizeOptions(
        method=OptimizeMethod(given.method),
        arm=given.arm,
        prompt=given.prompt,
        proposals=given.proposals,
        caps=BudgetCaps(max_calls=given.max_calls, max_cost_usd=_usd(given.max_cost_usd)),
        workers=given.workers,
    )


def _usd(text: str | None) -> Decimal | None:
    try:
        amount = None if text is None else Decimal(text)
    except InvalidOperation as error:
        raise ConfigError(f"--max-cost-usd {text!r} is not an amount such as 2.50") from error
    if amount is not None and not (amount.is_finite() and amount > 0):
        raise ConfigError(f"--max-cost-usd {text}: give an amount above 0")
    return amount


def _print_result(result: OptimizationResult) -> None:
    rows = [
        (
            each.number,
            _said(each.status),
            _number(each.score),
            _number(each.incumbent_score),
            _number(each.shadow_score),
        )
        for each in result.attempts
    ]
    title = "Proposals, with scores on the tuning window (no evidence for other days)"
    if rows:
        print_table(("proposal", "result", "score", "incumbent", "shadow"), rows, title=title)
    for each in result.attempts:
        if each.reason:
            print_line(f"proposal {each.number}: {each.reason}")
    if result.winner is not None:
        write_text(difference_text(result.differences, "original", "optimized") + "\n")
        print_notice(f"the optimized prompts are stored in {result.winner}")
    if result.judged is not None:
        print_comparison(view_of(result.judged))
        print_notice(f"openoutcry eval show {result.judged.run.facts.run_id} shows every figure of the judgement")
    if result.budget_error:
        print_line(f"budget ended: {result.budget_error}")
    elif result.state is OptimizationState.NOTHING_ADOPTED:
        print_line("no proposal was adopted; the window of the experiment was not used")


def _document(result: OptimizationResult) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "id": result.request.id,
        "state": str(result.state),
        "folder": str(result.folder),
        "original_score": result.original_score,
        "proposals": [asdict(each) for each in result.attempts],
        "winner": None if result.winner is None else str(result.winner),
        "differences": [asdict(each) for each in result.differences],
        "judgement": None if result.judged is None else comparison_section(result.judged),
        "budget_error": result.budget_error or None,
    }


def _said(status: AttemptStatus) -> str:
    return str(status).replace("_", " ")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
