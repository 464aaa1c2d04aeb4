"""A stranger's Markdown as HTML that can do nothing."""

from typing import Final

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_READER: Final = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_TAGS: Final = frozenset(
    "p br hr h3 h4 h5 h6 ul ol li blockquote pre code em strong s a table thead tbody tr th td".split()  # noqa: SIM905
)


def markdown_to_html(text: str) -> Markup:
    """Text, lists, tables and links; no pictures, which would lie elsewhere. Its headings begin at the third level."""
    tokens = _READER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    html = _READER.renderer.render(tokens, _READER.options, {})
    return Markup(nh3.clean(html, tags=set(_TAGS), attributes={"a": {"href"}}, url_schemes={"http", "https"}))  # noqa: S704
