"""`openoutcry ledger`: verification, simulation of order streams, and backup."""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ...domain.errors import ChainBroken, ConfigError
from ...domain.text import strip_control
from ...ledger.reports.audit import Check
from ...ledger.simulator.order_stream import read_stream_text
from ...ledger.simulator.simulate import run
from ...ledger.store.anchor import check_anchor, read_anchors, take_anchor, write_anchors
from ...ledger.store.backup import backup as copy
from ...ledger.store.ledger import Ledger
from ...ledger.store.verify import verify as checks
from ..console.exit_codes import ExitCode
from ..console.tables import print_rows, write_json
from .paper import open_configured_ledger


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check: its name, the invariant, the number of items checked, the number of breaches, and the breaches."""

    check: str
    says: str
    looked_at: int
    breaches: int
    found: tuple[str, ...]


COLUMNS = ("check", "says", "looked_at", "breaches")


def verify(name: str | None, anchor_file: Path | None = None, *, as_json: bool) -> ExitCode:
    """Check one account or all: invariants, hash chain, tables against the journal. Any breach exits with 1.

    With a file of anchors, check also that the journals contain what it names.
    """
    anchors = {} if anchor_file is None else read_anchors(_text(anchor_file), str(anchor_file))
    with open_configured_ledger(reading=True) as ledger:
        names = _accounts(ledger, name)
        if name and anchors and name not in anchors:
            raise ConfigError(f"{anchor_file} has no anchor of account {name}")
        found = {each: checks(ledger, each) for each in names}
        for account, kept in anchors.items():
            if not name or account == name:
                found[account] = (*found.get(account, ()), check_anchor(ledger, kept))
    if as_json:
        write_json({each: [asdict(_check_line(check)) for check in done] for each, done in found.items()})
    for each, done in found.items():
        if not as_json:
            print_rows(
                [_check_line(check) for check in done],
                as_json=False,
                nothing="",
                columns=COLUMNS,
                title=f"Account {each}",
            )
        for breach in (breach for check in done for breach in check.breaches):
            Console(stderr=True).print(Text(strip_control(f"{each}: {breach}")), soft_wrap=True)
    return ExitCode.BUG if any(check.breaches for done in found.values() for check in done) else ExitCode.DONE


def anchor(name: str | None, file: Path | None) -> None:
    """Print the anchors of one account or all, and write them to a file.

    An existing file is replaced only if the journals still contain what it names.
    """
    with open_configured_ledger(reading=True) as ledger:
        if file is not None and file.exists():
            _check_kept(ledger, file)
        text = write_anchors(take_anchor(ledger, each) for each in _accounts(ledger, name))
    if file is not None:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{file} cannot be written: {error.strerror}") from error
    sys.stdout.write(text)


def _check_kept(ledger: Ledger, file: Path) -> None:
    for kept in read_anchors(_text(file), str(file)).values():
        for breach in check_anchor(ledger, kept).breaches:
            raise ChainBroken(f"account {kept.account}: {breach}; {file} is not replaced, restore a backup")


def _accounts(ledger: Ledger, name: str | None) -> tuple[str, ...]:
    names = (name,) if name else ledger.accounts()
    if not names:
        raise ConfigError("there is no account yet; openoutcry paper init opens one")
    return names


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error


def simulate(stream: Path) -> None:
    """Run an order stream and print the result document."""
    try:
        text = stream.read_bytes()
    except OSError as error:
        raise ConfigError(f"{stream} cannot be read: {error.strerror}") from error
    write_json(run(read_stream_text(text)).document())


def backup(target: Path, *, as_json: bool) -> None:
    """Write a consistent copy of the ledger to a new file; other processes may keep writing."""
    with open_configured_ledger(reading=True) as ledger:
        copy(ledger.database, target)
        names = ledger.accounts()
    if as_json:
        write_json({"target": str(target), "accounts": names})
    else:
        Console().print(Text(f"{len(names)} account(s) copied to {target}"))


def _check_line(check: Check) -> CheckLine:
    return CheckLine(check.name, check.description, check.checked, len(check.breaches), check.breaches)
