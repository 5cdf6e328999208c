"""The length of an answer under a budget in tokens or money: as many tokens as are reserved for it."""

from dataclasses import replace

from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import Completion
from .budget import CallBudget


class AnswerLimitTransport(WrappingTransport):
    """Limits each answer to the tokens that its reservation counts, if a cap in tokens or USD applies.

    Without a limit an answer can cost more than was reserved, and exceed the cap. A request with a limit of its own
    keeps it. Answers are streamed, and cut off at the limit if the endpoint ignores it or accepts none. The limit is
    not part of the key of a call. An endpoint that accepts no limit is named in the notes.
    """

    def __init__(self, inner: ChatTransport, budget: CallBudget) -> None:
        super().__init__(inner)
        self._budget = budget

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of the limited request; raises as the inner transport does."""
        if self._budget.limits_answers:
            limit = request.presumed_tokens.completion
            request = replace(request, parameters=replace(request.parameters, max_tokens=limit), bounded=True)
        return await self._inner.complete(request)
