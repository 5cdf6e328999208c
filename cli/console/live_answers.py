"""The answers that are arriving: the end of each, to be shown while a decision is made."""

from threading import Lock

from rich.text import Text

from ...domain.text import strip_control

SHOWN_CHARACTERS = 200
CHARACTERS_PER_TOKEN = 4


class LiveAnswers:
    """Keeps the end of the answer of each role. The texts are written by models: sanitized, of bounded length.

    Thread-safe: answers arrive on the thread of the decision, and are drawn on the thread of the display.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._ends: dict[str, str] = {}
        self._characters: dict[str, int] = {}

    def add(self, role: str, piece: str) -> bool:
        """Add the next piece of a role's answer; return whether it is the first one."""
        shown = " ".join(strip_control(piece[-SHOWN_CHARACTERS:]).split("\n"))
        with self._lock:
            first = role not in self._ends
            self._ends[role] = (self._ends.get(role, "") + shown)[-SHOWN_CHARACTERS:]
            self._characters[role] = self._characters.get(role, 0) + len(piece)
        return first

    def end(self, role: str) -> None:
        """Forget the answer of a role that has finished."""
        with self._lock:
            self._ends.pop(role, None)
            self._characters.pop(role, None)

    def lines(self) -> list[Text]:
        """Return a line for each role whose answer is arriving: its name, an estimate of tokens and the last words."""
        with self._lock:
            return [self._line(role, text) for role, text in self._ends.items()]

    def _line(self, role: str, text: str) -> Text:
        tokens = -(-self._characters[role] // CHARACTERS_PER_TOKEN)
        line = Text.assemble((role, "bold"), (f" ~{tokens:,} tokens ", "dim"), no_wrap=True, overflow="ellipsis")
        return line.append(" ".join(text.split())[-SHOWN_CHARACTERS // 2 :])
