"""Characters that could control a terminal or reorder text never reach one; JSON has them as escapes."""

import json

import pytest
from openoutcry.domain.text import escape_control, strip_control

FORBIDDEN = [
    *map(chr, (*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, 0x061C)),
    *map(chr, (*range(0x2066, 0x206A), *range(0x202A, 0x202F), 0xE0001, 0xE0041, 0xE007F)),
]
HOSTILE = "a\x1b[31mred\x9b2Jb\u202ec\u2066d\u200ee\u061cf\U000e0041g"


def is_clean(text):
    return not set(text.replace("\r\n", "\n")) & set(FORBIDDEN)


@pytest.mark.parametrize("character", FORBIDDEN, ids=lambda each: f"U+{ord(each):04X}")
def test_each_character_is_removed_and_escaped(character):
    assert strip_control(f"a{character}b") in {"ab", "a b"}
    written = escape_control(json.dumps(f"a{character}b", ensure_ascii=False))
    assert is_clean(written)
    assert json.loads(written) == f"a{character}b"


def test_text_of_every_script_stays():
    text = "naïve 株価 סגירה 📈👩‍💻\ttab\nline"
    assert strip_control(text) == escape_control(text) == text


@pytest.fixture
def hostile(openoutcry):
    """Open an account whose name and halt reason hold control characters."""
    assert openoutcry("paper", "init", "--account", HOSTILE.replace("\x00", "")).code == 0
    assert is_clean(openoutcry("paper", "halt", "--account", HOSTILE, "--reason", HOSTILE).out)


@pytest.mark.parametrize(
    "command",
    [
        ("paper", "list"),
        ("paper", "status", "--account", HOSTILE),
        ("paper", "history", "--account", HOSTILE),
        ("paper", "deposit", "5", HOSTILE, "--account", HOSTILE),
        ("paper", "orders", "--account", HOSTILE),
        ("ledger", "verify"),
        ("paper", "status", "--account", f"{HOSTILE}x"),
        ("paper", "cancel", HOSTILE, "--account", HOSTILE),
        ("runs", "show", HOSTILE),
        ("decide", HOSTILE),
        ("prompts", "show", HOSTILE),
        ("memory", "show", HOSTILE),
        ("data", "check", HOSTILE),
        ("decide", "CALDR", "--model", HOSTILE),
        ("decide", "CALDR", "--desk", HOSTILE),
        (HOSTILE,),
        ("paper", "init", "--lots", HOSTILE),
    ],
    ids=lambda each: " ".join(each[:2]).encode("ascii", "replace").decode(),
)
def test_what_a_person_reads_is_clean(openoutcry, hostile, terminal, command):
    for on_terminal in (False, True):
        if on_terminal:
            terminal()
        ran = openoutcry(*command)
        assert is_clean(ran.err)
        assert is_clean(ran.out.replace("\x1b[1m", "").replace("\x1b[0m", ""))


def test_json_is_clean_and_means_the_same(openoutcry, hostile):
    ran = openoutcry("paper", "status", "--account", HOSTILE, "--json")
    assert is_clean(ran.out)
    assert json.loads(ran.out)["account"] == HOSTILE


def test_an_export_is_clean_on_a_terminal_and_exact_in_a_pipe(openoutcry, hostile, terminal):
    command = ("paper", "export", "--account", HOSTILE, "--format", "beancount")
    exact = openoutcry(*command).out
    terminal()
    assert openoutcry(*command).out == strip_control(exact)
