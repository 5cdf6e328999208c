"""Proxy and certificates for an endpoint, from environment variables."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from ..domain.errors import ConfigError

CA_FILE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CA_FOLDER_VARIABLES = ("SSL_CERT_DIR",)
_SOCKS = frozenset({"socks5", "socks5h"})


@dataclass(frozen=True, slots=True)
class Network:
    """Network settings of an endpoint.

    Attributes:
        proxy: address of the proxy, with its password if it has one; None for a direct connection.
        ca_path: file or folder of certificate authorities; None for those of the platform.
        ca_variable: the environment variable that sets `ca_path`.
    """

    proxy: str | None = None
    ca_path: Path | None = None
    ca_variable: str = ""

    def ssl_context(self) -> ssl.SSLContext | bool:
        """Return the trusted certificates, True for those of the platform; raises ConfigError for an invalid bundle."""
        if self.ca_path is None:
            return True
        try:
            if self.ca_path.is_dir():
                return ssl.create_default_context(capath=self.ca_path)
            return ssl.create_default_context(cafile=self.ca_path)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{self.ca_variable} is set to {self.ca_path}, which has no usable certificates ({error}); "
                "correct or unset it"
            ) from error


def network_for(url: str, environ: Mapping[str, str]) -> Network:
    """Return the settings for `url` from `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and the CA variables.

    Loopback addresses never use a proxy. Raises ConfigError that names the variable with an invalid value.
    """
    variable, path = _certificates(environ)
    return Network(_proxy(urlsplit(url), environ), path, variable)


def is_loopback(host: str | None) -> bool:
    """Return whether `host` is a loopback address; True for None."""
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _certificates(environ: Mapping[str, str]) -> tuple[str, Path | None]:
    for name in (*CA_FILE_VARIABLES, *CA_FOLDER_VARIABLES):
        if not environ.get(name):
            continue
        path, folder = Path(environ[name]), name in CA_FOLDER_VARIABLES
        if not (path.is_dir() if folder else path.exists()):
            kind = "folder" if folder else "file"
            raise ConfigError(f"{name} is set to {path}, but this {kind} does not exist; correct or unset it")
        return name, path
    return "", None


def _proxy(address: SplitResult, environ: Mapping[str, str]) -> str | None:
    if is_loopback(address.hostname) or _is_exempt(address, environ):
        return None
    for wanted in (f"{address.scheme}_proxy", "all_proxy"):
        for name in (wanted, wanted.upper()):
            if environ.get(name):
                return _checked(name, environ[name])
    return None


def _is_exempt(address: SplitResult, environ: Mapping[str, str]) -> bool:
    host = address.hostname or ""
    for entry in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").replace(" ", "").split(","):
        name, _, port = entry.lower().lstrip(".").partition(":")
        if name == "*" or (name and (host == name or host.endswith(f".{name}")) and port in ("", str(address.port))):
            return True
    return False


def _checked(variable: str, value: str) -> str:
    """Return the validated proxy address; error messages omit it, because it may contain a password."""
    address = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ConfigError(f"{variable} is not a valid proxy address; use http://HOST:PORT, or unset it") from None
    if parts.scheme in _SOCKS and find_spec("socksio") is None:
        raise ConfigError(
            f"{variable} is a SOCKS proxy, which requires the package socksio; "
            "install it, use an http proxy, or unset the variable"
        )
    if not usable or parts.scheme not in {"http", "https", *_SOCKS}:
        raise ConfigError(
            f"{variable} is not a supported proxy address ({parts.scheme}://); "
            "use http://HOST:PORT or socks5://HOST:PORT, or unset it"
        )
    return address
