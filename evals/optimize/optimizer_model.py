"""The model that proposes texts: one stored call for each proposal, inside the budget of the optimization."""

import asyncio
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from ...app.factories import choose_model, open_model
from ...app.model_access import ModelAccess
from ...app.settings import Settings
from ...desk.records.backtest_store import BacktestStore
from ...domain.abstention import Abstention, AbstentionCause
from ...domain.errors import BudgetExceeded, ConfigError, ModelUnavailable
from ...domain.ids import RunId
from ...domain.outputs import StructuredOutput
from ...llm.budget import Budget, BudgetCaps
from ...llm.port import CallLog, ModelRequest, Tier
from ...llm.pricing import price_table
from ...llm.transports.budget import CallBudget
from ...llm.usage import spent_in
from ...prompts.library import load_prompts

A = TypeVar("A", bound=StructuredOutput)


class OptimizerModel:
    """Asks the deep model of the arm; a call that was made before an interruption is answered from the store."""

    def __init__(self, settings: Settings, folder: Path, budget: Budget) -> None:
        """Create a model with the settings of the arm, whose calls are stored in `folder`."""
        self._settings, self._folder, self._budget = settings, folder, budget.child("optimizer")
        self._prompts = load_prompts()
        self._access: ModelAccess | None = None

    def ask(self, prompt_id: str, inputs: Mapping[str, str], answer: type[A], number: int) -> A | Abstention:
        """Return the answer for proposal `number`, or an abstention if two answers were invalid.

        Raises BudgetExceeded and ModelUnavailable.
        """
        rendered = self._prompts.get(prompt_id).render(inputs)
        request = ModelRequest(prompt_id, Tier.DEEP, rendered.system, rendered.user, answer, sample=number)
        self._folder.mkdir(parents=True, exist_ok=True)
        with closing(BacktestStore(self._folder)) as store:
            said = asyncio.run(self._generate(store, request))
        if isinstance(said, Abstention):
            if said.cause is AbstentionCause.BUDGET:
                raise BudgetExceeded(said.reason)
            if said.cause is AbstentionCause.MODEL:
                raise ModelUnavailable(f"{said.reason}; the same command continues the optimization")
        return said

    async def _generate(self, store: BacktestStore, request: ModelRequest[A]) -> A | Abstention:
        calls, settings = store.call_log(RunId("optimizer")), self._settings
        model = open_model(settings, choose_model(settings), calls, self._opened(calls))
        if model is None:
            raise ConfigError("the optimizer has no model")
        async with model:
            return await model.generate(request)

    def _opened(self, calls: CallLog) -> ModelAccess:
        """Return the access; at first, book what the stored calls have spent."""
        if self._access is None:
            prices, caps = price_table(self._settings.prices), self._settings.budgets.call
            self._budget.book(spent_in(calls.calls(), prices))
            each = BudgetCaps(caps.max_calls, caps.max_tokens, caps.max_cost_usd)
            self._access = ModelAccess(CallBudget(self._budget, prices, each))
        return self._access
