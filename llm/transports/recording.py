"""Recording of completions as they are made."""

from ...domain.errors import ModelError
from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import Completion
from ..recorded_reply import completion_from_json, completion_to_json, error_to_json
from ..recording import EntryKind, RecordedCall, recorded_picture
from ..replay import Recorder


class RecordingTransport(WrappingTransport):
    """Records every completion of the inner transport, and every failed call, before it is returned or raised.

    The pictures that were sent are recorded beside it.

    If the recorder reuses recorded replies, a request with one is not sent.
    """

    def __init__(self, inner: ChatTransport, recorder: Recorder) -> None:
        super().__init__(inner)
        self._recorder = recorder

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request`; raises as the inner transport does."""
        key = request.key
        if (known := self._recorder.find(EntryKind.CHAT, key)) is not None:
            return completion_from_json(known)
        try:
            completion = await self._inner.complete(request)
        except ModelError as error:
            self._save(request, key, error_to_json(error))
            raise
        self._save(request, key, completion_to_json(completion))
        return completion

    def _save(self, request: ChatRequest, key: str, reply: str) -> None:
        pictures = [recorded_picture(each) for each in request.pictures if each.sha256 in reply]
        self._recorder.save([*pictures, RecordedCall(EntryKind.CHAT, key, request.canonical(), reply)])
