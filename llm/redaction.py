"""Removal of secrets from texts, in every form in which a reply may hold them."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ..domain.text import INVISIBLE, clean_text

REDACTED = "***"
SHORTEST_SECRET = 8
"""Characters; shorter keys are placeholders for local servers, such as `ollama`, and may be words of a prompt."""

_SHORTEST_ENCODED = 8
_ESCAPED = r"\\u(?i:000[0-8bcef]|001\w|007f|008\w|009\w|061c|200[bef]|202[a-e]|206\w|feff|fff[9ab]|db40\\udc[0-7]\w)"
_INVISIBLE_ESCAPE = re.compile(rf"(?<!\\)(?P<before>(?:\\\\)*){_ESCAPED}")
_GAP = rf"(?:[{INVISIBLE}]|{_ESCAPED})*"
"""Invisible characters, as they are or as JSON escapes, which would vanish later and leave the secret whole."""


class Redactor:
    """Replaces secrets by `***`: plain, percent-encoded, with JSON or HTML escapes, in hexadecimal and in base64.

    Args:
        secrets: shorter ones than SHORTEST_SECRET are left alone.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        known = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
        forms = sorted({form for secret in known for form in _patterns(secret)}, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(forms)) if forms else None

    def text(self, text: str) -> str:
        """Return `text` without the secrets."""
        return text if self._pattern is None else self._pattern.sub(REDACTED, text)

    def reply_text(self, text: str) -> str:
        """Return a text of an endpoint without the secrets and without invisible characters, escaped ones included."""
        return _INVISIBLE_ESCAPE.sub(r"\g<before>", clean_text(self.text(text)))

    def value(self, value: Any) -> Any:
        """Return a JSON value with `text` applied to every text and name in it."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.value(name): self.value(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        return value


def _patterns(secret: str) -> Iterator[str]:
    """Yield regular expressions for the forms of a secret."""
    raw = secret.encode()
    yield _GAP.join(_character(each) for each in secret)
    yield f"(?i:{raw.hex()})"
    percent = {quote(secret, safe=""), quote(secret)}
    yield from (re.escape(form) for form in percent)
    for shift in range(3):
        yield from {_encoded(raw, shift), _encoded(raw, shift).replace(r"\+", "-").replace("/", "_")}


def _character(character: str) -> str:
    """Return a pattern for one ASCII character: as it is, or escaped in JSON, a URL or HTML."""
    code = f"{ord(character):02x}"
    plain, entity = rf"\\{{0,4}}{re.escape(character)}", rf"&#(?:{ord(character)}|x(?i:{code}));"
    return rf"(?:{plain}|\\{{1,4}}u00(?i:{code})|%(?i:{code})|{entity})"


def _encoded(raw: bytes, shift: int) -> str:
    """Return a pattern for the base64 of a text that holds `raw` at an offset of `shift` bytes, modulo 3.

    The characters that the neighbors of `raw` determine are left out.
    """
    whole = b64encode(b"\0" * shift + raw).decode().rstrip("=")
    start = (0, 2, 3)[shift]
    inner = whole[start : len(whole) - (1 if (shift + len(raw)) % 3 else 0)]
    return re.escape(inner).replace("/", r"\\{0,2}/") if len(inner) >= _SHORTEST_ENCODED else re.escape(whole)
