"""Checks that desks use their evidence: reversed evidence must change decisions, and anonymous names must not."""

from collections.abc import Iterable, Mapping, Sequence

from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from ..plan import PlannedTrack
from .altered_markets import ReversedMarket
from .deciding import DecisionView
from .masking import mask_of
from .observation import observe
from .subject import AuditSubject

COUNTERFACTUAL, ANONYMITY = "counterfactual", "anonymous prompts"
LEAST_RESPONSE = 0.5


def counterfactual(subject: AuditSubject) -> CheckView:
    """Fail if reversed evidence changes no decision of an arm by direction, size or conviction.

    Rules answer in every role; what a model would answer is examined only by the checks that call one.
    """
    return response_verdict(COUNTERFACTUAL, {track.name: _response(subject, track) for track in subject.arms})


def response_verdict(name: str, shares: Mapping[str, float | None]) -> CheckView:
    """Return the verdict on the share of decisions of each arm that respond to reversed evidence."""
    known = {arm: share for arm, share in shares.items() if share is not None}
    if not known:
        return verdict_view(name, CheckVerdict.WARNING, "No sampled decision had a view to reverse.")
    detail = "; ".join(f"{arm} responds in {share:.0%}" for arm, share in known.items())
    lowest = min(known.values())
    verdict = CheckVerdict.PASSED if lowest >= LEAST_RESPONSE else CheckVerdict.WARNING
    return verdict_view(name, CheckVerdict.FAILED if not lowest else verdict, f"{detail} of the decisions.")


def response_share(pairs: Iterable[tuple[Sequence[DecisionView], Sequence[DecisionView]]]) -> float | None:
    """Return the share of pairs, with and without reversed evidence, that differ; pairs without a view do not count."""
    changed = [plain != other for plain, other in pairs if has_view(plain)]
    return sum(changed) / len(changed) if changed else None


def has_view(views: Sequence[DecisionView]) -> bool:
    """Return whether a decision has a conviction, or opens something."""
    return any(each.conviction is not None or each.size for each in views)


def _response(subject: AuditSubject, track: PlannedTrack) -> float | None:
    """Return the share of sampled decisions with a view that change with reversed evidence; None without any."""
    settings, market = subject.settings(track), subject.market(track)
    return response_share(
        (
            observe(settings, subject.adapter(market), moment).views,
            observe(settings, subject.adapter(ReversedMarket(market)), moment).views,
        )
        for moment in subject.sample()
    )


def anonymous_prompts(subject: AuditSubject) -> CheckView:
    """Fail if a masked prompt still names the ticker, its company or a day, from which a model could know the future.

    It examines the mask that `--with-model` decides under, on the prompts of the sampled decisions.
    """
    for track in subject.arms:
        settings, source = subject.settings(track), subject.adapter(subject.market(track))
        for moment in subject.sample():
            mask = mask_of(source, moment, subject.plan.symbols)
            for role, text in observe(settings, source, moment).texts.items():
                if named := mask.named_in(mask.hide(text)):
                    detail = f"{track.name} on {moment.symbol}: the masked prompt of call {role} names {named}."
                    return verdict_view(ANONYMITY, CheckVerdict.FAILED, detail)
    detail = "Masked prompts name no ticker of the universe, no company and no true day."
    return verdict_view(ANONYMITY, CheckVerdict.PASSED, detail)
