"""Removal of secrets from texts, in every form in which a reply may hold them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..domain.text import INVISIBLE, clean_text
from .secret_forms import REDACTED, SHORTEST_SECRET, redact_text

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
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)
        forms = sorted(_GAP.join(_character(each) for each in secret) for secret in self._secrets)
        self._interrupted = re.compile("|".join(forms)) if forms else None

    def text(self, text: str) -> str:
        """Return `text` without the secrets."""
        if self._interrupted is None:
            return text
        return redact_text(self._interrupted.sub(REDACTED, text), self._secrets)

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


def _character(character: str) -> str:
    """Return a pattern for one ASCII character: as it is, or escaped in JSON, a URL or HTML."""
    code = f"{ord(character):02x}"
    plain, entity = rf"\\{{0,4}}{re.escape(character)}", rf"&#(?:{ord(character)}|x(?i:{code}));"
    return rf"(?:{plain}|\\{{1,4}}u00(?i:{code})|%(?i:{code})|{entity})"
