"""HTTP with guards: bounded answers, no compression, no redirects, and keys only where they belong."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from functools import cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

try:
    import httpx
except ImportError as error:  # pragma: no cover - depends on what is installed
    from ...errors import MissingDependency

    raise MissingDependency("httpx", "llm") from error

from ...core.addresses import is_local, shown
from ...errors import LLMError


class GuardedTransport(httpx.AsyncBaseTransport):
    """Passes requests on; an answer of more than `limit` bytes is broken off.

    Args:
        address: where the requests go; servers on this machine are never reached through a proxy.
        limit: bytes of one answer.
        authorised: whether an Authorization header may leave.
    """

    def __init__(self, address: str, limit: int, authorised: bool = True) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=_tls(), proxy=_proxy(address))
        self._limit = limit
        self._authorised = authorised

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # a compressed answer could be a thousand times larger than its bytes
        request.headers["accept-encoding"] = "identity"
        if not self._authorised:
            request.headers.pop("authorization", None)
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise LLMError(
                f"The server at {shown(str(request.url))} sent a compressed answer, which was not asked "
                "for; look at what stands in between."
            )
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Bounded(response.stream, self._limit)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, limit: int) -> None:
        self._stream = stream
        self._left = limit
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._left -= len(part)
            if self._left < 0:
                raise LLMError(
                    f"The server's answer is longer than {self._limit:,} bytes; it is refused. Look at "
                    "the server, or at its address."
                )
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


@cache
def _tls() -> ssl.SSLContext:
    """Read once: the certificates of the system take 20 ms."""
    return httpx.create_ssl_context()


def _proxy(address: str) -> str | None:
    parts = urlsplit(address)
    if is_local(address) or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


__all__ = ["GuardedTransport"]
