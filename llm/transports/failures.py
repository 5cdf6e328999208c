"""Failed attempts as values: whether and when to retry, and the message for the operator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ...domain.errors import ModelError, ModelUnavailable
from ...storage.retry_after import retry_after
from ..capabilities import RejectionEffect
from ..completion import NO_TOKENS, MalformedReply, TokenUsage, UnexpectedStream, UpstreamError
from ..endpoint import Endpoint
from ..rejections import classify, complaint_in, error_text
from ..streaming import BrokenStream
from .errors import EndpointOutage, OutputRejected, RequestRejected

T = TypeVar("T")

_DETAIL = 300
_REMEDIES = {
    301: "set --base-url to the target of the redirect",
    302: "set --base-url to the target of the redirect",
    307: "set --base-url to the target of the redirect",
    308: "set --base-url to the target of the redirect",
    400: "the request was not accepted; run openoutcry doctor to see what this endpoint supports",
    401: "set OPENAI_API_KEY to a key that this endpoint accepts",
    402: "add credit to the account",
    403: "use a key with access to this model, or another --model",
    404: "check --model and --base-url",
    413: "the prompt is too long for this endpoint; use a desk with less evidence or another model",
    422: "check that the endpoint supports the OpenAI chat API",
    429: "wait for the limit to lift or add credit, then resume the run",
}
_EFFECT_REMEDIES = {
    RejectionEffect.CONTEXT_LENGTH: (
        "the prompt is too long for the context window of this model; use a desk with less evidence or another --model"
    ),
    RejectionEffect.CONTENT_FILTER: (
        "the content filter of the endpoint refused the prompt; use another model or endpoint"
    ),
    RejectionEffect.MODEL_NOT_FOUND: "the endpoint does not know this model; check --model",
    RejectionEffect.NO_CREDIT: "add credit to the account at the endpoint, then resume the run",
}
_ASKED_AGAIN = frozenset({RejectionEffect.TRANSIENT, RejectionEffect.TRANSIENT_OUTPUT})
_REJECTED_STATUSES = frozenset({400, 404, 405, 413, 415, 422, 500, 501})


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt.

    Attributes:
        what: description with the placeholder `{tries}` for the number of attempts; may contain secrets.
        remedy: what the operator can do.
        transient: a later attempt can succeed.
        outage: another endpoint may serve the request.
        effect: effect of a rejection, if its text is recognized.
        complaint: the endpoint's error text; may contain secrets.
        rejected: the endpoint rejected the request.
        wait_s: wait in seconds requested by the endpoint, or None.
        lost: tokens that the endpoint may have charged.
    """

    what: str = field(repr=False)
    remedy: str
    transient: bool = False
    outage: bool = False
    effect: RejectionEffect | None = None
    complaint: str = field(default="", repr=False)
    rejected: bool = False
    wait_s: float | None = None
    lost: TokenUsage = NO_TOKENS

    def error(self, endpoint: Endpoint, attempts: int, lost: TokenUsage) -> ModelError:
        """Return the error to raise: one sentence with a remedy, without secrets."""
        tries = f"{attempts} attempts" if attempts > 1 else "one attempt"
        text = endpoint.scrub(self.what.replace("{tries}", tries))  # before truncation, which could leave part of a key
        shown = text if len(text) <= _DETAIL else text[:_DETAIL] + "..."
        reason = f"{endpoint.redacted_url} {shown.rstrip('.')}; {self.remedy}"
        if self.effect is RejectionEffect.TRANSIENT_OUTPUT:
            return OutputRejected(reason)
        if self.rejected:
            return RequestRejected(reason, endpoint.scrub(self.complaint), self.effect)
        return EndpointOutage(reason, lost) if self.outage else ModelUnavailable(reason)


class AttemptFailed(ModelUnavailable):
    """One attempt failed; another one may follow. The failure may contain secrets, so the message omits it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__("an attempt of a model call failed")
        self.failure = failure


@dataclass(slots=True)
class Attempts(Generic[T]):
    """Number of attempts of one request, and the tokens of failed ones."""

    count: int = 0
    lost: TokenUsage = NO_TOKENS

    def add(self, outcome: T | Failure) -> None:
        self.count += 1
        if isinstance(outcome, Failure):
            self.lost += outcome.lost


def status_failure(status: int, body: str, headers: Mapping[str, str]) -> Failure:
    """Return the failure for an error status of a response, or for an error with a status in a body."""
    complaint = complaint_in(body)
    effect = classify(status, complaint)
    text = f"status {status}: {error_text(body)}"
    remedy = _EFFECT_REMEDIES.get(effect) if effect else None
    remedy = remedy or _REMEDIES.get(status, "see what the endpoint reports, then resume the run")
    if effect in _ASKED_AGAIN or (effect is None and _is_passing(status)):
        what = f"gave no answer: after {{tries}}, the last with {text}"
        return Failure(
            what, remedy, transient=True, outage=True, effect=effect, complaint=complaint, wait_s=retry_after(headers)
        )
    return Failure(
        f"gave no answer: {text}",
        remedy,
        outage=status in (402, 429) or effect is RejectionEffect.NO_CREDIT,
        effect=effect,
        complaint=complaint,
        rejected=status in _REJECTED_STATUSES and effect is not RejectionEffect.NO_CREDIT,
    )


def timeout_failure(seconds: float, lost: TokenUsage, what: str = "gave no answer within") -> Failure:
    """Return the failure of an attempt that exceeded a time limit of `seconds`."""
    text = f"{what} {seconds:g} s, in {{tries}}"
    return Failure(text, "allow more time or use a faster model", transient=True, outage=True, lost=lost)


def connection_failure(reason: object) -> Failure:
    """Return the failure of a connection that could not be opened or was lost."""
    text = f"cannot be reached, in {{tries}}: {reason}"
    return Failure(text, "check --base-url and the network, then resume the run", transient=True, outage=True)


def reply_failure(error: MalformedReply, lost: TokenUsage = NO_TOKENS) -> Failure:
    """Return the failure of a reply that is not a valid chat completion."""
    if isinstance(error, UpstreamError) and error.status is not None:
        inner = status_failure(error.status, error.complaint, {})
        what = inner.what.replace("status ", "an error inside a reply of status 200, ", 1)
        return Failure(
            what, inner.remedy, inner.transient, inner.outage, inner.effect, inner.complaint, inner.rejected, lost=lost
        )
    if isinstance(error, UpstreamError) and (effect := classify(400, error.complaint)):
        again = effect in _ASKED_AGAIN
        what = f"returned no valid reply in {{tries}}: {error}"
        remedy = _EFFECT_REMEDIES.get(effect, "see what the endpoint reports, then resume the run")
        return Failure(what, remedy, again, again, effect, error.complaint, rejected=not again, lost=lost)
    what = f"returned no valid reply in {{tries}}: {error}"
    if isinstance(error, UnexpectedStream):
        remedy = "check that the endpoint supports the OpenAI chat API"
        return Failure(what, remedy, effect=RejectionEffect.STREAM_ONLY, complaint=str(error), rejected=True, lost=lost)
    upstream = isinstance(error, UpstreamError | BrokenStream)
    remedy = (
        "try again later, or use another model or endpoint"
        if upstream
        else "check that --base-url is the root of the API (it often ends in /v1)"
    )
    return Failure(what, remedy, transient=True, outage=True, lost=lost)


def oversized_failure(limit: int) -> Failure:
    """Return the failure of a body larger than `limit` bytes; it is not retried."""
    text = f"sent a body of more than {limit // 1_000_000} MB, too large for an answer of a model"
    return Failure(text, "check that --base-url is the root of the API (it often ends in /v1)")


def _is_passing(status: int) -> bool:
    return status >= 500 or status in (408, 429)
