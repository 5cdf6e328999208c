"""Proxy and certificate variables: an exit code and the variable's name, or a direct connection to this machine."""

import json

import pytest
from scripted_answers import TICKER
from stub.server import StubServer

AT = ("--as-of", "2025-03-03", "--model", "openai:m")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "NO_PROXY", "no_proxy")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in (*PROXIES, *CERTIFICATES):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "socks://127.0.0.1:9", "http://127.0.0.1:9", "nonsense:x"])
def test_an_endpoint_on_this_machine_is_reached_without_a_proxy(openoutcry, monkeypatch, proxy):
    for name in ("ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, proxy)
    with StubServer() as stub:
        ran = openoutcry("decide", TICKER, *AT, "--base-url", stub.url, "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["orders"]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "socksio"),
        ("ALL_PROXY", "socks://127.0.0.1:9", "socks://"),
        ("HTTPS_PROXY", "ftp://127.0.0.1:9", "ftp://"),
        ("https_proxy", "http://user:secret@:x", "not a supported proxy address"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named(openoutcry, monkeypatch, variable, value, said):
    monkeypatch.setenv(variable, value)
    ran = openoutcry("decide", TICKER, *AT, "--base-url", "https://models.invalid/v1")
    assert ran.code == 2
    assert variable in ran.err
    assert said in ran.err
    assert "secret" not in ran.err


@pytest.mark.parametrize("variable", CERTIFICATES)
def test_certificates_that_are_not_there_are_named(openoutcry, monkeypatch, variable, tmp_path):
    monkeypatch.setenv(variable, str(tmp_path / "none.pem"))
    with StubServer() as stub:
        ran = openoutcry("decide", TICKER, *AT, "--base-url", stub.url)
    assert ran.code == 2
    assert variable in ran.err
    assert not stub.requests


def test_a_bundle_without_certificates_is_named(openoutcry, monkeypatch, tmp_path):
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    ran = openoutcry("decide", TICKER, *AT, "--base-url", "https://models.invalid/v1")
    assert ran.code == 2
    assert "SSL_CERT_FILE" in ran.err
