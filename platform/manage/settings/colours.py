"""The accent colour of a group: whether words in it can be read (WCAG 2.2 AA), and the shades that pages make of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

AA: Final = 4.5
"""The least contrast between words and what they stand on."""
USUAL: Final = "#0b6e6a"
LIGHT: Final = ("#ffffff", "#f6f5f1", "#efede6")
DARK: Final = ("#1f2426", "#171b1d", "#262c2e")
"""The sheets, the ground and the wells of both themes, as in static/css/tokens.scss."""
STEPS: Final = 100

_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")


@dataclass(frozen=True)
class Shades:
    """What the tokens `--teal`, `--teal-ink`, `--teal-wash` and `--on-teal` become."""

    accent: str
    ink: str
    wash: str
    on: str


def is_colour(text: str) -> bool:
    """Whether `text` is #rrggbb in small letters."""
    return _COLOUR.match(text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def contrast_on_light(colour: str) -> float:
    """The least contrast of words in `colour` on the light theme, and of white words on it."""
    return min(contrast(colour, surface) for surface in (*LIGHT, _light_wash(colour)))


def nearest_allowed(colour: str) -> str:
    """`colour` itself, or the first that can be read on the way from it to black."""
    return _until_read(colour, "#000000", lambda shade: contrast_on_light(shade) >= AA)


def light_shades(colour: str) -> Shades:
    """The shades of an allowed colour in the light theme."""
    return Shades(colour, _mixed(colour, "#000000", 0.28), _light_wash(colour), "#ffffff")


def dark_shades(colour: str) -> Shades:
    """The same in the dark theme: as much lighter as it takes to be read there."""
    wash = _mixed(colour, DARK[0], 0.72)
    accent = _until_read(
        _mixed(colour, "#ffffff", 0.3),
        "#ffffff",
        lambda shade: min(contrast(shade, each) for each in (*DARK, wash)) >= AA,
    )
    ink = _mixed(accent, "#ffffff", 0.4)
    on = _until_read(_mixed(colour, "#000000", 0.7), "#000000", lambda shade: contrast(shade, accent) >= AA)
    return Shades(accent, ink, wash, on)


def _light_wash(colour: str) -> str:
    return _mixed(colour, "#ffffff", 0.89)


def _until_read(colour: str, end: str, good: Callable[[str], bool]) -> str:
    shades = (_mixed(colour, end, step / STEPS) for step in range(STEPS + 1))
    return next((shade for shade in shades if good(shade)), end)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it."""
    mixed = (round(a + (b - a) * share) for a, b in zip(_channels(colour), _channels(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _luminance(colour: str) -> float:
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
