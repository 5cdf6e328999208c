"""The section `[notifications]`: the channels that receive a message about each session."""

import os
import re
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from ..domain.errors import ConfigError
from .settings_file import read_key_file

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class ChannelKind(StrEnum):
    """How a channel is reached: an HTTP request, or the extra `notify` for e-mail and chat services."""

    WEBHOOK = "webhook"
    APPRISE = "apprise"


class WebhookFormat(StrEnum):
    """The body of a webhook: the message as JSON, or a text as Slack and compatible services expect it."""

    JSON = "json"
    SLACK = "slack"


class ChannelSettings(BaseModel):
    """One channel, `[[notifications.channels]]`. Exactly one of the three addresses is set; all count as secrets.

    Attributes:
        name: name of the channel in messages and in the outbox; messages of a renamed channel are not sent.
        url: the address itself: of a webhook, or as apprise expects it.
        url_variable: the environment variable with the address.
        url_file: the file with the address.
        format: the body of a webhook.
        timeout_s: maximum total time of one message, in seconds.
        allow_http: whether a webhook may use unencrypted HTTP; loopback addresses always may.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: ChannelKind = ChannelKind.WEBHOOK
    url: SecretStr | None = None
    url_variable: str | None = None
    url_file: Path | None = None
    format: WebhookFormat = WebhookFormat.JSON
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 10.0
    allow_http: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"the channel name {self.name!r} must be lower-case letters, digits, - and _")
        given = [self.url, self.url_variable, self.url_file]
        if sum(each is not None for each in given) != 1:
            raise ValueError(f"channel {self.name} needs exactly one of url, url_variable and url_file")
        return self

    def address(self, environ: Mapping[str, str] = os.environ) -> str:
        """Return the address of the channel, a secret; raises ConfigError if it is missing."""
        if self.url_variable is not None:
            found = SecretStr(environ.get(self.url_variable, "").strip())
            missing = f"the environment variable {self.url_variable} is not set"
        elif self.url_file is not None:
            found, missing = read_key_file(self.url_file) or SecretStr(""), f"{self.url_file} is empty"
        else:
            found, missing = self.url or SecretStr(""), "its url is empty"
        if not found.get_secret_value():
            raise ConfigError(f"channel {self.name} has no address: {missing}")
        return found.get_secret_value()


class NotificationSettings(BaseModel):
    """The section `[notifications]`.

    Attributes:
        attempts: maximum number of attempts to send one message; then it is given up and `doctor` reports it.
        budget_s: maximum total time of all messages that one session sends, in seconds.
        channels: where messages are sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    attempts: Annotated[int, Field(ge=1, le=1000)] = 20
    budget_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    channels: tuple[ChannelSettings, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> Self:
        twice = [name for name, count in Counter(each.name for each in self.channels).items() if count > 1]
        if twice:
            raise ValueError(f"the channel name {twice[0]} is used more than once")
        return self
