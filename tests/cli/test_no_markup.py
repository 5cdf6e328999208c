"""Text from data is never markup: names and reasons with brackets are shown as they are written."""

import pytest

HOSTILE = ("[/bar]", "[red]x[/red]", "[link=http://x]y", "[[a]]", "x[/", "[bold")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_halt_reason_is_shown_as_it_was_written(openoutcry, text):
    assert openoutcry("paper", "init", "--account", "a").code == 0
    assert openoutcry("paper", "halt", "--account", "a", "--reason", text).code == 0
    for command in ("status", "history"):
        ran = openoutcry("paper", command, "--account", "a")
        assert (ran.code, text in ran.out) == (0, True)


@pytest.mark.parametrize("name", HOSTILE)
def test_an_account_of_any_name_breaks_no_command_for_the_others(openoutcry, name):
    for account in (name, "plain"):
        assert openoutcry("paper", "init", "--account", account).code == 0
    assert openoutcry("paper", "status", "--account", name).code == 0
    ran = openoutcry("ledger", "verify")
    assert (ran.code, name in ran.out, "plain" in ran.out) == (0, True, True)
