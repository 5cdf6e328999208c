"""An endpoint whose model repeats the key and writes invisible characters: neither is in any output or file."""

import json
from base64 import b64encode
from urllib.parse import quote

import pytest
from scripted_answers import TICKER
from stub.server import StubServer

KEY = "sk-leaky+sentinel/7f3a91"
FORMS = (KEY, quote(KEY, safe=""), b64encode(KEY.encode()).decode(), KEY.encode().hex(), json.dumps(KEY)[1:-1])
INVISIBLE = "\x9b\u061c\u200b\u200e\u200f\u202a\u202e\u2066\u2069\U000e0041"
SAID = f"All is{INVISIBLE} well: {' '.join(FORMS)}"
TEXTS = ("summary", "claim", "bull_case", "bear_case", "invalidation", "reason", "rationale", "lesson")


@pytest.fixture
def leaky(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with StubServer(values=dict.fromkeys(TEXTS, SAID)) as server:
        yield server


@pytest.mark.parametrize("options", [("--json",), ("--report", "report.md"), ("--report", "report.html"), ()])
def test_neither_the_key_nor_invisible_characters_get_out(openoutcry, leaky, home, options):
    ran = openoutcry(
        "decide", TICKER, "--as-of", "2025-03-03", "--model", "openai:x", "--base-url", leaky.url, *options
    )
    assert ran.code == 0
    files = [path.read_bytes() for path in home.parent.rglob("*") if path.is_file()]
    assert any(b"All is well" in content for content in files)
    everything = b"".join([*files, ran.out.encode(), ran.err.encode()])
    assert not [form for form in FORMS if form.encode() in everything]
    escapes = [json.dumps(each)[1:-1] for each in INVISIBLE]
    assert not [each for each in escapes if each.encode() in everything]
    assert not [each for each in INVISIBLE if each in ran.out + ran.err]
