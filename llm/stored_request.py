"""The request of a finished model call as JSON text, without the secrets of the endpoint."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from .endpoint import Endpoint

REDACTED = "***"
SHORTEST_SECRET = 8
"""Characters; shorter keys are placeholders for local servers, such as `ollama`, and may occur in prompts."""


def stored_request(endpoint: Endpoint, body: Mapping[str, object]) -> str:
    """Return `{"body": ..., "endpoint": ...}` as canonical JSON: keys sorted, no whitespace, ASCII only.

    `body` is the JSON body that was sent: model, messages, response format, functions and parameters. `endpoint` is the
    base URL without user, password, query and fragment. The API key and the password are replaced by `***` in all
    texts, also if they are JSON-escaped, percent-encoded, or in base64 or hexadecimal.
    """
    forms = [form for secret in endpoint.secrets if len(secret) >= SHORTEST_SECRET for form in _forms(secret)]
    address = endpoint.scrub(str(_redacted(endpoint.redacted_url, forms)))
    request = {"endpoint": address, "body": _redacted(body, forms)}
    return json.dumps(request, sort_keys=True, separators=(",", ":"))


def _forms(secret: str) -> tuple[str, ...]:
    """Return the encodings of a secret that may occur in a text, longest first."""
    raw = secret.encode()
    encoded = (json.dumps(secret)[1:-1], quote(secret, safe=""), quote(secret), b64encode(raw).decode().rstrip("="))
    forms = {secret, raw.hex(), *encoded}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _redacted(value: object, forms: Sequence[str]) -> object:
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, REDACTED)
        return value
    if isinstance(value, Mapping):
        return {_redacted(name, forms): _redacted(each, forms) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(each, forms) for each in value]
    return value
