"""Who may use the remote: whoever has the token, from a page of the remote itself."""

import asyncio
import hmac
import ipaddress
import secrets
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import web

COOKIE = "remote"
WRONG_S = 0.5  # that a wrong token has to wait: tokens cannot be tried by the thousand
SHORTEST = 6  # characters of a token that is chosen by hand
HEADERS = {  # nothing from elsewhere, nowhere else, in no frame
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
                               "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def new_token() -> str:
    """96 random bits, short enough for a QR code."""
    return secrets.token_urlsafe(12)


def check_token(token: str) -> str:
    """The token. Raises ValueError when it is too short, or cannot be part of an address."""
    if len(token) < SHORTEST or len(token) > 200 or not token.isascii() or not all(c.isalnum() or c in "-_." for c in token):
        raise ValueError(f"--token: expected {SHORTEST} or more letters, digits, -, _ or .; without one, the program makes one up")
    return token


def own_name(host: str | None, served: str) -> bool:
    """Whether a request for `host` means this machine: an address, or a name of it. A page from elsewhere may have pointed its own
    name here (DNS rebinding)."""
    if not host:
        return False
    try:
        ipaddress.ip_address(host)
        return True
    except ValueError:
        name = socket.gethostname().lower()
        return host.lower() in {"localhost", served.lower(), name, name.partition(".")[0], f"{name.partition('.')[0]}.local"}


def guard(token: str, served: str) -> Any:
    """The middleware: refuses requests for other names, from pages of other sites, and without the token."""
    from aiohttp import web

    @web.middleware
    async def guarded(request: "web.Request", handler: Any) -> "web.StreamResponse":
        if not own_name(request.url.host, served):
            raise web.HTTPForbidden(text="not served under this name\n")
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.headers.get("Host"):
            raise web.HTTPForbidden(text="not for pages of other sites\n")
        if token and not any(hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode()) for given in _given(request)):
            await asyncio.sleep(WRONG_S)
            raise web.HTTPUnauthorized(text="The token is missing or wrong. Scan the QR code in the program again: Live, Phone remote.\n")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
            if token and request.path == "/":
                response.set_cookie(cookie_name(request), token, httponly=True, samesite="Strict", path="/", max_age=30 * 86400)
        return response

    return guarded


def cookie_name(request: "web.Request") -> str:
    """Cookies do not know ports; two programs on one machine keep theirs apart."""
    return f"{COOKIE}_{request.url.port}"


def _given(request: "web.Request") -> list[str]:
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return [text for text in (request.query.get("token"), request.cookies.get(cookie_name(request)), bearer) if text]
