"""The checks of `doctor` on the models' endpoint: whether it answers, and with --model what the model can do."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from ...app.clock import now
from ...app.factories import endpoint
from ...app.settings import Settings, api_key, base_url
from ...domain.errors import OpenOutcryError
from .doctor_checks import CheckOutcome, CheckResult

LARGEST_SKEW_S = 120
REACH_SECONDS = 5.0
NEEDED = "chat"


def endpoint_checks(settings: Settings) -> Iterator[CheckResult]:
    """Yield whether the endpoint answers, and the difference between its clock and this one's."""
    try:
        configured = api_key(settings) is not None or base_url(settings) is not None
        place = endpoint(settings) if configured else None
    except OpenOutcryError as error:
        yield CheckResult("model endpoint", CheckOutcome.FAILED, str(error), "correct the address or the key")
        return
    if place is None:
        remedy = "set OPENAI_API_KEY or OPENAI_BASE_URL to use a model"
        yield CheckResult("model endpoint", CheckOutcome.SKIPPED, "no key and no base URL", remedy)
        return
    try:
        key = {"Authorization": f"Bearer {place.key}"}
        address = f"{place.request_url.rstrip('/')}/models"
        reply = httpx.get(address, timeout=REACH_SECONDS, headers=key, auth=place.login)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        host = urlsplit(place.request_url).netloc
        said = f"{host} cannot be reached: {place.scrub(type(error).__name__)}"
        yield CheckResult("model endpoint", CheckOutcome.FAILED, said, "check the address, the network and the proxy")
        return
    refused = reply.status_code in (401, 403)
    said = f"{place.redacted_url} returns {reply.status_code}" + (": the key is rejected" if refused else "")
    remedy = "set a valid key" if refused else ""
    yield CheckResult("model endpoint", CheckOutcome.FAILED if refused else CheckOutcome.OK, said, remedy)
    yield from _clock(reply)


def model_checks(settings: Settings, spec: str) -> Iterator[CheckResult]:
    """Probe a model and yield each feature, and what the desk will use; raises ConfigError without an endpoint."""
    from ...app.endpoint_probe import describe_capabilities, probe_endpoint

    probed = probe_endpoint(settings, spec)
    yield CheckResult("endpoint", CheckOutcome.OK, f"{probed.endpoint}, {probed.result.calls} calls")
    for feature in probed.result.features:
        missing = CheckOutcome.FAILED if feature.feature == NEEDED else CheckOutcome.WARNING
        remedy = "check model name, key and address" if feature.feature == NEEDED else "none needed: the desk adapts"
        outcome = CheckOutcome.OK if feature.works else missing
        yield CheckResult(feature.feature, outcome, feature.detail, "" if feature.works else remedy)
    if probed.result.capabilities is None:
        yield CheckResult("the desk will use", CheckOutcome.SKIPPED, "the model does not answer", "see above")
    else:
        yield CheckResult("the desk will use", CheckOutcome.OK, describe_capabilities(probed.result.capabilities))


def _clock(reply: httpx.Response) -> Iterator[CheckResult]:
    if "date" in reply.headers:
        skew = abs((now() - parsedate_to_datetime(reply.headers["date"])).total_seconds())
        fine = skew < LARGEST_SKEW_S
        remedy = "" if fine else "set this computer's clock"
        yield CheckResult(
            "clock", CheckOutcome.OK if fine else CheckOutcome.FAILED, f"{skew:.0f} s from the endpoint's", remedy
        )
