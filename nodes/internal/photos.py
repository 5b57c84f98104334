"""The photos of the bundled workflows, for the page: it puts one into the input folder where Load Image asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .running import server

PHOTOS = Path(__file__).resolve().parents[2] / "photos"


def names() -> list[str]:
    """File names of the pack's own photos."""
    return sorted(path.name for path in PHOTOS.glob("*.[jp][pn]g"))


def add_photo_routes() -> None:
    """GET /cielr/photos is the list, GET /cielr/photos/NAME the file."""
    from aiohttp import web

    if server() is None:
        return

    @server().routes.get("/cielr/photos")
    async def every(_: Any) -> Any:
        return web.json_response(names())

    @server().routes.get("/cielr/photos/{name}")
    async def photo(request: Any) -> Any:
        name = request.match_info["name"]
        # by the list, so that no name leads out of the folder
        return web.FileResponse(PHOTOS / name) if name in names() else web.Response(status=404)
