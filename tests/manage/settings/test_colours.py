import pytest
from hypothesis import given
from hypothesis import strategies as st

from manage.settings.colours import (
    AA,
    DARK,
    LIGHT,
    USUAL,
    contrast,
    contrast_on_light,
    dark_shades,
    light_shades,
    nearest_allowed,
)

colours = st.tuples(*[st.integers(0, 255)] * 3).map(lambda parts: "#{:02x}{:02x}{:02x}".format(*parts))


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#ffffff", "#000000", 21), ("#777777", "#ffffff", 4.478), ("#0000ff", "#ffffff", 8.592)],
)
def test_contrast_is_measured_as_wcag_says(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.001)


def test_the_usual_colour_is_allowed() -> None:
    assert nearest_allowed(USUAL) == USUAL


@given(colours)
def test_whatever_is_chosen_the_nearest_allowed_can_be_read(colour: str) -> None:
    allowed = nearest_allowed(colour)
    assert contrast_on_light(allowed) >= AA
    assert (allowed == colour) == (contrast_on_light(colour) >= AA)


@given(colours.map(nearest_allowed))
def test_every_shade_can_be_read_where_it_stands(colour: str) -> None:
    light, dark = light_shades(colour), dark_shades(colour)
    for words in (light.accent, light.ink):
        assert min(contrast(words, surface) for surface in (*LIGHT, light.wash)) >= AA
    for words in (dark.accent, dark.ink):
        assert min(contrast(words, surface) for surface in (*DARK, dark.wash)) >= AA
    assert contrast(light.on, light.accent) >= AA
    assert contrast(dark.on, dark.accent) >= AA
