"""What can be wrong with a file, and the sentences that say so."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext

from foundation.errors import Invalid


class Fault(StrEnum):
    """Why a file cannot be read."""

    KIND = "kind"
    EMPTY = "empty"
    TOO_MUCH_INSIDE = "too_much_inside"
    TOO_MANY_ROWS = "too_many_rows"
    ENCRYPTED = "encrypted"
    MACROS = "macros"
    ENTITIES = "entities"
    DAMAGED = "damaged"
    ENCODING = "encoding"
    TOO_SLOW = "too_slow"
    FAILED = "failed"
    NOTHING = "nothing"
    NO_MANIFEST = "no_manifest"
    OTHER_VERSION = "other_version"


@dataclass
class Unreadable(Exception):
    """The file cannot be read; `where` names the part of it, or the number, that is to blame."""

    fault: Fault
    where: str = ""


def refusal(name: str, unreadable: Unreadable) -> Invalid:
    """The refusal for the person who sent the file of that name."""
    where = unreadable.where
    sentences = {
        Fault.KIND: gettext("“%(name)s”不是表格文件，请用 .xlsx、.xls 或 .csv，或者 OneRoster 的 .zip。", name=name),
        Fault.EMPTY: gettext("“%(name)s”是空文件。", name=name),
        Fault.TOO_MUCH_INSIDE: gettext("“%(name)s”解开后大得不正常（%(where)s），没有读取。", name=name, where=where),
        Fault.TOO_MANY_ROWS: gettext(
            "“%(name)s”超过了一次能导入的 %(where)s 行，请分成几份再导入。", name=name, where=where
        ),
        Fault.ENCRYPTED: gettext("“%(name)s”有打开密码，请去掉密码再导入。", name=name),
        Fault.MACROS: gettext("“%(name)s”里有宏，为安全起见没有读取。请另存为不带宏的 .xlsx 再导入。", name=name),
        Fault.ENTITIES: gettext(
            "“%(name)s”里有指向别处的内容（%(where)s），为安全起见没有读取。", name=name, where=where
        ),
        Fault.DAMAGED: gettext("“%(name)s”已损坏，请在 Excel 或 WPS 里打开并另存一份再导入。", name=name),
        Fault.ENCODING: gettext("“%(name)s”的文字编码认不出来，请另存为 UTF-8 或 .xlsx 再导入。", name=name),
        Fault.TOO_SLOW: gettext("“%(name)s”读得太久，已经停止。请分成几份再导入。", name=name),
        Fault.FAILED: gettext("“%(name)s”没有读成，请在 Excel 或 WPS 里另存一份再试。", name=name),
        Fault.NOTHING: gettext("“%(name)s”里没有可以导入的行。", name=name),
        Fault.NO_MANIFEST: gettext("“%(name)s”里没有 manifest.csv，不是 OneRoster 的文件。", name=name),
        Fault.OTHER_VERSION: gettext(
            "“%(name)s”是 OneRoster %(where)s 的文件，这里只读 1.2 版。", name=name, where=where
        ),
    }
    return Invalid(file=sentences[unreadable.fault])
