"""The check that no order fills on a bar that was visible when it was sent."""

from collections.abc import Iterable

from ...domain.errors import NoData
from ...ledger.model.events import BarClosed, Event
from ...ledger.model.order_events import OrderAccepted, OrderFilled
from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from .reruns import rerun
from .subject import AuditSubject

FILLS = "fills after decisions"


def visible_fills(events: Iterable[Event]) -> list[str]:
    """Return in words each fill on a bar that had closed when its order was accepted; empty for an honest journal."""
    closed, accepted, found = "", dict[str, str](), list[str]()
    for event in events:
        if isinstance(event, BarClosed):
            closed = max(closed, event.session)
        elif isinstance(event, OrderAccepted):
            accepted[event.terms.order_id] = closed
        elif isinstance(event, OrderFilled) and event.session <= accepted.get(event.order_id, ""):
            found.append(
                f"order {event.order_id}, sent after the close of {accepted[event.order_id]}, filled on {event.session}"
            )
    return found


def fills_after_decisions(subject: AuditSubject) -> CheckView:
    """Fail if an order of an arm fills on a bar that was visible when it was sent; one account of each arm is run."""
    count = 0
    for track in subject.arms:
        try:
            again = rerun(subject.units(track)[0], subject.adapter(subject.market(track)))
        except NoData as error:
            return verdict_view(FILLS, CheckVerdict.WARNING, f"Not examined: {error}.")
        if found := visible_fills(again.events):
            return verdict_view(FILLS, CheckVerdict.FAILED, f"{track.name}: {found[0]}.")
        count += again.result.fills
    return verdict_view(FILLS, CheckVerdict.PASSED, f"{count} fills, each on a bar after the order was sent.")
