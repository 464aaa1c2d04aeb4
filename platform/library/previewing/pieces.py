"""What reading a file ends with: pages of text and pictures; and how text is made ready for the search."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

MOST_TEXT: Final = 2_000_000
"""Characters of one file that can be searched."""
HEADING: Final = 120
_ABOUT_A_PAGE: Final = 1500
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ufeff\u00ad\u200b]|[\ud800-\udfff]")
_FULL_WIDTH: Final = re.compile(r"([！（），：；？～…　]+)")
_HAN: Final = r"[\u3400-\u9fff\uf900-\ufaff，、；：]"
_BROKEN_LINE: Final = re.compile(rf"(?<={_HAN})\n(?={_HAN})")


@dataclass
class Part:
    """A slide, a sheet or a whole text: its heading and its paragraphs."""

    heading: str = ""
    paragraphs: list[str] = field(default_factory=list)


@dataclass
class Page:
    """A page of a preview. `image` and, for the strip beside it, `small` are names of files in the folder of the reading process."""

    heading: str = ""
    text: str = ""
    image: str = ""
    small: str = ""
    width: int | None = None
    height: int | None = None


@dataclass
class Made:
    """All that was made of a file; `reason` says what could not be (`faults.kept`). Names are of files in the working folder."""

    pages: list[Page] = field(default_factory=list)
    reason: str = ""
    poster: str = ""
    stream: str = ""
    stream_type: str = ""
    width: int | None = None
    height: int | None = None
    seconds: float | None = None

    @property
    def shown(self) -> bool:
        """Whether there is something to show but plain text that stands in for pages."""
        return bool(self.stream or any(page.image for page in self.pages))


def normal(text: str) -> str:
    """The text in NFKC, so that look-alikes (⽤ for 用) and full-width letters are found; Chinese punctuation stays as written."""
    pieces = _FULL_WIDTH.split(_CONTROLS.sub("", text))
    return "".join(
        piece.replace("　", " ") if at % 2 else unicodedata.normalize("NFKC", piece) for at, piece in enumerate(pieces)
    )


def joined_lines(text: str) -> str:
    """The text of a printed page, with the lines of a Chinese paragraph joined: a word must not end where the line does."""
    lines = [line.rstrip() for line in text.splitlines()]
    long = 0.6 * max(map(len, lines), default=0)
    marked = "".join(line + ("\n" if len(line) >= long else "\n\n") for line in lines)
    return re.sub(r"\n{2,}", "\n", _BROKEN_LINE.sub("", marked)).strip()


def first_line(text: str) -> str:
    """The first line that says something, as a heading."""
    return next((line.strip()[:HEADING] for line in text.splitlines() if line.strip()), "")


def pages_of_parts(parts: Iterable[Part]) -> list[Page]:
    """A page for each part: slides and sheets."""
    return [Page(part.heading, "\n".join(part.paragraphs)) for part in parts]


def pages_of_text(paragraphs: Iterable[str]) -> list[Page]:
    """Paragraphs in pages of a handy length."""
    pages = []
    for chunk in _chunks(paragraphs):
        text = "\n".join(chunk)
        pages.append(Page(first_line(text), text))
    return pages


def laid_on_pages(parts: list[Part], printed: list[Page]) -> list[Page]:
    """The printed pages with the paragraphs that stand on them, as they were written and not as lines were broken."""
    bare = [_bare(page.text) for page in printed]
    lying: list[list[str]] = [[] for _ in printed]
    headings = [""] * len(printed)
    at = 0
    for part in parts:
        for paragraph in part.paragraphs:
            at = _page_of(_bare(paragraph)[:30], bare, at)
            lying[at].append(paragraph)
            headings[at] = headings[at] or part.heading
    laid = []
    for page, heading, paragraphs in zip(printed, headings, lying, strict=True):
        text = "\n".join(paragraphs) or page.text
        laid.append(replace(page, heading=heading or first_line(text), text=text))
    return laid


def cut_pages(pages: list[Page]) -> list[Page]:
    """The pages with `MOST_TEXT` characters between them."""
    left = MOST_TEXT
    for page in pages:
        page.text = page.text[:left]
        left -= len(page.text)
    return pages


def cut_parts(parts: list[Part]) -> list[Part]:
    """The parts with `MOST_TEXT` characters between them."""
    left = MOST_TEXT
    for part in parts:
        kept = []
        for paragraph in part.paragraphs:
            if left <= 0:
                break
            kept.append(paragraph[:left])
            left -= len(paragraph)
        part.paragraphs = kept
    return parts


def _page_of(words: str, bare: list[str], at: int) -> int:
    """The page, from `at` on, that holds `words`; short ones may stand anywhere and are looked for on the next page only."""
    if not words:
        return at
    last = len(bare) if len(words) >= 8 else at + 2
    return next((page for page in range(at, min(last, len(bare))) if words in bare[page]), at)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _chunks(paragraphs: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    length = 0
    for paragraph in paragraphs:
        if chunk and length + len(paragraph) > _ABOUT_A_PAGE:
            yield chunk
            chunk, length = [], 0
        chunk.append(paragraph)
        length += len(paragraph)
    if chunk:
        yield chunk
