"""The request of a finished model call as JSON text, without the secrets of the endpoint."""

import json
from collections.abc import Mapping

from .endpoint import Endpoint
from .secret_forms import redact


def stored_request(endpoint: Endpoint, body: Mapping[str, object]) -> str:
    """Return `{"body": ..., "endpoint": ...}` as canonical JSON: keys sorted, no whitespace, ASCII only.

    `body` is the JSON body that was sent: model, messages, response format, functions and parameters. `endpoint` is the
    base URL without user, password, query and fragment. The API key and the password are replaced by `***` in all
    texts, in every encoding of `secret_forms`.
    """
    request = {"endpoint": endpoint.scrub(endpoint.redacted_url), "body": redact(body, endpoint.secrets)}
    return json.dumps(request, sort_keys=True, separators=(",", ":"))
