"""GEPA: reflective mutation of texts on a Pareto front of accounts, through the package `gepa` (extra)."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ...desk.learning.instructions.proposed_text import AttemptStatus, proposed
from ...desk.learning.instructions.score import MOST
from ...domain.errors import ConfigError
from ...domain.learning_outputs import PromptProposal
from ...prompts.variants import required_names
from .evaluation import AccountEvaluation
from .feedback import account_feedback
from .optimization import Optimization
from .optimizer_model import OptimizerModel

COMPONENT = "instructions"


def check_gepa() -> None:
    """Raise ConfigError if the package `gepa` is not installed."""
    if find_spec("gepa") is None:
        raise ConfigError("--method gepa needs the extra gepa; install it with: pip install 'openoutcry[gepa]'")


class GepaSearch:
    """Implements `TextSearch` with the engine of `gepa`, which chooses the text that is changed and its accounts.

    An instance is one account of the scoring sessions, its score that of the account. Each proposal is also an attempt
    of the optimization, so that shadow evaluation and rollback apply.
    """

    def run(self, optimization: Optimization, model: OptimizerModel) -> None:
        """Propose until the optimization is finished."""
        gepa: Any = import_module("gepa")
        accounts = list(range(len(optimization.tried[0].scored.accounts)))
        gepa.optimize(
            seed_candidate={COMPONENT: optimization.request.block},
            trainset=accounts,
            valset=accounts,
            adapter=_AccountAdapter(optimization, model),
            reflection_minibatch_size=min(3, len(accounts)),
            perfect_score=MOST,
            skip_perfect_score=False,
            stop_callbacks=lambda _state: optimization.is_finished,
            logger=_NoLogger(),
            seed=0,
            raise_on_exception=True,
        )


class _NoLogger:
    """Implements the logger of `gepa`; the optimization reports its attempts itself."""

    def log(self, message: str) -> None:
        """Discard a message."""


class _AccountAdapter:
    """Implements the adapter of `gepa`. Instances are numbers of accounts, trajectories their evaluations."""

    def __init__(self, optimization: Optimization, model: OptimizerModel) -> None:
        self._optimization, self._model = optimization, model
        self._batch = import_module("gepa.core.adapter").EvaluationBatch

    def evaluate(self, batch: Sequence[int], candidate: Mapping[str, str], capture_traces: bool = False) -> Any:
        """Return the scores of a text that was tried before."""
        text = candidate[COMPONENT]
        tried = next(each for each in self._optimization.tried if each.text == text)
        accounts = [tried.scored.accounts[number] for number in batch]
        scores = [account.score for account in accounts]
        return self._batch(outputs=accounts, scores=scores, trajectories=accounts if capture_traces else None)

    def make_reflective_dataset(
        self, candidate: Mapping[str, str], eval_batch: Any, components_to_update: Sequence[str]
    ) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Return the feedback on each account of a batch."""
        evaluated: Sequence[AccountEvaluation] = eval_batch.trajectories
        records = [{"Feedback": account_feedback(account)} for account in evaluated]
        return dict.fromkeys(components_to_update, records)

    def propose_new_texts(
        self,
        candidate: Mapping[str, str],
        reflective_dataset: Mapping[str, Sequence[Mapping[str, str]]],
        components_to_update: Sequence[str],
    ) -> dict[str, str]:
        """Ask the model for a text, and try it; a text that was not evaluated is answered with the parent's."""
        parent, records = candidate[COMPONENT], reflective_dataset[COMPONENT]
        request, number = self._optimization.request, len(self._optimization.attempts) + 1
        inputs = {
            "prompt": request.prompt.id,
            "names": ", ".join(f"`{name}`" for name in required_names(request.block)) or "none",
            "parent": parent,
            "feedback": "\n\n".join(record["Feedback"] for record in records),
        }
        text = proposed(self._model.ask("prompt_mutator", inputs, PromptProposal, number))
        found = self._optimization.attempt(text)
        if found.status in {AttemptStatus.REJECTED, AttemptStatus.REPEATED}:
            return {COMPONENT: parent}
        return {COMPONENT: self._optimization.tried[-1].text}
