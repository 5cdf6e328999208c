"""Messages and exit codes of failed commands."""

import re
import sys
import traceback

from typer import Abort
from typer.exceptions import TyperException

from ...domain.errors import LookAheadError, OpenOutcryError
from ...domain.text import strip_control
from .exit_codes import ExitCode, exit_for_error

_LONG_WORD = re.compile(r"\S{200,}")


def report_failure(error: Exception, *, debug: bool) -> ExitCode:
    """Write a one-sentence message to standard error, after a traceback if `debug`, and return the exit code."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, TyperException):
        _show_usage(error)
        return ExitCode.USAGE
    if isinstance(error, Abort):
        sys.stderr.write("\ninterrupted: `openoutcry runs list` lists the run, `decide --resume RUN_ID` resumes it\n")
        return ExitCode.INTERRUPTED
    code, message = failure(error)
    hint = " (--debug shows the traceback)" if message.startswith("a bug: ") and not debug else ""
    sys.stderr.write(f"openoutcry: {message}{hint}\n")
    return code


def failure(error: Exception) -> tuple[ExitCode, str]:
    """Return the exit code and the one-sentence message for an error that ended a command."""
    if isinstance(error, LookAheadError):
        return ExitCode.BUG, f"a bug in the market source: {_shown(str(error))}; no decision was made"
    if isinstance(error, OpenOutcryError):
        return exit_for_error(error), _shown(str(error))
    if isinstance(error, OSError) and error.filename is not None:
        return ExitCode.USAGE, f"{_shown(str(error.filename))} cannot be used: {error.strerror}"
    return ExitCode.BUG, f"a bug: {type(error).__name__}: {_shown(str(error))}"


def report_interrupted_run(run_id: str) -> ExitCode:
    """Write how to resume a run that SIGINT interrupted, and return the exit code."""
    sys.stderr.write(f"\ninterrupted: openoutcry decide --resume {run_id} resumes the run\n")
    return ExitCode.INTERRUPTED


def report_interrupted_backtest(backtest_id: str) -> ExitCode:
    """Write how to continue a backtest that SIGINT interrupted, and return the exit code."""
    sys.stderr.write(f"\ninterrupted: openoutcry backtest --resume {backtest_id} continues the backtest\n")
    return ExitCode.INTERRUPTED


def _shown(text: str) -> str:
    """Return a message in one line, without control characters; words of hundreds of characters are shortened."""
    return _LONG_WORD.sub(lambda word: f"{word[0][:60]}...", " ".join(strip_control(text).split()))


def _show_usage(error: TyperException) -> None:
    """Write the usage error as one sentence, or the help that a command without arguments prints."""
    context = getattr(error, "ctx", None)
    message = strip_control(error.format_message()).replace("Value error, ", "").rstrip(".")
    if message.startswith("Usage:"):  # the whole help, for a command without arguments
        sys.stderr.write(f"{message}\n")
    else:
        hint = "" if context is None else f"; `{context.command_path} --help` lists the options"
        sys.stderr.write(f"openoutcry: {_shown(message)}{hint}\n")
