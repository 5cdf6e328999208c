"""Why a chat request was not completed, as far as transports react to it."""

from ...domain.errors import InvalidOutput, ModelUnavailable
from ..capabilities import RejectionEffect
from ..completion import NO_TOKENS, TokenUsage


class RequestRejected(ModelUnavailable):
    """The endpoint does not take the request as it is.

    Attributes:
        effect: what the rejection means; None where its text is not recognized.
        complaint: the endpoint's own text, without secrets.
    """

    def __init__(self, reason: str, complaint: str, effect: RejectionEffect | None = None) -> None:
        super().__init__(reason)
        self.complaint, self.effect = complaint, effect


class EndpointOutage(ModelUnavailable):
    """The endpoint gave no usable reply although it was asked repeatedly; another endpoint may.

    Attributes:
        lost: tokens that the endpoint may have charged for answers that never arrived whole.
    """

    def __init__(self, reason: str, lost: TokenUsage = NO_TOKENS) -> None:
        super().__init__(reason)
        self.lost = lost


class OutputRejected(InvalidOutput):
    """The endpoint itself found, repeatedly, that the model's answer does not fit the requested form."""
