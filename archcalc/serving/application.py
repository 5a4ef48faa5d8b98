"""A server on this machine alone: the page with an editor, and answers to what is typed.

Whoever asks must name this machine as host, must come from the page itself, and must know the token in the
address. No file is read or written: a question is answered from its own text, by a process beside the server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from hmac import compare_digest
from typing import TYPE_CHECKING

from ..packages import needed
from .document import editor_page
from .processes import SECONDS, Processes

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

# Bytes of a question at most.
LONGEST_QUESTION = 2**22
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def application(
    text: str, token: str, port: int, *, parameters: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> Starlette:
    """Make the server's application.

    Args:
        text: The spec that the editor begins with.
        token: What the address must hold.
        port: The port of the server.
        parameters: Values of its parameters, by name, with which the editor begins.
        seconds: How long an answer takes at most.

    Returns:
        The application, for any ASGI server.

    Raises:
        SpecError: Where starlette is missing.
    """
    starlette = needed("starlette.applications", "the editor")
    responses = needed("starlette.responses", "the editor")
    routing = needed("starlette.routing", "the editor")
    processes = Processes(seconds)
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    def refused(request: Request) -> Response | None:
        if request.headers.get("host") not in hosts:
            return plain("this server is for this machine alone", 403)
        origin = request.headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in hosts}:
            return plain("another page asks", 403)
        if not compare_digest(request.path_params["token"].encode(), token.encode()):
            return plain("there is nothing here", 404)
        return None

    def plain(words: str, status: int) -> Response:
        response: Response = responses.PlainTextResponse(f"{words}\n", status, HEADERS)
        return response

    async def page(request: Request) -> Response:
        no = refused(request)
        if no is not None:
            return no
        response: Response = responses.HTMLResponse(
            "".join(editor_page(text, parameters=parameters)), headers=HEADERS
        )
        return response

    async def answered(request: Request) -> Response:
        no = refused(request)
        if no is not None:
            return no
        if request.headers.get("content-type") != "application/json":
            return plain("a question is JSON", 415)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_QUESTION:
                return plain("the question is too long", 413)
        try:
            question = json.loads(body)
        except (ValueError, RecursionError):
            question = None
        if not isinstance(question, dict):
            return plain("a question is a JSON object", 400)
        try:
            found = await processes.answer(question)
        except asyncio.CancelledError:  # Ctrl-C, while somebody waits
            return plain("the server has ended", 503)
        response: Response = responses.Response(found, media_type="application/json", headers=HEADERS)
        return response

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await processes.ready()
        try:
            yield
        finally:
            await processes.end()

    made: Starlette = starlette.Starlette(
        routes=[
            routing.Route("/{token}/", page, methods=["GET"]),
            routing.Route("/{token}/answer", answered, methods=["POST"]),
        ],
        lifespan=lifespan,
    )
    return made
