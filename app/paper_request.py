"""The settings and the request of a session, from flags, `[[paper]]` and the other settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..domain.errors import ConfigError
from ..domain.trading_calendar import TradingCalendar
from .approval_policy import parse_approval_policy
from .paper_section import PaperSettings
from .session_opening import SessionRequest
from .session_times import When
from .settings import Settings, load_settings
from .watchlist import read_watchlist

OVERRIDES = ("desk", "model", "deep_model", "market")


@dataclass(frozen=True, slots=True)
class SessionFlags:
    """The flags of a session; None where `[[paper]]` or a default applies."""

    account: str
    watchlist: str | None = None
    session: str | None = None
    when: str | None = None
    approve: str | None = None
    force: str | None = None
    attempt: int = 1
    wait: bool = False
    until: str | None = None


def requested_days(flags: SessionFlags, calendar: TradingCalendar) -> tuple[date, ...]:
    """Return the sessions from `session` to `until`.

    Raises ConfigError if one of them is missing or no date, if there is no reason to run past sessions, or if there is
    no session between them.
    """
    if flags.session is None or flags.until is None or not (flags.force or "").strip():
        raise ConfigError("--until needs --session, the first of several past sessions, and --force with a reason")
    found = calendar.between(_day(flags.session), _day(flags.until, "--until"))
    if not found:
        raise ConfigError(f"there is no session of {calendar.name} from {flags.session} to {flags.until}")
    return found


def paper_entry(settings: Settings, account: str) -> PaperSettings | None:
    """Return the element of `[[paper]]` for an account, or None; raises ConfigError if there are several."""
    found = [entry for entry in settings.paper if entry.account == account]
    if len(found) > 1:
        raise ConfigError(f"the settings have {len(found)} [[paper]] tables for account {account}; keep one")
    return found[0] if found else None


def account_settings(entry: PaperSettings | None, flags: Mapping[str, object]) -> Settings:
    """Return the settings of an account's sessions: flags override its `[[paper]]`, which overrides the rest."""
    own = {} if entry is None else {name: getattr(entry, name) for name in OVERRIDES}
    given = {name: value for name, value in flags.items() if value is not None}
    return load_settings({**own, **given})


def session_request(entry: PaperSettings | None, flags: SessionFlags) -> SessionRequest:
    """Return the request of one session; raises ConfigError for a missing watchlist and for invalid values."""
    plan = entry or PaperSettings(account=flags.account)
    watchlist = flags.watchlist or plan.watchlist
    if not watchlist:
        raise ConfigError(
            f"account {flags.account} has no watchlist; give --watchlist AAPL,MSFT, or --watchlist @FILE, or write "
            "one under [[paper]] in openoutcry.toml"
        )
    return SessionRequest(
        account=flags.account,
        watchlist=read_watchlist(watchlist),
        session=None if flags.session is None else _day(flags.session),
        when=plan.when if flags.when is None else _when(flags.when),
        approve=parse_approval_policy(plan.approve if flags.approve is None else flags.approve).text,
        concurrency=plan.concurrency,
        force=(flags.force or "").strip(),
        attempt=flags.attempt,
        wait=flags.wait,
    )


def _day(text: str, flag: str = "--session") -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{flag} {text[:40]!r} is not a date such as 2025-03-03") from error


def _when(text: str) -> When:
    try:
        return When(text)
    except ValueError as error:
        raise ConfigError(f"--when {text[:40]!r}: one of {', '.join(When)}") from error
