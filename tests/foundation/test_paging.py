from foundation.paging import nearest_page, pages_for


def test_what_does_not_fill_a_page_has_one_all_the_same() -> None:
    assert [pages_for(count, 20) for count in (0, 1, 20, 21, 40, 41)] == [1, 1, 1, 2, 2, 3]


def test_a_page_that_there_is_not_shows_the_nearest() -> None:
    assert [nearest_page(wanted, 41, 20) for wanted in (-3, 0, 2, 3, 4)] == [(1, 3), (1, 3), (2, 3), (3, 3), (3, 3)]
    assert nearest_page(5, 0, 20) == (1, 1)
