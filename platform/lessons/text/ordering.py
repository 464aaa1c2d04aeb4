"""Fractional indexes that keep steps in order, in the scheme of the npm package `fractional-indexing` (base 62).

A key is a whole number in front and digits after it. The first letter says how long the number is: `a0` … `az`,
`b00` … `bzz` and so on. Keys compare as plain strings. The editor makes keys between two others; the server only
ever adds at the end.
"""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def keys_after(last: str | None, count: int) -> list[str]:
    """`count` rising keys, all above `last`; from the very first key on where there is no last one."""
    keys: list[str] = []
    for _ in range(count):
        last = _next(last) if last else "a0"
        keys.append(last)
    return keys


def _next(key: str) -> str:
    head, digits = key[0], key[1 : _length(key[0])]
    number = list(digits)
    for place in reversed(range(len(number))):
        digit = _DIGITS.index(number[place]) + 1
        if digit < len(_DIGITS):
            number[place] = _DIGITS[digit]
            return head + "".join(number)
        number[place] = _DIGITS[0]
    if head == "z":
        return key + _DIGITS[len(_DIGITS) // 2]
    if head == "Z":
        return "a0"
    longer = chr(ord(head) + 1)
    return longer + _DIGITS[0] * (_length(longer) - 1)


def _length(head: str) -> int:
    """How many characters the whole number has, its first letter included."""
    return ord(head) - ord("a") + 2 if head >= "a" else ord("Z") - ord(head) + 2
