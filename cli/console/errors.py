"""The message and the exit code of a command that fails."""

import sys
import traceback

from typer import Abort
from typer.exceptions import TyperException

from ...domain.errors import LookAheadError, OpenOutcryError
from ...domain.text import strip_control
from .exit_codes import ExitCode, exit_for_error


def report_failure(error: Exception, *, debug: bool) -> ExitCode:
    """Write one clear sentence to standard error, with a traceback only for `debug`, and return the exit code."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, TyperException):
        _show_usage(error)
        return ExitCode.USAGE
    if isinstance(error, Abort):
        sys.stderr.write("\ninterrupted: `openoutcry runs list` names the run, `decide --resume RUN_ID` goes on\n")
        return ExitCode.INTERRUPTED
    if isinstance(error, LookAheadError):
        said = strip_control(str(error))
        sys.stderr.write(f"openoutcry: a bug in the market source: {said}; nothing was decided from it\n")
        return ExitCode.BUG
    if isinstance(error, OpenOutcryError):
        sys.stderr.write(f"openoutcry: {strip_control(str(error))}\n")
        return exit_for_error(error)
    hint = "" if debug else " (--debug shows where)"
    sys.stderr.write(f"openoutcry: a bug: {type(error).__name__}: {strip_control(str(error))}{hint}\n")
    return ExitCode.BUG


def report_interrupted_run(run_id: str) -> ExitCode:
    """Write how to resume a run that SIGINT stopped, and return the exit code."""
    sys.stderr.write(f"\ninterrupted: openoutcry decide --resume {run_id} goes on\n")
    return ExitCode.INTERRUPTED


def _show_usage(error: TyperException) -> None:
    """Let the command line say how it is used, where it can."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
    else:
        sys.stderr.write(f"openoutcry: {strip_control(error.format_message())}\n")
