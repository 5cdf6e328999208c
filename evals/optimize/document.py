"""The stored course of an optimization: `optimization.json`, written after every proposal."""

import json
from dataclasses import asdict

from .optimization import Optimization

DOCUMENT = "optimization.json"
SCHEMA = "openoutcry.optimization/1"


def course_document(course: Optimization) -> dict[str, object]:
    """Return the request, the original score and every proposal as one JSON document."""
    request = course.request
    return {
        "schema": SCHEMA,
        "id": request.id,
        "method": str(request.options.method),
        "experiment": request.file.experiment.name,
        "arm": request.arm.name,
        "prompt": request.prompt.id,
        "tuning": {
            "scoring": {"from": str(request.scoring.first), "to": str(request.scoring.last)},
            "shadow": {"from": str(request.shadow.first), "to": str(request.shadow.last)},
        },
        "original": {
            "hash": request.prompt.hash,
            "text": request.block,
            "score": course.tried[0].scored.score if course.tried else None,
        },
        "proposals": [asdict(each) for each in course.attempts],
    }


def document_text(course: Optimization) -> str:
    """Return the document as JSON text."""
    return json.dumps(course_document(course), indent=1, ensure_ascii=False) + "\n"
