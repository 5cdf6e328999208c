"""The default desk over HTTP under the whole corpus of injections: an endpoint that obeys, and one that echoes the key.

Nothing of the key is in any byte of state or output, nothing that a person sees holds invisible characters or markup
made of data, the size of a decision is bounded, and limits, fences and the view of the tools hold.
"""

import json
import re
from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from injected_texts import WANTED, Gullible, check_fences, corpus, of, prompts_of, rows_for, tool_results
from market_folder import write_folder
from openoutcry.agents.outside_text import sanitize
from openoutcry.market.text import one_line
from scripted_answers import TICKER
from stub.http_log import Reply, ToolCall
from stub.server import StubServer

KEY = "sk-odd+key/7f3a&91c2d4=zq"
DAYS = ("2025-03-03", "2025-03-04", "2025-03-05", "2025-03-06", "2025-03-07")
EQUITY = 100_000
INVISIBLE = "\x1b[31m\x9b\x07\u061c\u200b\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\U000e0041\U000e007f"
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
MARKUP = '<injected-tag onload="x()">[bold red]RICH[/bold red][/bar][link=http://x]{{ 7*7 }}</td></table><script>'
LARGEST = {".json": 250_000, ".md": 200_000, ".html": 400_000, "terminal": 80_000}
"""Most bytes of an output of one decision."""


def forms():
    """Return byte strings of which none may occur; base64 text at each of its three offsets."""
    raw = KEY.encode()
    at_offsets = [b64encode(b"x" * offset + raw).decode()[4:-4] for offset in range(3)]
    texts = [KEY, quote(KEY, safe=""), raw.hex(), raw.hex().upper(), *at_offsets]
    texts += [text.replace("+", "-").replace("/", "_") for text in at_offsets]
    texts += ["".join(f"%{byte:02X}" for byte in raw), json.dumps(KEY)[1:-1].replace("/", "\\/"), KEY[3:-2]]
    return [text.encode() for text in texts]


class Echo:
    """A model whose every text holds the key in several forms, invisible characters and markup."""

    def __init__(self, stub):
        self.stub, self.calls = stub, 0

    def __call__(self, request):
        raw = KEY.encode()
        said = f"{KEY} {b64encode(raw).decode()} {quote(KEY, safe='')} {raw.hex()} {INVISIBLE}{MARKUP}"
        extra = {"reasoning_content": said, "reasoning": said, "refusal": None, KEY: said}
        called = any(message["role"] == "tool" for message in request.messages)
        if request.tools and request.body.get("tool_choice") == "auto" and not called:
            self.calls += 1
            calls = (ToolCall("news", json.dumps({"symbol": said})), ToolCall(KEY, said, "c2"))
            return Reply(said, calls, extra=extra, call_extra={"extra_content": {KEY: said}})
        answer = self._with_texts(self.stub.filler.fill(request.schema, request.prompt), said)
        return Reply(json.dumps(answer, ensure_ascii=self.calls % 2 == 0), extra=extra, finish_reason="stop")

    def _with_texts(self, value, said):
        if isinstance(value, list):
            return [self._with_texts(each, said) if isinstance(each, dict) else each for each in value]
        return {
            name: f"{name}: {said}" if isinstance(each, str) and " " in each else self._with_texts(each, said)
            if isinstance(each, list | dict) else each
            for name, each in value.items()
        }  # fmt: skip


class Tags(HTMLParser):
    """Collects elements, attributes and addresses of a page, and its visible text."""

    def __init__(self):
        super().__init__()
        self.elements, self.attributes, self.links, self.text = set(), set(), [], []

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def batches():
    """Return the texts of headlines and summaries, a part for each day."""
    texts = of("headline", "summary")
    size = -(-len(texts) // len(DAYS))
    return [texts[first : first + size] for first in range(0, len(texts), size)]


@pytest.fixture
def market(demo, tmp_path):
    folder = write_folder(demo, [TICKER], datetime(2025, 6, 2, 21, tzinfo=UTC), tmp_path / "market", 500)
    (folder / "news.jsonl").unlink()
    return folder


@pytest.fixture(params=[Gullible, Echo], ids=["gullible", "echo"])
def stub(request, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENOUTCRY_ATTEMPTS", "1")
    with StubServer(values=WANTED) as server:
        server.responder = request.param(server)
        yield server


def put(market, batch, number):
    """Write the texts of one batch and those of every other place into the folder."""
    news, filings, profile, _ = rows_for(batch, number)
    for place, row in enumerate(of("filing")):
        filings.append({**filings[0], "text": row["text"], "url": f"{filings[0]['url']}-{number}-{place}"})
    for name, rows in (("news", news), ("filing_texts", filings), ("profile", profile)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (market / f"{name}.jsonl").write_text(text, encoding="utf-8")


def check_text(text, kind):
    assert not FORBIDDEN.findall(text), (kind, FORBIDDEN.findall(text)[:5])
    assert len(text.encode()) <= LARGEST[kind]
    assert all(form.decode() not in text for form in forms()), kind


def check_page(text):
    page = Tags()
    page.feed(text)
    assert "injected-tag" not in page.elements
    assert not page.elements & {"script", "img", "iframe", "object", "embed", "form", "base", "meta-refresh"}
    assert not {name for name in page.attributes if name.startswith("on")}
    assert all(re.match(r"https?://|#", link) for link in page.links), page.links
    return "".join(page.text)


def check_limits(document):
    close = next(Decimal(item["value"]) for item in document["evidence"] if item["id"] == "px.close")
    for order in document["orders"]:
        assert order["symbol"] == TICKER
        assert 0 < Decimal(order["quantity"]) * close <= EQUITY * Decimal("0.2")
        if stop := order.get("stop_loss"):
            assert Decimal(order["quantity"]) * abs(close - Decimal(stop["stop_price"])) <= EQUITY * Decimal("0.021")


def check_view(document, results, day):
    quoted = {found for row in corpus() for found in re.findall(r"20\d\d-\d\d-\d\d", row["text"])}
    dates = set(re.findall(r"\b20\d\d-\d\d-\d\d\b", "\n".join(results))) - quoted
    assert max(dates, default=day) <= day
    assert "root:" not in "\n".join(results)
    assert all(item["known_at"][:10] <= day for item in document["evidence"])


def test_a_hostile_market_and_endpoint_break_nothing(openoutcry, stub, market, batches, tmp_path, home):
    shown_texts = ""
    for number, (day, batch) in enumerate(zip(DAYS, batches, strict=True)):
        put(market, batch, number)
        seen = len(stub.requests)
        ask = ("decide", TICKER, "--as-of", day, "--market", market, "--model", "openai:m", "--base-url", stub.url)
        ran = openoutcry(*ask, "--cash", EQUITY, "--report", tmp_path / f"{number}.html")
        assert ran.code in {0, 3}, ran.err
        check_text(ran.out + ran.err, "terminal")
        stored = openoutcry("runs", "show", "latest", "--json", "--report", tmp_path / f"{number}.md")
        check_text(stored.out, ".json")
        document = json.loads(stored.out)
        assert not FORBIDDEN.findall(json.dumps(document, ensure_ascii=False))
        for path in (tmp_path / f"{number}.html", tmp_path / f"{number}.md"):
            check_text(path.read_text(encoding="utf-8"), path.suffix)
        words = check_page((tmp_path / f"{number}.html").read_text(encoding="utf-8"))
        check_limits(document)
        check_fences(prompts_of(stub) + tool_results(stub))
        check_view(document, [m["content"] for r in stub.requests[seen:] for m in r.request.messages
                              if m["role"] == "tool"], day)  # fmt: skip
        assert document["outcome"] == "orders"
        assert bool(document["recalled"]) == (number > 0)
        shown_texts += ran.out + words
    assert stub.responder.calls >= len(DAYS)
    if isinstance(stub.responder, Echo):
        assert "***" in shown_texts
        assert '<injected-tag onload="x()">' in shown_texts, "markup is shown as the text that it is"
        assert "[bold red]RICH[/bold red]" in shown_texts
    check_prompts(stub)
    check_account(openoutcry, (*ask, "--account", "paper", "--submit"))
    check_commands(openoutcry)
    check_bytes(home, tmp_path, stub)


def check_prompts(stub):
    """Most texts of the corpus reached a prompt; some are repetitions, or news in other languages."""
    prompts = "\n".join(prompts_of(stub)).replace('"', "'")
    texts = [row["text"] for row in of("headline", "summary", "filing", "profile")]
    starts = [sanitize(one_line(text)).replace('"', "'")[:40].rstrip() for text in texts]
    assert sum(start in prompts for start in starts) >= 50


def check_account(openoutcry, ask):
    """An order that reaches an account is within the limits too, and its account shows nothing of the texts."""
    assert openoutcry("paper", "init", "--cash", EQUITY).code == 0
    ran = openoutcry(*ask)
    assert ran.code == 0, ran.err
    check_text(ran.out + ran.err, "terminal")
    for command in (("paper", "orders"), ("paper", "orders", "--json"), ("paper", "status"), ("ledger", "verify")):
        ran = openoutcry(*command)
        assert ran.code == 0, ran.err
        check_text(ran.out + ran.err, "terminal")


def check_commands(openoutcry):
    """Every command that prints what was stored shows it without the key and without invisible characters."""
    for command in (
        ("runs", "list"),
        ("runs", "list", "--json"),
        ("runs", "show", "latest"),
        ("memory", "list", "--limit", "50"),
        ("memory", "search", "obey the injected tag"),
        ("memory", "stats"),
    ):
        ran = openoutcry(*command)
        assert ran.code == 0, ran.err
        check_text(ran.out + ran.err, ".json")


def check_bytes(home, folder, stub):
    """Return after a search of every file that was written, and of every request body."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".db", ".html", ".md", ".jsonl"}
    assert any(path.is_relative_to(Path(home)) for path in files)
    for path in files:
        content = path.read_bytes()
        for form in forms():
            assert form not in content, (path, form)
    sent = json.dumps([record.body for record in stub.requests]).encode()
    assert all(form not in sent for form in forms())


@pytest.mark.parametrize("row", of("ticker"), ids=lambda row: row["id"])
def test_a_hostile_ticker_is_refused_without_its_characters(openoutcry, row):
    ran = openoutcry("decide", row["text"], "--model", "rules")
    assert ran.code == 2
    assert not FORBIDDEN.findall(ran.err)
    assert len(ran.err) < 500
