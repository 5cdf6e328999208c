"""Intended differences from the recordings. Each entry is a path, a reason, and a check of the two values.

A path of a decision is `CASE/decisions/SYMBOL DAY/KEY/...`, such as `*/decisions/*/debate/*/claim`; one of a prompt is
`DESK/PROMPT`. A wildcard matches within one part of a path. Record anew, and empty the lists, once a difference is
final. What is removed from the middle of a list is an `ExpectedRemoval`, so that the rest of the list is compared.
"""

from .changed_values import (
    added,
    adds_text,
    becomes,
    is_gone,
    is_new,
    matches,
    same_time,
    scores_not_counted,
    starts_with,
    within,
    without_news,
)
from .differences import ExpectedChange, ExpectedRemoval, Fits

PLAIN = "headings and the description of the role are in plain English"
ROLE = "the role `solo` is called `single_agent`"
NEW_FACT = (
    "the status shows state, approvals, sessions, ambiguous fills and findings, a position shows the age of its price"
)
DIRECTION = "the built-in desk `finmem` decides on a direction, as published"
PRICE_SCALE = "shares listed by this version have prices to a hundredth of a cent, so slippage is not rounded to cents"
ISO = "times in JSON are ISO 8601 with seconds and time zone"
COLUMNS = "the list of runs shows model and rating"
MAX_LOSS = "the loss at the stops is limited for the whole position, so that a second entry is denied"
NOT_COUNTED = "a score that is not counted is n/a, and news without a word of the list has no tone"

WITHOUT_TONE = {
    "demo-MYRRL": ("MYRRL 2024-11-20",),
    "demo-OPENX": ("OPENX *",),
    "demo-TORVD": ("TORVD 2024-11-20", "TORVD 2025-03-03", "TORVD 2025-05-12"),
    "demo-account-single": ("VEXIL 2025-01-15",),
    "demo-scripted-plans": ("CALDR 2024-12-02", "CALDR 2025-03-24"),
    "demo-scripted-single": ("VEXIL 2025-02-03",),
    "public-AAPL": ("AAPL 2025-02-14",),
    "public-scripted-account": ("AAPL 2024-04-15",),
    "public-scripted-finmem": ("JPM 2024-02-15", "JPM 2024-05-15"),
}
"""Decisions by case in which a span of news has no word of the list."""


def _changes(reason: str, root: str, checks: dict[str, Fits]) -> tuple[ExpectedChange, ...]:
    """Return the expected changes of paths below `root`."""
    return tuple(ExpectedChange(f"{root}/{path}", reason, fits) for path, fits in checks.items())


UNKNOWN_TONES = tuple(
    change
    for case, decisions in WITHOUT_TONE.items()
    for decision in decisions
    for change in _changes(
        NOT_COUNTED,
        f"{case}/decisions/{decision}",
        {"market_fingerprint": matches("[0-9a-f]{16}"), "evidence/*": starts_with("sent.score")},
    )
)
UNCOUNTED_SCORES = _changes(
    NOT_COUNTED,
    "*/decisions/*",
    {
        "thesis/summary": scores_not_counted,
        # a memory of such a summary has another text, and so another id
        "recalled/*/text": matches("[0-9a-f]{12}"),
        "recalled/*/memory_id": matches("memory-[0-9a-f]{12}"),
        "recalled/*/score": within("0.05"),
        "recalled/*/parts/relevance": within("0.05"),
        "evidence/*": starts_with("mem.memory-"),
    },
)
ABSENT_NEWS = _changes(
    NOT_COUNTED,
    "demo-OPENX/decisions/*",
    {"thesis/summary": without_news, "degraded/*": adds_text("news abstained (data)")},
)
REMOVALS: tuple[ExpectedRemoval, ...] = (
    ExpectedRemoval("demo-OPENX/decisions/*/reports", NOT_COUNTED, lambda report: report["role"] == "news"),
    *(
        ExpectedRemoval(
            f"demo-OPENX/decisions/*/{path}", NOT_COUNTED, lambda cited: cited.startswith(("sent.", "news."))
        )
        for path in ("thesis/evidence", "orders/*/evidence", "risk/asked/*/evidence")
    ),
    ExpectedRemoval(
        "demo-OPENX/decisions/OPENX 2025-05-12/evidence", NOT_COUNTED, lambda fact: fact.startswith("sent.shock ")
    ),
)
NEW_FACTS = _changes(
    NEW_FACT,
    "*/*",
    {
        "paper status/ambiguous_fills": added(0),
        "paper status/findings": added([]),
        "paper status/state": added("active"),
        "paper status/reducing": added(""),
        "paper status/waiting_for_approval": added(0),
        "paper status/schedule": is_new,
        "paper positions/*/stale_sessions": added(0),
    },
)
FINER_PRICES = _changes(
    PRICE_SCALE,
    "*/after",
    {
        **{f"paper status/{name}": within("0.50") for name in ("equity", "cash", "buying_power", "withdrawable")},
        "paper positions/*/average_cost": within("0.005"),
        "paper positions/*/unrealised": within("0.50"),
        "paper positions/*/realised": within("0.50"),
        "paper positions/*/lots/*/cost": within("0.005"),
        "paper positions/*/lots/*/unrealised": within("0.50"),
        **{f"paper equity/*/{name}": within("0.50") for name in ("equity", "cash")},
        "paper fills/*/price": within("0.005"),
    },
)
DENIED_ENTRY = _changes(
    MAX_LOSS,
    "demo-account-floor",
    {
        "decisions/GRUND 2025-03-04/outcome": becomes("orders", "hold"),
        "decisions/GRUND 2025-03-04/orders/0": is_gone,
        "decisions/GRUND 2025-03-04/submissions/0": is_gone,
        "decisions/GRUND 2025-03-04/risk/clamps/*": is_new,
        "decisions/GRUND 2025-03-04/risk/denied/*": is_new,
        "after/paper orders --all/*": is_gone,
        "after/paper status/open_orders": becomes(7, 4),
        "after/paper status/events": becomes(75, 72),
        "after/paper status/reserved": becomes("1334.60", "0.00"),
        "after/paper status/buying_power": becomes("86464.71", "87799.57"),
        "after/paper status/withdrawable": becomes("81191.38", "82526.24"),
    },
)

DECISIONS: tuple[ExpectedChange, ...] = (
    ExpectedChange("*/decisions/*/recalled/*/roles/*", ROLE, becomes("solo", "single_agent")),
    *DENIED_ENTRY,
    *NEW_FACTS,
    *FINER_PRICES,
    *UNCOUNTED_SCORES,
    *UNKNOWN_TONES,
    *ABSENT_NEWS,
)
STATES: tuple[ExpectedChange, ...] = (
    ExpectedChange("archive/decisions/*/thesis/summary", NOT_COUNTED, scores_not_counted),
    *NEW_FACTS,
    *_changes(
        ISO,
        "home/read",
        {
            "memory list*/*/available_at": same_time,
            "memory search*/*/available_at": same_time,
            "runs list/*/started_at": same_time,
            "runs list/*/as_of": same_time,
        },
    ),
    *_changes(COLUMNS, "home/read", {"runs list/*/model": added("rules"), "runs list/*/rating": is_new}),
    *_changes(ISO, "interrupted", {"runs list/*/started_at": same_time, "runs list/*/as_of": same_time}),
    *_changes(COLUMNS, "interrupted", {"runs list/*/model": added("openai:stub"), "runs list/*/rating": added(None)}),
    ExpectedChange(
        "interrupted/runs list/*/status",
        "a run whose process is gone is listed as interrupted",
        becomes("running", "interrupted"),
    ),
)
COMMITTEE = becomes("0cc2c696bd858506", "4f166a09a7ba707b")
PROMPTS: tuple[ExpectedChange, ...] = (
    *_changes(ROLE, "single", {"solo": is_gone, "single_agent": added("1067947e5e0a1186")}),
    *_changes(DIRECTION, "finmem", {"solo": is_gone, "single_agent": added("e0c623ddaabd188f")}),
    *_changes(
        PLAIN,
        "*",
        {
            "reflector": becomes("8419aaf9cbe9e7c9", "ba3d7cbc34c02dd2"),
            "research_manager": becomes("64bec14d916b2eb3", "fb4c0c0d88070318"),
            "trader": becomes("8cd979406b81ae48", "ef74dcc89a42e682"),
            "risk_manager": becomes("4de8d8c337f80c97", "f23c560e3308bd0c"),
            "aggressive": COMMITTEE,
            "neutral": COMMITTEE,
            "conservative": COMMITTEE,
        },
    ),
)
