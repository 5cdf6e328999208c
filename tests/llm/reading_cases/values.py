"""Replies whose fields hold values in another form than the schema asks for."""

from .builders import Case, again, first_text, order, repaired, text, without

VALUES: tuple[Case, ...] = (
    repaired(
        "case of a stance",
        "a term in another case, with blanks or brackets",
        lambda good, _: text({**good, "stance": " [Bullish]. "}),
        "enum_spelling",
        "stance",
    ),
    repaired(
        "case of a rating",
        "the same for a rating",
        lambda g, _: text({**g, "rating": "BUY"}),
        "enum_spelling",
        "rating",
    ),
    repaired(
        "case of a verdict",
        "the same for a verdict",
        lambda g, _: text({**g, "verdict": "Shrink"}),
        "enum_spelling",
        "verdict",
    ),
    repaired(
        "case of an action",
        "the same in an order",
        lambda g, _: order(g, action="Buy", type="LIMIT"),
        "enum_spelling",
        "orders",
    ),
    repaired(
        "known synonym",
        "a term of the table of synonyms",
        lambda g, _: text({**g, "stance": "看涨"}),
        "synonym",
        "stance",
    ),
    repaired("known rating", "the same for a rating", lambda g, _: text({**g, "rating": "买入"}), "synonym", "rating"),
    again("unknown synonym", "a term that is in no table", lambda g, _: text({**g, "stance": "hold"}), "stance"),
    again("unknown rating", "the same for a rating", lambda g, _: text({**g, "rating": "strong buy"}), "rating"),
    again("unknown verdict", "the same for a verdict", lambda g, _: text({**g, "verdict": "ok"}), "verdict"),
    again("unknown action", "the same in an order", lambda g, _: order(g, action="enter"), "orders"),
    repaired(
        "left-out nulls",
        "fields left out that may be null",
        lambda g, _: text({**g, "orders": [without(g["orders"][0], "stop_price", "trail", "stop_loss_limit")]}),
        "omitted_null",
        "orders",
    ),
    repaired("null as text", "null as a text", lambda g, _: order(g, trail="null"), "null_as_text", "orders"),
    repaired(
        "deliberate hold",
        "an empty list of orders without a reason",
        lambda g, _: text({**without(g, "rationale"), "orders": []}),
        "no_rationale",
        "orders",
        expected=lambda g: {**g, "orders": [], "rationale": "No reason was given."},
    ),
    *(
        repaired(
            f"idle order {name}",
            situation,
            lambda g, _, changes=changes: order(g, **changes),
            "idle_order",
            "orders",
            expected=lambda g: {**g, "orders": []},
        )
        for name, situation, changes in (
            ("quantity", "an order of quantity zero", {"quantity": 0}),
            ("action", "an order to hold", {"action": "Hold", "quantity": 0}),
        )
    ),
    again("no list of orders", "null for the orders", lambda g, _: text({**g, "orders": None}), "orders"),
    again("negative quantity", "a negative quantity", lambda g, _: order(g, quantity=-5), "orders"),
    repaired(
        "list as JSON text",
        "a list as JSON text",
        lambda g, _: text({**g, "evidence": '["px.close"]'}),
        "list_as_text",
        "evidence",
    ),
    repaired(
        "one id for a list",
        "one id where a list is due",
        lambda g, _: text({**g, "evidence": "px.close"}),
        "single_for_list",
        "evidence",
    ),
    repaired(
        "null for a list",
        "null where a list of ids is due",
        lambda g, _: text({**g, "evidence": None}),
        "null_for_list",
        "evidence",
        expected=lambda g: {**g, "evidence": []},
    ),
    repaired(
        "id in brackets",
        "ids in brackets",
        lambda g, _: text({**g, "evidence": ["[px.close]"]}),
        "id_brackets",
        "evidence",
    ),
    repaired(
        "id twice",
        "an id twice",
        lambda g, _: text({**g, "evidence": ["px.close", "px.close"]}),
        "repeated_id",
        "evidence",
    ),
    repaired(
        "number as text", "a number as a text", lambda g, _: order(g, limit_price="72.50"), "number_as_text", "orders"
    ),
    repaired(
        "thousands",
        "thousands separators of one clear convention",
        lambda g, _: order(g, quantity="1,234,567", limit_price="1.072,5"),
        "number_as_text",
        "orders",
        expected=lambda g: {**g, "orders": [{**g["orders"][0], "quantity": 1234567, "limit_price": 1072.5}]},
    ),
    again("comma of two meanings", "a comma that may be either", lambda g, _: order(g, quantity="1,234"), "orders"),
    repaired(
        "percent", "a percent sign on a share", lambda g, _: text({**g, "confidence": "60 %"}), "percent", "confidence"
    ),
    again("percent without a sign", "60 for 0.6", lambda g, _: text({**g, "confidence": 60}), "confidence"),
    again("scale of a hundred", "50 for 0.5", lambda g, _: text({**g, "scale": 50}), "scale"),
    again("true for a number", "true for a number", lambda g, _: text({**g, "confidence": True}), "confidence"),
    again(
        "true for a scale", "true for a number", lambda g, _: text({**g, "verdict": "approve", "scale": True}), "scale"
    ),
    again("true for a quantity", "true for a quantity", lambda g, _: order(g, quantity=True), "orders"),
    repaired(
        "invisible characters",
        "control, direction and zero-width characters in a text",
        lambda g, _: text({**g, first_text(g): "In\u202evi\u200bsi\u009bble\u2067 \U000e0041text"}),
        "control_characters",
        expected=lambda g: {**g, first_text(g): "Invisible text"},
    ),
    again("blank text", "a text of blanks", lambda g, _: text({**g, first_text(g): " \u200b\n"})),
    again("long text", "a text of more than 10,000 characters", lambda g, _: text({**g, first_text(g): "x" * 10_001})),
    again("long answer", "an object of more than 50,000 characters", lambda g, _: text({**g, "more": "x" * 50_000})),
    again("many orders", "more than 20 orders", lambda g, _: text({**g, "orders": g["orders"] * 21}), "orders"),
    again(
        "many ids",
        "more than 200 ids",
        lambda g, _: text({**g, "evidence": [f"px.{n}" for n in range(201)]}),
        "evidence",
    ),
)
"""The values of the fields."""
