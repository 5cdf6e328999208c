"""Checks that desks use their evidence: reversed evidence must change decisions, and anonymous names must not."""

from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from ..plan import PlannedTrack
from .altered_markets import ReversedMarket
from .masking import mask_of
from .observation import observe
from .subject import AuditSubject

COUNTERFACTUAL, ANONYMITY = "counterfactual", "anonymous prompts"
LEAST_RESPONSE = 0.5


def counterfactual(subject: AuditSubject) -> CheckView:
    """Fail if reversed evidence changes no decision of an arm by direction, size or conviction.

    Rules answer in every role; what a model would answer is examined only by the checks that call one.
    """
    shares = {track.name: _response(subject, track) for track in subject.arms}
    known = {name: share for name, share in shares.items() if share is not None}
    if not known:
        return verdict_view(COUNTERFACTUAL, CheckVerdict.WARNING, "No sampled decision had a view to reverse.")
    detail = "; ".join(f"{name} responds in {share:.0%}" for name, share in known.items())
    lowest = min(known.values())
    verdict = CheckVerdict.PASSED if lowest >= LEAST_RESPONSE else CheckVerdict.WARNING
    return verdict_view(COUNTERFACTUAL, CheckVerdict.FAILED if not lowest else verdict, f"{detail} of the decisions.")


def _response(subject: AuditSubject, track: PlannedTrack) -> float | None:
    """Return the share of sampled decisions with a view that change with reversed evidence; None without any."""
    settings, market = subject.settings(track), subject.market(track)
    changed = list[bool]()
    for moment in subject.sample():
        plain = observe(settings, subject.adapter(market), moment)
        if plain.conviction is None:
            continue
        other = observe(settings, subject.adapter(ReversedMarket(market)), moment)
        changed.append((plain.conviction, plain.size) != (other.conviction, other.size))
    return sum(changed) / len(changed) if changed else None


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
