"""Recording and replay of embeddings, text by text."""

import hashlib
import json
from collections.abc import Sequence

import numpy as np

from ..recorded_reply import vector_from_json, vector_to_json
from ..recording import EntryKind, RecordedCall
from ..replay import Player, Recorder
from .port import Embedder, Vectors, prepare_vectors


class RecordingEmbedder:
    """Records the vector of every text that the inner embedder converts."""

    def __init__(self, inner: Embedder, recorder: Recorder) -> None:
        self._inner, self._recorder = inner, recorder

    @property
    def name(self) -> str:
        return self._inner.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row per text; raises as the inner embedder does."""
        requests = [_request(self.name, text) for text in texts]
        known = [self._recorder.find(EntryKind.EMBEDDING, _key(request)) for request in requests]
        if texts and all(reply is not None for reply in known):
            return np.array([vector_from_json(reply) for reply in known if reply is not None], np.float32)
        vectors = self._inner.embed(texts)
        replies = [vector_to_json(vector) for vector in vectors]
        pairs = zip(requests, replies, strict=True)
        self._recorder.save(
            [RecordedCall(EntryKind.EMBEDDING, _key(request), request, reply) for request, reply in pairs]
        )
        return vectors

    async def prepare(self, texts: Sequence[str]) -> None:
        """Prepare the vectors of texts without a recording; `embed` records them."""
        keys = {text: _key(_request(self.name, text)) for text in texts}
        await prepare_vectors(
            self._inner, [text for text, key in keys.items() if self._recorder.find(EntryKind.EMBEDDING, key) is None]
        )


class ReplayEmbedder:
    """Returns recorded vectors of the embedder called `name`."""

    def __init__(self, name: str, player: Player) -> None:
        self._name, self._player = name, player

    @property
    def name(self) -> str:
        return self._name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row per text; raises ReplayMismatch if a text was not recorded."""
        requests = [_request(self._name, text) for text in texts]
        replies = [self._player.reply(EntryKind.EMBEDDING, _key(request), request) for request in requests]
        return np.array([vector_from_json(reply) for reply in replies], np.float32).reshape(len(texts), -1)


def _request(embedder: str, text: str) -> str:
    return json.dumps({"embedder": embedder, "text": text}, sort_keys=True, separators=(",", ":"))


def _call(request: str, reply: str) -> RecordedCall:
    return RecordedCall(EntryKind.EMBEDDING, _key(request), request, reply)


def _key(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()
