"""Errors of chat requests that transports handle."""

from ...domain.errors import InvalidOutput, ModelUnavailable
from ..capabilities import RejectionEffect
from ..completion import NO_TOKENS, TokenUsage


class RequestRejected(ModelUnavailable):
    """The endpoint rejected the request.

    Attributes:
        effect: effect of the rejection; None if its text is not recognized.
        complaint: the endpoint's error text, without secrets.
    """

    def __init__(self, reason: str, complaint: str, effect: RejectionEffect | None = None) -> None:
        super().__init__(reason)
        self.complaint, self.effect = complaint, effect


class EndpointOutage(ModelUnavailable):
    """The endpoint gave no usable reply after all attempts; another endpoint may.

    Attributes:
        lost: tokens that the endpoint may have charged for incomplete answers.
    """

    def __init__(self, reason: str, lost: TokenUsage = NO_TOKENS) -> None:
        super().__init__(reason)
        self.lost = lost


class OutputRejected(InvalidOutput):
    """The endpoint repeatedly reported that the model's answer does not have the requested format."""
