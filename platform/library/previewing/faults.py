"""What stands in the way of a preview."""

from enum import StrEnum


class Fault(StrEnum):
    """Why there is no preview, or not the whole one. Kept with the version, so a word never changes its meaning."""

    KIND = "kind"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_MUCH_INSIDE = "too_much_inside"
    ENTITIES = "entities"
    MACROS = "macros"
    OUTSIDE = "outside"
    ATTACHMENTS = "attachments"
    TOO_SLOW = "too_slow"
    FAILED = "failed"
    LOST = "lost"
    GONE = "gone"
    NO_OFFICE = "no_office"
    NO_OFFICE_OLD = "no_office_old"
    NO_FFMPEG = "no_ffmpeg"
    FIRST_PAGES = "first_pages"


MISSING_PROGRAM = (Fault.NO_OFFICE, Fault.NO_OFFICE_OLD, Fault.NO_FFMPEG)


class Unreadable(Exception):
    """No preview can be made; `where` names the part of the file, if one is to blame."""

    def __init__(self, fault: Fault, where: str = "") -> None:
        super().__init__(fault, where)
        self.fault = fault
        self.where = where


def kept(fault: Fault, where: str = "") -> str:
    """As it is kept in `ResourceVersion.reason`."""
    return f"{fault}:{where}"[:200]
