"""What can be wrong with a file, and the sentences that say so."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext

from foundation.errors import Invalid


class Fault(StrEnum):
    """Why a file cannot be read."""

    KIND = "kind"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MUCH_INSIDE = "too_much_inside"
    OLD_WORD = "old_word"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    NOT_WORD = "not_word"
    ENTITIES = "entities"
    NO_TEXT = "no_text"
    ENCODING = "encoding"
    TOO_SLOW = "too_slow"
    FAILED = "failed"


@dataclass
class Unreadable(Exception):
    """The file cannot be read; `where` names the part of it, if one is to blame."""

    fault: Fault
    where: str = ""


def refusal(name: str, unreadable: Unreadable) -> Invalid:
    """The refusal for the person who sent the file of that name."""
    where = unreadable.where
    sentences = {
        Fault.KIND: gettext("“%(name)s”不是 Word 文档（.docx）或 Markdown 文件（.md），请换一种格式。", name=name),
        Fault.EMPTY: gettext("“%(name)s”是空文件。", name=name),
        Fault.TOO_LARGE: gettext("“%(name)s”太大，教案文件最大 20 MB。图片多时请先压缩图片。", name=name),
        Fault.TOO_MUCH_INSIDE: gettext("“%(name)s”解开后大得不正常（%(where)s），没有读取。", name=name, where=where),
        Fault.OLD_WORD: gettext("“%(name)s”是旧版 Word 文件，请在 Word 或 WPS 里另存为 .docx 再导入。", name=name),
        Fault.ENCRYPTED: gettext("“%(name)s”有打开密码，请去掉密码再导入。", name=name),
        Fault.DAMAGED: gettext("“%(name)s”已损坏，请在 Word 或 WPS 里打开并另存一份再导入。", name=name),
        Fault.NOT_WORD: gettext("“%(name)s”里没有 Word 文档的正文，可能只是改了扩展名。", name=name),
        Fault.ENTITIES: gettext(
            "“%(name)s”里有指向别处的内容（%(where)s），为安全起见没有读取。", name=name, where=where
        ),
        Fault.NO_TEXT: gettext("“%(name)s”里没有文字。", name=name),
        Fault.ENCODING: gettext("“%(name)s”不是文本文件，或者文字编码认不出来，请另存为 UTF-8 再导入。", name=name),
        Fault.TOO_SLOW: gettext("“%(name)s”读得太久，已经停止。请分成几份再导入。", name=name),
        Fault.FAILED: gettext("“%(name)s”没有读成。原文件没有改动，请在 Word 或 WPS 里另存一份再试。", name=name),
    }
    return Invalid(file=sentences[unreadable.fault])
