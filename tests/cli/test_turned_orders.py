"""The table of orders shows which exit a turned position waits for."""

DESK = """
name: turner
roles: [{role: analyst, name: technical, tools: [bars, indicators]}]
deliberation: {kind: panel, decider: manager, blind_to: [evidence]}
decision: {kind: exposure}
"""


def test_open_orders_name_the_exit_that_an_entry_waits_for(openoutcry, tmp_path):
    (tmp_path / "turner.yaml").write_text(DESK)
    openoutcry("paper", "init", "--account", "own", "--margin")
    openoutcry("paper", "order", "GRUND", "short", "60", "--account", "own", "--as-of", "2025-02-28")
    heading = openoutcry("paper", "orders", "--account", "own").out.splitlines()[0].split("\t")
    assert "parent" not in heading
    where = ("--account", "own", "--model", "rules", "--as-of", "2025-03-03")
    assert openoutcry("decide", "GRUND", "--desk", tmp_path / "turner.yaml", *where, "--submit").code == 0
    heading, leaves, enters = (
        line.split("\t") for line in openoutcry("paper", "orders", "--account", "own").out.splitlines()
    )
    assert (leaves[heading.index("action")], enters[heading.index("action")]) == ("cover", "buy")
    assert enters[heading.index("parent")] == leaves[heading.index("order_id")]
