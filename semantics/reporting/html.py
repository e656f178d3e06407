"""A page by itself: one file, no script, nothing loaded, readable on a phone and in the dark."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from html import escape

from semantics.errors import escaped

__all__ = ["page", "text"]


def page(title: str, style: str, body: Iterable[str]) -> str:
    """The page with a heading; ``body`` is HTML that is escaped already (see :func:`text`).

    A content security policy (CSP, level 3) forbids everything but the one style, which it names by its digest.
    """
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{text(title)}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{text(title)}</h1>",
        *body,
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def text(value: str) -> str:
    """Text for any place in the page.

    >>> text('<b a="1">')
    '&lt;b a=&quot;1&quot;&gt;'
    """
    return escape(escaped(value), quote=True)
