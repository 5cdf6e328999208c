"""The exception hierarchy, grouped by the party that must act.

OpenOutcryError
    ConfigError            the operator: an invalid flag, file, key or desk
    ConflictError          the caller: retry, or decide again
        StoreLocked            another process is writing
        StaleDecision          the inputs of the decision have changed
        AccountMovedOn         the account has processed later sessions
    DataError              the data source
        NoData                 the source has no data for the request
        SourceUnavailable      the source could not be reached
        InvalidData            an invalid row
    ModelError             the language model
        ModelUnavailable       no answer
        InvalidOutput          an answer that violates its schema or contract
        CitationError          a missing citation, or one that is not in the context
        BudgetExceeded         the budget of the run is exhausted
    OrderError             the order
        RiskDenied             denied by the risk limits
        OrderRejected          rejected by the broker
        DuplicateOrder         an id that was used for another order
    LedgerError            a bug in the ledger, or a modified database
        UnbalancedEntry        postings do not sum to zero
        ChainBroken            the journal's hash chain does not verify
        SchemaMismatch         the database has another version
    LookAheadError         a bug: a fact from after `as_of` was about to be shown
"""


class OpenOutcryError(Exception):
    """Base class of all errors raised by this project. The message names the cause and the remedy in one sentence."""


class ConfigError(OpenOutcryError):
    """The configuration is invalid: a flag, file, key or desk."""


class ConflictError(OpenOutcryError):
    """Another process or a later event came first; retry or decide again. Nothing was changed."""


class StoreLocked(ConflictError):
    """Another process is writing to the store; the command can be retried."""


class StaleDecision(ConflictError):
    """The inputs of a decision or run have changed since; it must be repeated."""


class ConfigurationChanged(StaleDecision):
    """A started run cannot be continued, because what it was started with has changed since."""


class AccountMovedOn(ConflictError):
    """The account has processed a later session than the requested one."""


class DataError(OpenOutcryError):
    """The market data source failed."""


class NoData(DataError):
    """The source answered and has no data for the request."""


class SourceUnavailable(DataError):
    """The source could not be reached; whether it has data is unknown."""


class InvalidData(DataError):
    """An invalid row or file.

    Attributes:
        file: name of the file or table.
        row: line number in the file, counting the header as line 1; None if the error concerns the whole file.
        reason: description of the error.
    """

    def __init__(self, file: str, row: int | None, reason: str) -> None:
        self.file, self.row, self.reason = file, row, reason
        where = file if row is None else f"{file}, row {row}"
        super().__init__(f"{where}: {reason}")

    def __reduce__(self) -> tuple[type["InvalidData"], tuple[str, int | None, str]]:
        """Support pickling between processes, with all attributes."""
        return type(self), (self.file, self.row, self.reason)


class ModelError(OpenOutcryError):
    """The language model failed."""


class ModelUnavailable(ModelError):
    """The model gave no answer: unreachable, timed out, refused, or out of credit."""


class InvalidOutput(ModelError):
    """The answer violates the requested schema or contract."""


class CitationError(ModelError):
    """A claim has no citation, or cites evidence that is not in the context."""


class BudgetExceeded(ModelError):
    """The budget of calls or tokens of the run is exhausted."""


class OrderError(OpenOutcryError):
    """An order was not accepted."""


class RiskDenied(OrderError):
    """The risk limits deny the order."""


class OrderRejected(OrderError):
    """The broker's rules reject the order."""


class DuplicateOrder(OrderError):
    """The client_order_id was used before for another order."""


class LedgerError(OpenOutcryError):
    """The ledger is inconsistent: a bug, or a modified database."""


class LedgerUnreachable(LedgerError):
    """The database server of the ledger does not answer; nothing was booked, and the same call can be made again."""


class UnbalancedEntry(LedgerError):
    """The postings of an entry do not sum to zero."""


class ChainBroken(LedgerError):
    """The journal's hash chain does not verify, or its events contradict each other."""


class SchemaMismatch(LedgerError):
    """The database was written by another version of this project."""


class LookAheadError(OpenOutcryError):
    """A fact from after `as_of` was about to be shown: a bug in the data source. It never becomes an abstention."""


def is_bug(error: Exception) -> bool:
    """Return whether an error is a defect of the program, which must not become an abstention.

    Defects are LookAheadError, LedgerError and all exceptions outside OpenOutcryError.
    """
    return isinstance(error, LookAheadError | LedgerError) or not isinstance(error, OpenOutcryError)
