"""Pictures in chat requests: their form on the wire and in stored requests, and the tokens reserved for them."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from ..domain.picture import Picture, ShownPicture

DETAIL = "high"
LEFT_OUT = "The chart is left out, because this model accepts no images: use the figures above."
"""Sentence in a prompt in place of its pictures."""

PATCH = 32
MOST_PATCHES = 1536
TOKENS_PER_PATCH = 2.46
TILE = 512
TILED_MODELS: Mapping[str, tuple[int, int]] = {"gpt-4o-mini": (2833, 5667)}
"""Base and tile tokens of models that count more than BASE_TOKENS and TILE_TOKENS, by the beginning of the name."""
BASE_TOKENS, TILE_TOKENS = 85, 170


def picture_tokens(width: int, height: int, model: str) -> int:
    """Return the most tokens that OpenAI's published formulas count for an image at detail `high`.

    Tiles: the image is scaled down to fit into 2048 x 2048 pixels and to a shorter side of at most 768; each tile of
    512 x 512 pixels counts 170 tokens, and the image 85 (gpt-4o; 5667 and 2833 for gpt-4o-mini). Patches: each patch
    of 32 x 32 pixels, at most 1536 of them, counts up to 2.46 tokens (gpt-4.1-nano). For models other than gpt-4o-mini
    the larger of the two is returned. Source: OpenAI, "Images and vision", section "Calculating costs",
    https://platform.openai.com/docs/guides/images-vision#calculating-costs.
    """
    scale = min(1.0, 2048 / max(width, height))
    scale = min(scale, 768 / min(width, height))
    tiles = ceil(round(width * scale) / TILE) * ceil(round(height * scale) / TILE)
    for name, (base, each) in TILED_MODELS.items():
        if model.rpartition("/")[2].startswith(name):
            return base + each * tiles
    patches = min(ceil(width / PATCH) * ceil(height / PATCH), MOST_PATCHES)
    return max(BASE_TOKENS + TILE_TOKENS * tiles, ceil(patches * TOKENS_PER_PATCH))


def tokens_of(pictures: Sequence[Picture], model: str) -> int:
    """Return the most tokens of several pictures together, see `picture_tokens`."""
    return sum(picture_tokens(each.width, each.height, model) for each in pictures)


def user_content(text: str, pictures: Sequence[Picture]) -> str | list[dict[str, object]]:
    """Return the content of a user message: the text, or with pictures a list of text and image parts."""
    if not pictures:
        return text
    parts: list[dict[str, object]] = [{"type": "text", "text": text}]
    for each in pictures:
        parts.append({"type": "text", "text": each.caption})
        parts.append({"type": "image_url", "image_url": {"url": _data_url(each), "detail": DETAIL}})
    return parts


def key_parts(pictures: Sequence[Picture]) -> list[dict[str, str]]:
    """Return what the key of a request holds of its pictures: their hashes in place of the files."""
    return [{"caption": each.caption, "detail": DETAIL, "sha256": each.sha256} for each in pictures]


def with_references(body: Mapping[str, Any], pictures: Sequence[Picture]) -> Mapping[str, Any]:
    """Return a request body with `sha256:HASH` in place of the data of each picture."""
    if not pictures:
        return body
    references = {_data_url(each): f"sha256:{each.sha256}" for each in pictures}
    return {**body, "messages": [_referring(message, references) for message in body["messages"]]}


def picture_entries(pictures: Sequence[Picture]) -> list[dict[str, str]]:
    """Return the list of pictures in a stored request, which `shown_pictures` reads."""
    names = ("name", "symbol", "caption", "sha256")
    return [{name: getattr(each, name) for name in names} for each in pictures]


def shown_pictures(role: str, request: str | None) -> tuple[ShownPicture, ...]:
    """Return the pictures that were sent with a stored request, in their order; empty for one without pictures."""
    if request is None or '"pictures":' not in request:
        return ()
    entries = json.loads(request).get("pictures", ())
    return tuple(ShownPicture(role=role, **each) for each in entries)


def _data_url(picture: Picture) -> str:
    return f"data:image/png;base64,{b64encode(picture.png).decode()}"


def _referring(message: Mapping[str, Any], references: Mapping[str, str]) -> Mapping[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_reference(part, references) for part in content]}


def _reference(part: Mapping[str, Any], references: Mapping[str, str]) -> Mapping[str, Any]:
    if part["type"] != "image_url":
        return part
    image = part["image_url"]
    return {**part, "image_url": {**image, "url": references[image["url"]]}}
