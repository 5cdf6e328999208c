"""The request of a finished model call as JSON text, without the secrets of the endpoint."""

import json
from collections.abc import Mapping, Sequence

from ..domain.picture import Picture
from .endpoint import Endpoint
from .pictures import picture_entries, with_references


def stored_request(endpoint: Endpoint, body: Mapping[str, object], pictures: Sequence[Picture] = ()) -> str:
    """Return `{"body": ..., "endpoint": ...}` as canonical JSON: keys sorted, no whitespace, ASCII only.

    `body` is the JSON body as the endpoint received it: model, messages, response format, functions and parameters.
    `endpoint` is the base URL without user, password, query and fragment. The API key and the password are replaced by
    `***` wherever a text holds them, in every form that `Redactor` knows. The hashes of the `pictures` in the body
    are in the place of their data, and `pictures` lists them with name and caption.
    """
    redactor = endpoint.redactor
    address = endpoint.scrub(redactor.text(endpoint.redacted_url))
    request = {"endpoint": address, "body": redactor.value(with_references(body, pictures))}
    if pictures:
        request["pictures"] = picture_entries(pictures)
    return json.dumps(request, sort_keys=True, separators=(",", ":"))
