"""Address and API key of a model endpoint, and removal of secrets from texts."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from ..domain.errors import ConfigError
from .redaction import Redactor
from .secret_forms import REDACTED

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "none"
_SHORTEST_SECRET = 4  # shorter ones are placeholders; removing them would damage other words

_TOKEN = re.compile(r"(?i)\b(sk-[\w*-]{6,}|bearer\s+\S+)")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint.

    An empty key means that the endpoint requires none, as with local servers.

    Attributes:
        base_url: root of the API, usually ending in `/v1`; None for OpenAI's.
        api_key: never displayed; `scrub` removes it from texts.

    Raises:
        ConfigError: the address is not http(s) with a host or has a query, or the key cannot be sent in a header.
    """

    base_url: str | None
    api_key: SecretStr

    def __post_init__(self) -> None:
        """Validate the address and the key."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"the base URL {self.redacted_url!r} is not an http(s) address; use one such as {OPENAI_URL}"
            )
        if parts.query or parts.fragment:
            raise ConfigError(
                f"the base URL {self.redacted_url} has a query or a fragment, to which no path can be added; "
                "give the key in OPENAI_API_KEY, and the address alone"
            )
        if not re.fullmatch(r"[\x21-\x7e]*", self.api_key.get_secret_value().strip()):
            raise ConfigError(
                "the API key contains spaces or non-ASCII characters; set OPENAI_API_KEY to the key alone"
            )

    @property
    def url(self) -> str:
        return self.base_url or OPENAI_URL

    @property
    def request_url(self) -> str:
        """Return the address without user and password, which HTTP clients would write to their logs."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1]).geturl()

    @property
    def login(self) -> tuple[str, str] | None:
        """Return the plain user and password of the address, or None; they replace the key in requests."""
        parts = urlsplit(self.url)
        if not parts.username and not parts.password:
            return None
        return unquote(parts.username or ""), unquote(parts.password or "")

    @property
    def key(self) -> str:
        """Return the plain key for the authorization header."""
        return self.api_key.get_secret_value().strip() or NO_KEY

    @property
    def redacted_url(self) -> str:
        """Return the address without user, password and query; one without `//` as it was given."""
        parts = urlsplit(self.url)
        address = f"{parts.scheme}://{parts.netloc.rsplit('@', 1)[-1]}{parts.path}"
        if not parts.netloc:
            address = re.split(r"[?#]", self.url.rsplit("@", 1)[-1], maxsplit=1)[0]
        return self.redactor.text(address.rstrip("/"))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the plain key and the plain password of the address, for removal from texts."""
        key, password = self.key, urlsplit(self.url).password or ""
        found = dict.fromkeys((key if key != NO_KEY else "", password, unquote(password)))
        return tuple(each for each in found if len(each) >= _SHORTEST_SECRET)

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
