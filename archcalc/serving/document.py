"""The page with an editor at its side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from ..report.page import embedded, pieces

# What the page asks: a server beside it, or a worker that runs Python in the browser.
SERVER, WORKER = "server.js", "worker.js"


def editor_page(
    text: str,
    asks: str = SERVER,
    title: str = "archcalc",
    origin: str = "",
    parameters: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> Iterator[str]:
    """Write the page with an editor.

    Args:
        text: The spec that the editor begins with.
        asks: Whom it asks: SERVER or WORKER.
        title: The name of the page.
        origin: What a worker may load besides what lies beside the page.
        parameters: Values of its parameters, by name, with which the editor begins.
        seconds: How long an answer of a worker takes at most.

    Returns:
        The HTML, in pieces.
    """
    scripts = {name: _asset(f"{name}.js") for name in ("links", "lost")}
    scripts["asking"] = _asset(asks)
    scripts |= {name: _asset(f"{name}.js") for name in ("mirror", "keys", "parameters", "editor")}
    policy = [f"connect-src 'self' {origin}".rstrip()]
    if asks == WORKER:
        policy.append("worker-src 'self'")
    return pieces(
        title,
        embedded({"text": text, "parameters": dict(parameters or {}), "seconds": seconds}),
        scripts=scripts,
        style=_asset("editor.css"),
        beside=_asset("editor.html"),
        policy=policy,
    )


def _asset(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")
