"""Replay of recorded completions, without a network."""

from ..chat import ChatRequest
from ..completion import Completion
from ..recorded_reply import completion_from_json
from ..recording import EntryKind
from ..replay import Player


class ReplayTransport:
    """Completes requests from a recording. It opens no connection."""

    def __init__(self, player: Player) -> None:
        self._player = player

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the recorded completion of `request`; raises ReplayMismatch if it was not recorded."""
        completion = completion_from_json(self._player.reply(EntryKind.CHAT, request.key, request.canonical()))
        if request.observer is not None:
            request.observer(completion.message.content)
        return completion

    async def open(self) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""
