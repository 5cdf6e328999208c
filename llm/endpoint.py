"""Where the language model lives, and the key to it, kept out of every text that anyone may read."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..domain.errors import ConfigError
from .redaction import REDACTED, Redactor

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "none"
_SHORTEST_SECRET = 4  # shorter ones are placeholders, and taking them out would tear words apart

_TOKEN = re.compile(r"(?i)\b(sk-[\w*-]{6,}|bearer\s+\S+)")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint.

    An empty key means that the endpoint wants none, as local servers do.

    Attributes:
        base_url: root of the API, usually ending in `/v1`; None for OpenAI's own.
        api_key: shown by nothing; `scrub` takes it out of what others say.

    Raises:
        ConfigError: when the address is not http(s) with a host, or the key cannot be sent in a header.
    """

    base_url: str | None
    api_key: SecretStr

    def __post_init__(self) -> None:
        """Refuse what could never be sent."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"the base URL {self.redacted_url!r} is no http(s) address; give one such as {OPENAI_URL}"
            )
        if not re.fullmatch(r"[\x21-\x7e]*", self.api_key.get_secret_value().strip()):
            raise ConfigError(
                "the API key holds blanks or characters outside ASCII; set OPENAI_API_KEY to the bare key"
            )

    @property
    def url(self) -> str:
        return self.base_url or OPENAI_URL

    @property
    def key(self) -> str:
        """Return the key in the clear, for the one header that needs it."""
        return self.api_key.get_secret_value().strip() or NO_KEY

    @property
    def redacted_url(self) -> str:
        """Return the address without the user, password and query that it may hold."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rsplit('@', 1)[-1]}{parts.path.rstrip('/')}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the key and the password of the address in the clear, to be taken out of texts."""
        key, password = self.key, urlsplit(self.url).password or ""
        return tuple(each for each in (key if key != NO_KEY else "", password) if len(each) >= _SHORTEST_SECRET)

    @property
    def redactor(self) -> Redactor:
        """Return what takes the secrets out of texts, in all their forms."""
        return _redactor(self.secrets)

    def scrub(self, text: str) -> str:
        """Return `text` in one line, without this key, anything that looks like one, and invisible characters."""
        text = self.redactor.reply_text(text)
        for secret in self.secrets:
            text = text.replace(secret, REDACTED)
        return " ".join(_TOKEN.sub(REDACTED, text).split())


@lru_cache(maxsize=64)
def _redactor(secrets: tuple[str, ...]) -> Redactor:
    return Redactor(secrets)
