"""Refusals, each with a sentence for the person; `web.errors` turns them into pages, JSON and socket answers."""

from flask_babel import gettext


class Refusal(Exception):
    """Something was asked that is not done. `code` is for programs, `message` for people."""

    code = "refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(Refusal):
    """It does not exist, or not for this person: the two look alike."""

    code = "not_found"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or gettext("没有找到，或者您无权查看。"))


class NotAllowed(Refusal):
    """The person may see it but may not do this to it."""

    code = "not_allowed"


class SignedOut(Refusal):
    """The person has to sign in first."""

    code = "signed_out"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or gettext("请先登录。"))


class Invalid(Refusal):
    """What was sent cannot be used; `fields` maps the name of a field to the sentence beside it."""

    code = "invalid"

    def __init__(self, message: str | None = None, **fields: str) -> None:
        super().__init__(message or next(iter(fields.values()), gettext("填写的内容有误。")))
        self.fields = fields


class Conflict(Refusal):
    """It was right when asked, but something has changed since."""

    code = "conflict"


class TooMany(Refusal):
    """Asked too often; may be asked again after `seconds`."""

    code = "too_many"

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
