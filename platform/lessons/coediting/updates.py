"""What can be said of Yjs updates and y-protocols messages from their bytes alone."""

from collections.abc import Iterable

from pycrdt import get_update, merge_updates

EMPTY = b"\x00\x00"
"""The update that changes nothing, and equally the end of an update without deletions."""


def read_number(data: bytes, at: int) -> tuple[int, int]:
    """The variable-length number that begins at `at`, and where the next thing begins. Raises ValueError at the end."""
    number = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
        if shift > 63:
            break
    raise ValueError("not a number of at most 64 bits")


def write_number(number: int) -> bytes:
    """The number in the variable length that `read_number` reads."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def clocks(state: bytes) -> dict[int, int]:
    """A state vector as a mapping from client to the number of its items that are there."""
    count, at = read_number(state, 0)
    known = {}
    for _ in range(count):
        client, at = read_number(state, at)
        known[client], at = read_number(state, at)
    return known


def unmet(updates: Iterable[bytes], state: bytes) -> list[bytes]:
    """Those parts of `updates` that a document in `state` could not take in yet, because something before them is missing.

    `Doc.get_update()` leaves them out, so whoever keeps a document as one update must keep these beside it.
    """
    known = clocks(state)
    rest = (get_update(update, state) for update in updates)
    return [update for update in rest if update != EMPTY and (update[0] != 0 or _deletes_unknown(update, known))]


def merged(updates: list[bytes]) -> bytes:
    """Several updates as one."""
    return updates[0] if len(updates) == 1 else merge_updates(*updates)


def deletions(update: bytes) -> dict[int, list[tuple[int, int]]]:
    """What an update without items deletes: by client the ranges, each from its first item up to, not including, its end."""
    count, at = read_number(update, 1)
    deleted: dict[int, list[tuple[int, int]]] = {}
    for _ in range(count):
        client, at = read_number(update, at)
        ranges, at = read_number(update, at)
        for _ in range(ranges):
            first, at = read_number(update, at)
            length, at = read_number(update, at)
            deleted.setdefault(client, []).append((first, first + length))
    return {client: _joined(ranges) for client, ranges in deleted.items()}


def _deletes_unknown(update: bytes, known: dict[int, int]) -> bool:
    """Whether an update without items deletes something that is not there."""
    return any(end > known.get(client, 0) for client, ranges in deletions(update).items() for _, end in ranges)


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same ranges in order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for first, end in sorted(ranges):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((first, end))
    return joined
