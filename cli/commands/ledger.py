"""`openoutcry ledger`: verification, simulation of order streams, and backup."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ...domain.errors import ChainBroken, ConfigError
from ...ledger.reports.audit import Check
from ...ledger.simulator.order_stream import read_stream_text
from ...ledger.simulator.simulate import run
from ...ledger.store.anchor import check_anchor, read_anchors, take_anchor, write_anchors
from ...ledger.store.backup import backup as copy
from ...ledger.store.ledger import Ledger
from ...ledger.store.verify import verify as checks
from ..console.exit_codes import ExitCode
from ..console.tables import is_terminal, print_line, print_notice, print_rows, print_table, write_json, write_text
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
    else:
        _print_checks(found)
    for each, done in found.items():
        for breach, failed in _breaches(done).items():
            print_notice(f"{each}: {', '.join(failed)}: {breach}")
    (print_notice if as_json else print_line)(_verdict(found))
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
    write_text(text)


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


def _print_checks(found: Mapping[str, Sequence[Check]]) -> None:
    """Print a table of checks for each account; in a pipe one table, with the account in the first column."""
    if not is_terminal():
        rows = [
            (each, check.name, check.description, check.checked, len(check.breaches)) for each, check in _all(found)
        ]
        print_table(("account", *COLUMNS), rows)
        return
    for each, done in found.items():
        lines = [_check_line(check) for check in done]
        print_rows(lines, as_json=False, nothing="", columns=COLUMNS, title=f"Account {each}")


def _breaches(done: Sequence[Check]) -> Mapping[str, Sequence[str]]:
    """Return the names of the checks by breach, so that a breach of several checks is printed once."""
    names: dict[str, list[str]] = {}
    for check in done:
        for breach in check.breaches:
            names.setdefault(breach, []).append(check.name)
    return names


def _verdict(found: Mapping[str, Sequence[Check]]) -> str:
    broken = [each for each, done in found.items() if any(check.breaches for check in done)]
    checks = sum(map(len, found.values()))
    if not broken:
        return f"verdict: sound; {len(found)} account(s), {checks} checks, no breach"
    breaches = sum(len(check.breaches) for done in found.values() for check in done)
    return (
        f"verdict: BROKEN; {breaches} breach(es) in {', '.join(broken)} ({len(broken)} of {len(found)} account(s)); "
        "restore the ledger from a backup"
    )


def _all(found: Mapping[str, Sequence[Check]]) -> Iterator[tuple[str, Check]]:
    return ((each, check) for each, done in found.items() for check in done)


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
        print_line(f"{len(names)} account(s) copied to {target}")


def _check_line(check: Check) -> CheckLine:
    return CheckLine(check.name, check.description, check.checked, len(check.breaches), check.breaches)
