"""板书: what was written in a lesson, step by step, as pictures.

On a page it is drawn as SVG shapes; a file of it is painted, with the fonts that the system has.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

Stroke = Mapping[str, Any]

COLOURS: Final = {
    "ink": ("#f4f1e6", "#22282b"),
    "red": ("#ff9d8a", "#c8321f"),
    "blue": ("#8fc7ff", "#1f5fbf"),
    "green": ("#8fdc9c", "#1d7f3f"),
    "amber": ("#ffd76a", "#e08a00"),
}
"""By name: on the dark board, and on a white page. As static/src/live/board.ts has them."""
GROUND: Final = "#26393e"
RATIO: Final = 16 / 9
BOARD: Final = "board"
_SIDE: Final = 1000
_WIDTH: Final = 1600
_MARKER: Final = 5
_FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)


@dataclass(frozen=True)
class Shape:
    """A stroke as an element of SVG: its name, its attributes, and the lines of a text."""

    name: str
    attributes: Mapping[str, str]
    lines: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True)
class Board:
    """What stands on one surface at the end of a step: on the board, or on a page (`resource`, `number`)."""

    step: str
    on: str
    strokes: Sequence[Stroke]

    @property
    def page(self) -> tuple[str, int] | None:
        """The page that was written on; None for the board."""
        parts = self.on.split(":")
        return (parts[1], int(parts[2])) if len(parts) == 3 and parts[2].isdigit() else None

    def shapes(self, height: float = _SIDE / RATIO) -> list[Shape]:
        """Its strokes in a box 1000 wide and `height` high."""
        return [_shape(stroke, self.on, height / _SIDE) for stroke in self.strokes]

    def png(self, ground: Image.Image | None = None) -> bytes:
        """The same as a picture, over the page that it was written on."""
        size = (_WIDTH, round(_WIDTH / RATIO if ground is None else _WIDTH * ground.height / ground.width))
        picture = Image.new("RGB", size, GROUND) if ground is None else ground.convert("RGB").resize(size)
        for stroke in self.strokes:
            layer = Image.new("RGBA", size, (0, 0, 0, 0))
            _paint(ImageDraw.Draw(layer), stroke, self.on, size)
            if stroke["tool"] == "marker":
                layer.putalpha(layer.getchannel("A").point(lambda alpha: round(alpha * 0.38)))
            picture.paste(layer, (0, 0), layer)
        made = io.BytesIO()
        picture.save(made, "PNG", optimize=True)
        return made.getvalue()


def boards_of(strokes: Mapping[str, Sequence[Stroke]]) -> list[Board]:
    """What was written in each step, on each surface of it."""
    return [
        Board(step, on, [stroke for stroke in drawn if stroke["on"] == on])
        for step, drawn in strokes.items()
        for on in dict.fromkeys(str(stroke["on"]) for stroke in drawn)
    ]


def _colour(stroke: Stroke, on: str) -> str:
    known = COLOURS.get(str(stroke["color"]))
    return known[0 if on == BOARD else 1] if known else str(stroke["color"])


def _points(stroke: Stroke) -> list[tuple[float, float]]:
    flat = [float(each) for each in stroke["points"]]
    return list(zip(flat[::2], flat[1::2], strict=False)) or [(0.0, 0.0)]


def _corners(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    (x, y), (far_x, far_y) = points[0], points[-1]
    return min(x, far_x), min(y, far_y), max(x, far_x), max(y, far_y)


def _shape(stroke: Stroke, on: str, flat: float) -> Shape:
    points = [(x, y * flat) for x, y in _points(stroke)]
    left, top, right, bottom = _corners(points)
    if stroke["tool"] == "text":
        size = float(stroke["width"])
        lines = [
            (top + size * (0.9 + 1.35 * row), line) for row, line in enumerate(str(stroke.get("text", "")).split("\n"))
        ]
        return Shape("text", {"x": f"{left:g}", "font-size": f"{size:g}", "fill": _colour(stroke, on)}, lines)
    marker = stroke["tool"] == "marker"
    look = {
        "fill": "none",
        "stroke": _colour(stroke, on),
        "stroke-width": f"{float(stroke['width']) * (_MARKER if marker else 1):g}",
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
        **({"stroke-opacity": "0.38"} if marker else {}),
    }
    if stroke["tool"] == "rect":
        box = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        return Shape("rect", {**{name: f"{value:g}" for name, value in box.items()}, **look})
    if stroke["tool"] == "ellipse":
        oval = {"cx": (left + right) / 2, "cy": (top + bottom) / 2, "rx": (right - left) / 2, "ry": (bottom - top) / 2}
        return Shape("ellipse", {**{name: f"{value:g}" for name, value in oval.items()}, **look})
    points = points if len(points) > 1 else points * 2
    return Shape("polyline", {"points": " ".join(f"{x:g},{y:g}" for x, y in points), **look})


def _paint(drawing: ImageDraw.ImageDraw, stroke: Stroke, on: str, size: tuple[int, int]) -> None:
    width, height = size
    points = [(x * width / _SIDE, y * height / _SIDE) for x, y in _points(stroke)]
    colour, unit = _colour(stroke, on), width / _SIDE
    thick = max(1, round(float(stroke["width"]) * unit * (_MARKER if stroke["tool"] == "marker" else 1)))
    match stroke["tool"]:
        case "text":
            font = _font(max(8, round(float(stroke["width"]) * unit)))
            drawing.multiline_text(points[0], str(stroke.get("text", "")), fill=colour, font=font, spacing=thick * 0.35)
        case "rect":
            drawing.rectangle(_corners(points), outline=colour, width=thick)
        case "ellipse":
            drawing.ellipse(_corners(points), outline=colour, width=thick)
        case _:
            drawing.line(points, fill=colour, width=thick, joint="curve")
            for x, y in (points[0], points[-1]):
                drawing.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=colour)


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    found = next((font for font in _FONTS if Path(font).exists()), None)
    return ImageFont.truetype(found, size) if found else ImageFont.load_default(size)
