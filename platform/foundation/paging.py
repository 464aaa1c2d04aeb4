"""Which page of a list is shown, and how many there are."""


def pages_for(count: int, size: int) -> int:
    """How many pages so many things fill; what is empty has one too."""
    return max(1, -(-count // size))


def nearest_page(wanted: int, count: int, size: int) -> tuple[int, int]:
    """The wanted page, or the nearest that there is, and how many pages there are."""
    pages = pages_for(count, size)
    return min(max(1, wanted), pages), pages
