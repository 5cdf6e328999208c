"""Replies whose answer contradicts itself."""

from .builders import Case, again, order, text

CONTRADICTIONS: tuple[Case, ...] = (
    *(
        again(
            f"{verdict} with {scale}",
            f"verdict {verdict} with a scale of {scale}",
            lambda g, _, verdict=verdict, scale=scale: text({**g, "verdict": verdict, "scale": scale}),
            "verdict",
        )
        for verdict, scale in (
            ("approve", 0),
            ("approve", 0.5),
            ("veto", 1),
            ("veto", 0.5),
            ("shrink", 0),
            ("shrink", 1),
        )
    ),
    again(
        "stance without confidence",
        "a stance with a direction and a confidence of 0",
        lambda g, _: text({**g, "confidence": 0}),
        "stance",
    ),
    again(
        "rating and conviction",
        "rating buy with a negative conviction",
        lambda g, _: text({**g, "conviction": -0.5}),
        "rating",
    ),
    again(
        "hold with conviction",
        "rating hold with a strong conviction",
        lambda g, _: text({**g, "rating": "hold"}),
        "rating",
    ),
    again(
        "rating and orders",
        "rating buy with an order that opens a short position",
        lambda g, _: order(g, action="short"),
        "rating",
        "orders",
    ),
    again(
        "both directions",
        "a plan that buys and shorts",
        lambda g, _: text({**g, "orders": [g["orders"][0], {**g["orders"][0], "action": "short"}]}),
        "orders",
    ),
)
"""Answers that contradict themselves."""
