"""Events at the start, first token and end of a call."""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

from ...domain.errors import ModelError
from ..chat import ChatRequest, ChatTransport, TokenObserver, WrappingTransport
from ..completion import Completion
from ..events import CallFailed, CallFinished, CallObserver, CallStarted, FirstToken


class TracedTransport(WrappingTransport):
    """Sends one event when a request starts, one at the first streamed token, and one when it ends."""

    def __init__(self, inner: ChatTransport, events: CallObserver, timer: Callable[[], float] = perf_counter) -> None:
        super().__init__(inner)
        self._events, self._timer = events, timer

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request`; raises as the inner transport does."""
        key, began = request.key, self._timer()
        self._events(CallStarted(request.role, key, request.model))
        try:
            completion = await self._inner.complete(self._watched(request, key, began))
        except ModelError as error:
            seconds = self._timer() - began
            self._events(CallFailed(request.role, key, request.model, type(error).__name__, str(error), seconds))
            raise
        self._events(_finished(request, key, completion, self._timer() - began))
        return completion

    def _watched(self, request: ChatRequest, key: str, began: float) -> ChatRequest:
        """Return the request with an observer that reports the first token, if the answer is streamed."""
        if request.observer is None:
            return request
        receive, seen = request.observer, list[str]()

        def observe(piece: str) -> None:
            if not seen:
                seen.append(piece)
                self._events(FirstToken(request.role, key, self._timer() - began))
            receive(piece)

        observer: TokenObserver = observe
        return replace(request, observer=observer)


def _finished(request: ChatRequest, key: str, completion: Completion, seconds: float) -> CallFinished:
    served, tokens = completion.served, completion.tokens + completion.lost
    return CallFinished(
        role=request.role,
        key=key,
        model=served.model or request.model,
        endpoint=served.endpoint,
        reported_model=served.reported_model,
        attempts=served.attempts,
        finish_reason=completion.message.finish,
        prompt_tokens=tokens.prompt,
        cached_tokens=tokens.cached,
        completion_tokens=tokens.completion,
        estimated=tokens.estimated,
        seconds=seconds,
    )
