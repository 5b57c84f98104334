"""What comes back from a server, made safe to show and keep: no keys and passwords, nothing that steers a terminal."""

from __future__ import annotations

import logging
import os
import re
from typing import Any
from urllib.parse import quote, unquote, urlsplit

VARIABLES = ("CIELR_API_KEY", "OPENAI_API_KEY", "OLLAMA_API_KEY")
HOSTS = ("CIELR_BASE_URL", "OPENAI_BASE_URL", "OLLAMA_HOST")
"""Addresses of the environment, which may hold a password."""
SHORTEST = 8
"""Characters of a key that is looked for by itself; a shorter one could be a word of any sentence."""
SHOWN = "(key)"
_SCHEMES = re.compile(r"\b(bearer|basic)(\s+|%20|\+)(?!\(key\))[\w+/=.~-]{4,}", re.IGNORECASE)
# hosted servers quote the key with its middle starred out
_HOSTED = re.compile(r"\bsk-[\w*.-]{4,}")


def scrubbed(text: str, *addresses: str) -> str:
    """A text of a server without the environment's keys, without what follows "Bearer" or "Basic", and without the
    passwords of these addresses."""
    for secret in _secrets(addresses):
        for form in {secret, quote(secret, safe="")}:
            text = text.replace(form, SHOWN)
    return _HOSTED.sub(SHOWN, _SCHEMES.sub(rf"\1 {SHOWN}", text))


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def without_controls(text: str) -> str:
    """A text without control characters other than tabs and line feeds, and without marks that turn its direction."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))


def without_controls_inside(value: Any) -> Any:
    """JSON whose texts, and names, hold no control characters: JSON itself can spell them."""
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, list):
        return [without_controls_inside(item) for item in value]
    if isinstance(value, dict):
        return {without_controls(name): without_controls_inside(item) for name, item in value.items()}
    return value


def _secrets(addresses: tuple[str, ...]) -> list[str]:
    """The longest first: one may be the beginning of another."""
    keys = [os.environ.get(name, "") for name in VARIABLES]
    for address in (*addresses, *(os.environ.get(name, "") for name in HOSTS)):
        try:
            password = urlsplit(address if "//" in address else f"//{address}").password
        except ValueError:
            continue
        keys += [password, unquote(password)] if password else []
    return sorted({key.strip() for key in keys if len(key.strip()) >= SHORTEST}, key=len, reverse=True)


class _Scrubbing(logging.Filter):
    """Takes keys out of what the HTTP client logs: a server's headers and reasons stand in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrubbed(record.getMessage()), ()
        return True


def scrub_log() -> None:
    """From now on the HTTP client's log holds no key."""
    for name in ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, _Scrubbing) for known in logger.filters):
            logger.addFilter(_Scrubbing())


__all__ = ["scrub_log", "scrubbed", "without_controls", "without_controls_inside"]
