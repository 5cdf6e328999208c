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
    if isinstance(error, LookAheadError):
        message = _shown(str(error))
        sys.stderr.write(f"openoutcry: a bug in the market source: {message}; no decision was made\n")
        return ExitCode.BUG
    if isinstance(error, OpenOutcryError):
        sys.stderr.write(f"openoutcry: {_shown(str(error))}\n")
        return exit_for_error(error)
    if isinstance(error, OSError) and error.filename is not None:
        sys.stderr.write(f"openoutcry: {_shown(str(error.filename))} cannot be used: {error.strerror}\n")
        return ExitCode.USAGE
    hint = "" if debug else " (--debug shows the traceback)"
    sys.stderr.write(f"openoutcry: a bug: {type(error).__name__}: {_shown(str(error))}{hint}\n")
    return ExitCode.BUG


def report_interrupted_run(run_id: str) -> ExitCode:
    """Write how to resume a run that SIGINT interrupted, and return the exit code."""
    sys.stderr.write(f"\ninterrupted: openoutcry decide --resume {run_id} resumes the run\n")
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
