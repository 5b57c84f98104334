"""Which machines a workflow may send a photo and its scene to: this one, the environment's, and those a person allowed.

What is allowed is kept in ComfyUI's user folder, for each host, and never in a workflow: a stranger's workflow cannot
bring its own permission.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import folder_paths

from ...cielr.core.addresses import host_of, is_local
from ...cielr.errors import LLMError
from .running import running, server

ALLOWED = "CIELR_ALLOWED_HOSTS"
"""A variable of ComfyUI's environment: names of hosts with commas between, for servers without a page."""
HOMES = {"ollama": ("OLLAMA_HOST",), "openai": ("CIELR_BASE_URL", "OPENAI_BASE_URL")}
"""Variables that name the owner's own servers, for each kind of language model."""
LONGEST = 253
"""Letters of a host's name."""


class HostNotAllowed(LLMError):
    """A language model on another machine, which nobody at this one has allowed yet; `host` is its name."""

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(
            f"This workflow sends the scene, and the photo where the model takes pictures, to {host}, which is not "
            f"this machine; nothing has been sent. Allow {host} with the button on this node, or name it in {ALLOWED} "
            f"of ComfyUI's environment."
        )


def check_host(kind: str, address: str) -> None:
    """Raises HostNotAllowed where a workflow's address is on a machine that nobody has allowed.

    Args:
        kind: "ollama" or "openai"; address: as it was typed, "" for the environment's own.
    """
    host = host_of(address)
    if not host or is_local(address):
        return
    own = {host_of(os.environ.get(name, "")) for name in HOMES[kind]}
    named = {host_of(name) for name in os.environ.get(ALLOWED, "").split(",")}
    if host not in own | named | confirmed():
        _ask(host)
        raise HostNotAllowed(host)


def confirmed() -> set[str]:
    """The hosts that a person has allowed on this server."""
    try:
        hosts = json.loads(_file().read_text(encoding="utf-8"))["hosts"]
        return {host for host in hosts if isinstance(host, str)}
    except (OSError, ValueError, KeyError, TypeError):
        # nothing was allowed yet, or the file was spoilt: then it is asked again
        return set()


def confirm(host: str) -> None:
    """Remembers that a person has allowed a host.

    Raises:
        ValueError: where it is no name of a host; OSError: where it cannot be written down.
    """
    address = f"[{host}]" if ":" in host else host
    if len(host) > LONGEST or not re.fullmatch(r"[\w.:-]+", host) or host_of(address) != host:
        raise ValueError("This is not the name of a host.")
    from ...cielr.core.serial import write_text

    _file().parent.mkdir(parents=True, exist_ok=True)
    write_text(_file(), json.dumps({"hosts": sorted(confirmed() | {host})}, indent=1))


def add_route() -> None:
    """Lets the button on a node allow a host: POST /cielr/hosts {"host": …}."""
    from aiohttp import web

    if server() is None:
        return

    @server().routes.post("/cielr/hosts")
    async def allow(request: Any) -> Any:
        # a form of another page cannot send JSON without asking first
        if request.content_type != "application/json":
            return _refusal(415, "This takes JSON.")
        try:
            body = await request.json()
            confirm(str(body["host"]))
        except (ValueError, KeyError, TypeError) as error:
            return _refusal(400, str(error))
        except OSError as error:
            return _refusal(500, f"{_file()} cannot be written: {error.strerror or error}.")
        return web.json_response({})


def _refusal(status: int, words: str) -> Any:
    from aiohttp import web

    # of the form that ComfyUI's own answers have
    return web.json_response({"error": {"message": words}}, status=status)


def _file() -> Path:
    # beside the folders of users, where the page itself cannot write
    return Path(folder_paths.get_user_directory()) / "cielr" / "allowed_hosts.json"


def _ask(host: str) -> None:
    """The node that runs shows a button; its error tells the rest."""
    from .show import Teller

    Teller(running().node_id).host(host)
