"""The encodings in which a secret may occur in a text, and their removal."""

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache

REDACTED = "***"
SHORTEST_SECRET = 8
"""Characters; shorter keys are placeholders for local servers, such as `ollama`, and may occur in prompts."""

_CUT_BY_OFFSET = (0, 2, 3)
"""Base64 digits at the start that also depend on the bytes before the secret, by their number modulo 3."""
_NAMED = {"&": ("amp",), "<": ("lt",), ">": ("gt",), '"': ("quot",), "'": ("apos",)}


@lru_cache(maxsize=64)
def secret_pattern(secret: str) -> re.Pattern[str] | None:
    """Return the pattern of a secret in any encoding; None for one shorter than SHORTEST_SECRET.

    Each character may be plain, percent-encoded, escaped with backslashes, by its hexadecimal number after a backslash,
    or as an entity of HTML. The whole may be in hexadecimal, with or without separators, and in both alphabets of
    base64 at any offset within a longer text.
    """
    if len(secret) < SHORTEST_SECRET:
        return None
    raw = secret.encode()
    characters = _character(secret[0], "") + "".join(_character(sign, r"\\*") for sign in secret[1:])
    digits = "[-: ]?".join(f"(?i:{byte:02x})" for byte in raw)
    encoded = {form for offset in range(3) for form in _base64_forms(raw, offset)}
    forms = [characters, digits, *(re.escape(form) for form in sorted(encoded, key=lambda form: (-len(form), form)))]
    return re.compile("|".join(forms))


def redact_text(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with every encoding of the secrets replaced by `***`."""
    for secret in secrets:
        if (pattern := secret_pattern(secret)) is not None:
            text = pattern.sub(REDACTED, text)
    return text


def _character(sign: str, before: str) -> str:
    """Return the pattern of one character of a secret; `before` is the pattern of escapes before it.

    The first character has none, so that a long run of backslashes is not scanned again from each of them.
    """
    percent = "".join(rf"%(?i:{byte:02x})" for byte in sign.encode())
    code = ord(sign)
    entities = "|".join([f"#0*{code}", f"#(?i:x0*{code:x})", *_NAMED.get(sign, ())])
    escapes = rf"\\(?i:x{code:02x}|u{code:04x}|u\{{0*{code:x}\}})"
    return f"{before}(?:{re.escape(sign)}|{percent}|{escapes}|&(?:{entities});)"


def _base64_forms(raw: bytes, offset: int) -> set[str]:
    """Return the digits that depend on the secret alone if it starts `offset` bytes after a multiple of 3."""
    whole = b64encode(b"\0" * offset + raw).decode()
    kept = (offset + len(raw)) * 8 // 6
    core = whole[_CUT_BY_OFFSET[offset] : kept]
    return {core, core.replace("+", "-").replace("/", "_")}
