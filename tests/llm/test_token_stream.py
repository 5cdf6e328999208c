"""Streamed answers are passed on as whole words without secrets, however they are cut into pieces."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from openoutcry.llm.token_stream import WordStream

SECRET = "sk-0123456789"
TEXT = f'{{"summary": "the key is {SECRET} and\n{SECRET}, end", "stance": "bullish" }} '


@given(st.lists(st.integers(0, len(TEXT)), max_size=30))
def test_a_secret_is_removed_wherever_the_pieces_end(cuts):
    places, received = [0, *sorted(cuts), len(TEXT)], []
    stream = WordStream(received.append, lambda text: text.replace(SECRET, "***"))
    for start, end in pairwise(places):
        stream(TEXT[start:end])
    assert "".join(received) == TEXT.replace(SECRET, "***")


def test_a_word_without_an_end_is_not_kept_whole():
    received = []
    stream = WordStream(received.append, str)
    for _ in range(1000):
        stream("x" * 1000)
    stream(" ")
    assert len(received[0]) < 10_000
