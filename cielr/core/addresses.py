"""Addresses of servers: what of them may be shown, whose machine they name, and how Ollama reads them."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from ..errors import LLMError

OLLAMA = "http://127.0.0.1:11434"


def host_of(address: str) -> str:
    """The host's name in an address, without port and in small letters; "" where there is none."""
    address = address.strip()
    try:
        return (urlsplit(address if "//" in address else f"//{address}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_local(address: str) -> bool:
    """Whether an address is on this machine."""
    host = host_of(address)
    if host == "localhost":
        return True
    try:
        numeric = ipaddress.ip_address(host)
    except ValueError:
        return False
    # who calls 0.0.0.0, as servers print it, reaches this machine
    return numeric.is_loopback or numeric.is_unspecified


def shown(address: str) -> str:
    """An address without user, password, path and query, for messages."""
    try:
        parts = urlsplit(address if "//" in address else f"http://{address}")
    except ValueError:
        # it cannot even be taken apart, and may hold a password
        return "what was given"
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme}://{_bracketed(parts.hostname or '')}{port}"


def ollama_address(host: str) -> str:
    """As Ollama reads it: scheme and port may be left out, and a server's 0.0.0.0 is reached on this machine.

    Raises:
        LLMError: where it cannot be taken apart.
    """
    host = host.strip() or "127.0.0.1"
    try:
        parts = urlsplit(host if "//" in host else f"//{host}")
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 11434)
    except ValueError:
        # with what stands before the @ a password would be shown
        named = host.rpartition("@")[2].rpartition("//")[2].partition("/")[0]
        raise LLMError(f"'{named}' is not an address of an Ollama server; write one such as {OLLAMA}.") from None
    name = _bracketed(parts.hostname or "").replace("0.0.0.0", "127.0.0.1") or "127.0.0.1"
    return f"{parts.scheme or 'http'}://{name}:{port}{parts.path.rstrip('/')}"


def _bracketed(name: str) -> str:
    """The name of a host, an IPv6 address in its brackets."""
    return f"[{name}]" if ":" in name else name
