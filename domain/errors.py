"""The error tree, sorted by who must act.

OpenOutcryError
    ConfigError            the operator: a bad flag, file, key or desk
    ConflictError          try again, or decide anew
        StoreLocked            another process is writing
        StaleDecision          what was decided from has changed since
        AccountMovedOn         the account has processed later sessions
    DataError              the source
        NoData                 nothing is held for that question
        SourceUnavailable      the source could not be asked
        InvalidData            a row that cannot be true
    ModelError             the model
        ModelUnavailable       no answer came
        InvalidOutput          an answer came that does not fit
        CitationError          a citation that is not in the context
        BudgetExceeded         the budget of the run is spent
    OrderError             the order
        RiskDenied             by our own limits
        OrderRejected          by the broker's rules
        DuplicateOrder         the same id with another body
    LedgerError            a bug in the books, or an edited database
        UnbalancedEntry
        ChainBroken
        SchemaMismatch
    LookAheadError         a bug: a fact from after `as_of` was about to be shown
"""


class OpenOutcryError(Exception):
    """Anything this project raises on purpose; its text is one sentence naming the cause and the remedy."""


class ConfigError(OpenOutcryError):
    """The operator must act: a bad flag, file, key or desk."""


class ConflictError(OpenOutcryError):
    """Another process or a later event came first: try again, or decide anew. Nothing was changed."""


class StoreLocked(ConflictError):
    """Another process is writing to the store; the same command can succeed when it is done."""


class StaleDecision(ConflictError):
    """What a decision or a run was based on has changed since; it has to be made anew."""


class AccountMovedOn(ConflictError):
    """The account has processed a later session than the one that was asked for."""


class DataError(OpenOutcryError):
    """The market data source must act."""


class NoData(DataError):
    """The source answered, and holds nothing for that question."""


class SourceUnavailable(DataError):
    """The source could not be asked; that nothing came back means nothing."""


class InvalidData(DataError):
    """A row that cannot be true.

    Attributes:
        file: name of the file, or of the table, that holds the row.
        row: line number in the file, counting the header as line 1, or None where the whole file is at fault.
        reason: what is wrong, in words.
    """

    def __init__(self, file: str, row: int | None, reason: str) -> None:
        self.file, self.row, self.reason = file, row, reason
        where = file if row is None else f"{file}, row {row}"
        super().__init__(f"{where}: {reason}")

    def __reduce__(self) -> tuple[type["InvalidData"], tuple[str, int | None, str]]:
        """Be made again from its parts, so that it crosses from one process to another whole."""
        return type(self), (self.file, self.row, self.reason)


class ModelError(OpenOutcryError):
    """The language model must act."""


class ModelUnavailable(ModelError):
    """No answer came: unreachable, timed out, refused, or out of credit."""


class InvalidOutput(ModelError):
    """An answer came that does not have the form, or the sense, that was asked for."""


class CitationError(ModelError):
    """A claim cites nothing, or cites evidence that is not in the case."""


class BudgetExceeded(ModelError):
    """The allowance of calls or tokens for this run is spent."""


class OrderError(OpenOutcryError):
    """An order cannot go on."""


class RiskDenied(OrderError):
    """Our own limits forbid the order."""


class OrderRejected(OrderError):
    """The broker's rules forbid the order."""


class DuplicateOrder(OrderError):
    """The same client_order_id was used before with another body."""


class LedgerError(OpenOutcryError):
    """The books are wrong: a bug, or a hand that touched them."""


class UnbalancedEntry(LedgerError):
    """Postings that do not sum to zero."""


class ChainBroken(LedgerError):
    """The hash chain of the journal does not verify."""


class SchemaMismatch(LedgerError):
    """The database was written by another version of this project."""


class LookAheadError(OpenOutcryError):
    """A fact from after `as_of` was about to be shown: a bug in the source. It is never turned into an abstention."""


def is_bug(error: Exception) -> bool:
    """Return whether an error shows a defect of the program, which no agent may turn into an abstention.

    Defects are breaches of look-ahead and of the ledger's invariants, and exceptions that are not raised on purpose.
    """
    return isinstance(error, LookAheadError | LedgerError) or not isinstance(error, OpenOutcryError)
