"""The sections `[[paper]]` and `[safety]` of the settings: accounts that trade daily, and when they are halted."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from .session_times import When

Share = Annotated[Decimal, Field(gt=0, lt=1)]


class OnMissed(StrEnum):
    """What a scheduler does on its start with a session whose time has passed.

    RECORD records it as missed. DECIDE_LATEST still decides on the newest session while its deadline has not passed.
    """

    RECORD = "record"
    DECIDE_LATEST = "decide-latest"


class SafetyAction(StrEnum):
    """What an automatic trigger does to an account."""

    HALT = "halt"
    REDUCE = "reduce"


class VerifyEvery(StrEnum):
    """When an account is verified: after every session, at the first session of a calendar week, or never."""

    SESSION = "session"
    WEEK = "week"
    NEVER = "never"


class PaperSettings(BaseModel):
    """One element of `[[paper]]`: an account that trades every session.

    Attributes:
        account: name of the paper account.
        watchlist: tickers, or `@FILE` with one ticker a line; `TICKER: DESK` uses another desk for that ticker.
        desk, model, deep_model, market: as the settings of these names, which they override for this account.
        when: after-close or before-open.
        approve: which orders wait for a person: none, all, `above AMOUNT` or `outside LIMITS`.
        on_missed: what happens at the start of a scheduler with a session whose time has passed.
        concurrency: maximum number of decisions at the same time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Annotated[str, Field(min_length=1)]
    watchlist: tuple[str, ...] | str = ()
    desk: str | None = None
    model: str | None = None
    deep_model: str | None = None
    market: str | None = None
    when: When = When.AFTER_CLOSE
    approve: str = "none"
    on_missed: OnMissed = OnMissed.DECIDE_LATEST
    concurrency: Annotated[int, Field(ge=1, le=64)] = 16


class SafetySettings(BaseModel):
    """The section `[safety]`: what halts an account, or sets it to reducing, without a person.

    A trigger acts in the session in which its limit is crossed; a person who resumes the account accepts that state.

    Attributes:
        max_daily_loss: loss of one session as a share of the equity before it; None for no trigger.
        max_drawdown: fall of equity from its peak, deposits and withdrawals excluded; None for no trigger.
        max_failed_sessions: consecutive sessions in which data or models failed for every symbol.
        verify: when the account is verified; the time that this takes grows with its journal.
        action: halt or reduce, after a loss or failed sessions. A breach of the verification always halts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_daily_loss: Share | None = None
    max_drawdown: Share | None = None
    max_failed_sessions: Annotated[int, Field(ge=1)] = 5
    verify: VerifyEvery = VerifyEvery.WEEK
    action: SafetyAction = SafetyAction.HALT
