"""What a run-sheet says of the pages that steps begin with."""

from live.room.run_sheet import first_page

SLIDES = {"resource": "slides", "version": 1, "kind": "slides"}
PICTURE = {"resource": "picture", "version": 2, "kind": "image"}
SHEET = {"steps": [{"id": "a", "files": [SLIDES]}, {"id": "b", "files": []}, {"id": "c", "files": [PICTURE]}]}


def test_slides_go_on_in_the_steps_after_theirs_and_pictures_do_not() -> None:
    third = {"resource": "slides", "version": 1, "number": 3}
    picture = {"resource": "picture", "version": 2, "number": 1}

    assert first_page(SHEET, "a", None) == {"resource": "slides", "version": 1, "number": 1}
    assert first_page(SHEET, "b", third) == third
    assert first_page(SHEET, "c", third) == picture
    assert first_page(SHEET, "b", picture) is None
