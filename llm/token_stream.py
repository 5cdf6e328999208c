"""Pieces of a streamed answer as whole words, without secrets."""

from collections.abc import Callable

LONGEST_WORD = 4000
"""Characters of a word that are kept while it is not complete; the beginning of a longer one is left out."""


class WordStream:
    """Passes on the complete words of a streamed answer, after secrets were removed from them.

    A secret contains no blank, so it is never split between two texts. The last word of an answer is not passed on.

    Args:
        receive: receives the words, with the blanks around them.
        scrub: removes secrets from a text.
    """

    def __init__(self, receive: Callable[[str], None], scrub: Callable[[str], str]) -> None:
        self._receive, self._scrub, self._pending = receive, scrub, ""

    def __call__(self, piece: str) -> None:
        """Add the next piece of the answer."""
        text = self._pending + piece
        end = max(text.rfind(" "), text.rfind("\n")) + 1
        self._pending = text[end:][-LONGEST_WORD:]
        if end:
            self._receive(self._scrub(text[:end]))
