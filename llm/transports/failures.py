"""One failed attempt as a value: whether to try again, after how long, and the sentence for the operator."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...domain.errors import ModelError, ModelUnavailable
from ...storage.retry_after import retry_after
from ..capabilities import RejectionEffect
from ..completion import NO_TOKENS, Completion, MalformedReply, TokenUsage, UnexpectedStream, UpstreamError
from ..endpoint import Endpoint
from ..rejections import classify, complaint_in, error_text
from ..streaming import BrokenStream
from .errors import EndpointOutage, OutputRejected, RequestRejected

_DETAIL = 300
_REMEDIES = {
    301: "set --base-url to the address that it points to",
    302: "set --base-url to the address that it points to",
    307: "set --base-url to the address that it points to",
    308: "set --base-url to the address that it points to",
    400: "the request was not accepted; run openoutcry doctor to see what this endpoint takes",
    401: "set OPENAI_API_KEY to a key that this endpoint accepts",
    402: "add credit to the account",
    403: "use a key that may use this model, or another --model",
    404: "check --model and --base-url",
    413: "the prompt is too long for this endpoint; use a desk with less evidence or another model",
    422: "check that the endpoint speaks the OpenAI chat API",
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
        what: what happened, with `{tries}` where the number of attempts belongs; may hold secrets.
        remedy: what the operator can do.
        transient: a later attempt can succeed.
        outage: another endpoint may serve the request.
        effect: what a rejection means, where its text is recognized.
        complaint: the endpoint's own text; may hold secrets.
        rejected: the request was not taken as it is.
        wait_s: how long the endpoint asks to wait; None where it does not.
        lost: tokens that it may have charged.
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
        """Return the error for the caller: one sentence with a remedy, without secrets."""
        tries = f"{attempts} attempts" if attempts > 1 else "one attempt"
        said = endpoint.scrub(self.what.replace("{tries}", tries))  # before it is clipped, or half a key could be left
        shown = said if len(said) <= _DETAIL else said[:_DETAIL] + "..."
        reason = f"{endpoint.redacted_url} {shown.rstrip('.')}; {self.remedy}"
        if self.effect is RejectionEffect.TRANSIENT_OUTPUT:
            return OutputRejected(reason)
        if self.rejected:
            return RequestRejected(reason, endpoint.scrub(self.complaint), self.effect)
        return EndpointOutage(reason, lost) if self.outage else ModelUnavailable(reason)


@dataclass(slots=True)
class Attempts:
    """How often one request was tried, and what failed attempts may have cost."""

    count: int = 0
    lost: TokenUsage = NO_TOKENS

    def add(self, outcome: Completion | Failure) -> None:
        self.count += 1
        if isinstance(outcome, Failure):
            self.lost += outcome.lost


def status_failure(status: int, body: str, headers: Mapping[str, str], code: object = None) -> Failure:
    """Return the failure that a response with an error status, or an error with a status in a body, stands for."""
    complaint = complaint_in(body)
    effect = classify(status, complaint)
    said = f"status {status}: {error_text(body)}"
    remedy = _EFFECT_REMEDIES.get(effect) if effect else None
    remedy = remedy or _REMEDIES.get(status, "see what the endpoint reports, then resume the run")
    if effect in _ASKED_AGAIN or (effect is None and _is_passing(status, code)):
        what = f"gave no answer: after {{tries}}, the last with {said}"
        return Failure(
            what, remedy, transient=True, outage=True, effect=effect, complaint=complaint, wait_s=retry_after(headers)
        )
    return Failure(
        f"gave no answer: {said}",
        remedy,
        outage=status in (402, 429) or effect is RejectionEffect.NO_CREDIT,
        effect=effect,
        complaint=complaint,
        rejected=status in _REJECTED_STATUSES and effect is not RejectionEffect.NO_CREDIT,
    )


def timeout_failure(seconds: float, lost: TokenUsage, what: str = "gave no answer within") -> Failure:
    """Return the failure of an attempt that took too long."""
    said = f"{what} {seconds:g} s, in {{tries}}"
    return Failure(said, "allow more time or use a faster model", transient=True, outage=True, lost=lost)


def connection_failure(reason: object) -> Failure:
    """Return the failure of a connection that was not made or broke."""
    said = f"cannot be reached, in {{tries}}: {reason}"
    return Failure(said, "check --base-url and the network, then resume the run", transient=True, outage=True)


def reply_failure(error: MalformedReply, lost: TokenUsage = NO_TOKENS) -> Failure:
    """Return the failure of a reply that is no chat completion."""
    if isinstance(error, UpstreamError) and error.status is not None:
        inner = status_failure(error.status, error.complaint, {})
        what = inner.what.replace("status ", "an error inside a reply of status 200, ", 1)
        return Failure(
            what, inner.remedy, inner.transient, inner.outage, inner.effect, inner.complaint, inner.rejected, lost=lost
        )
    if isinstance(error, UpstreamError) and (effect := classify(400, error.complaint)):
        again = effect in _ASKED_AGAIN
        what = f"answered {{tries}} badly: {error}"
        remedy = _EFFECT_REMEDIES.get(effect, "see what the endpoint reports, then resume the run")
        return Failure(what, remedy, again, again, effect, error.complaint, rejected=not again, lost=lost)
    what = f"answered {{tries}} badly: {error}"
    if isinstance(error, UnexpectedStream):
        remedy = "check that the endpoint speaks the OpenAI chat API"
        return Failure(what, remedy, effect=RejectionEffect.STREAM_ONLY, complaint=str(error), rejected=True, lost=lost)
    upstream = isinstance(error, UpstreamError | BrokenStream)
    remedy = (
        "try again later, or use another model or endpoint"
        if upstream
        else "check that --base-url is the root of the API (it often ends in /v1)"
    )
    return Failure(what, remedy, transient=True, outage=True, lost=lost)


def oversized_failure(limit: int) -> Failure:
    """Return the failure of a body that is larger than any answer; asking again would cost the same again."""
    said = f"sent a body of more than {limit // 1_000_000} MB, which is no answer of a model"
    return Failure(said, "check that --base-url is the root of the API (it often ends in /v1)")


def _is_passing(status: int, code: object) -> bool:
    if status == 429:
        return code != "insufficient_quota"  # waiting adds no credit
    return status >= 500 or status == 408
