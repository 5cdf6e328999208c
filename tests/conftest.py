"""Shared by every test: nothing here may reach beyond this machine."""

import gc
import ipaddress
import os
import socket
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

pytest.register_assert_rewrite(
    "contracts.market_source", "contracts.trading_account", "contracts.vendor"
)  # before any test imports it

ROOT = Path(__file__).parent.parent


def pytest_make_parametrize_id(config, val, argname) -> str | None:
    """Name a case of bytes by their length, because compressed bytes contain the second in which they were made."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items) -> None:
    """Begin with the test that takes longest: near the end, one process would wait for the other that runs it."""
    items.sort(key=lambda item: item.path.name != "test_experiments_page.py")


def pytest_collection_finish() -> None:
    """Look for garbage less often: modules and tests are never garbage, and a scan of all objects takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Unreachable(AssertionError):
    """A test tried to leave the machine."""


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Refuse every connection that is not to this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(call):
        def attempt(self, address):
            host = address[0] if isinstance(address, tuple) else None
            if host is not None and host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise Unreachable(f"a test tried to connect to {address}")
            return call(self, address)

        return attempt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(connect))
        patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
        patch.setenv("LANGSMITH_TRACING", "false")
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def same_process() -> Iterator[None]:
    """Restore the umask and the times of garbage collection: a command that runs in this process changes both."""
    before, collected = os.umask(0o022), gc.get_threshold()
    os.umask(before)
    yield
    os.umask(before)
    gc.set_threshold(*collected)


def _real_folder() -> Path:
    folder = ROOT.parent / "shared" / "data" / "public"
    if not folder.is_dir():
        pytest.skip("the folder of real market data is not here")
    return folder


@pytest.fixture(scope="session")
def real_market() -> Path:
    """Return the folder of real market data beside the repository, or skip."""
    return _real_folder()


@pytest.fixture(scope="session")
def real_index(tmp_path_factory) -> Path:
    """Return the cache folder in which all processes of this run of pytest index the real market data."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "real-index"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def real_source(real_index):
    """Return the real market, or skip; its rows are read once."""
    from openoutcry.market.folder import open_folder

    return open_folder(_real_folder(), cache=real_index)


@pytest.fixture(autouse=True, scope="session")
def commands_built_once() -> Iterator[None]:
    """Build the commands of the command line once, not for every call of `main`."""
    import typer.main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", lru_cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def demo():
    """Return the demo market up to a fixed session."""
    from datetime import date

    from openoutcry.market.demo import demo_market

    return demo_market(last=date(2025, 6, 30))


def _bars_kept(make):
    """Return `make`, which builds the bars of a company, with its last results kept by company, seed and session."""
    kept = {}

    def bars(context):
        key = (context.company.ticker, context.seed, context.time.days[-1])
        if key not in kept:
            if len(kept) >= 128:
                kept.clear()
            kept[key] = make(context)
        return kept[key]

    return bars


@pytest.fixture(autouse=True, scope="session")
def drawn_once() -> Iterator[None]:
    """Simulate the demo market of a seed and a last session once, whatever state folders it is stored in."""
    from openoutcry.market.demo import cache, source

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "FreshMarket", lru_cache(maxsize=32)(cache.FreshMarket))
        patch.setattr(source, "_bars", _bars_kept(source._bars))
        yield
