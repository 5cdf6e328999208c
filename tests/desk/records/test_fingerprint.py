"""The fingerprint of the market facts of a decision stays the same text for the same facts."""

import hashlib
import json
from dataclasses import asdict

from openoutcry.desk.records.provenance import market_fingerprint
from openoutcry.domain.evidence import EvidenceKind
from openoutcry.tests.desk_factory import rules, taken


def test_the_fingerprint_is_the_hash_of_the_shown_facts_as_canonical_json(demo, monkeypatch):
    kept = []
    monkeypatch.setattr(
        "openoutcry.desk.decision.market_fingerprint", lambda case: kept.append(case) or market_fingerprint(case)
    )
    made = taken(rules(demo))
    (case,) = kept
    shown = [asdict(item) for item in case.evidence if item.kind is not EvidenceKind.MEMORY]
    whole = [asdict(case.brief.quote), sorted(shown, key=lambda item: str(item["id"]))]
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
    assert made.market.fingerprint == hashlib.sha256(text.encode()).hexdigest()[:16]
    assert len(shown) > 20
