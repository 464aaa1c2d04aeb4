"""What an import has to tell: which label went where, and what could not be kept."""

from dataclasses import dataclass

from flask_babel import gettext, ngettext

from lessons.text.schema import SECTIONS, STEP_FIELDS


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to tell; `sentence` puts it into the language of the reader."""

    kind: str
    label: str = ""
    place: str = ""
    count: int = 0

    def sentence(self) -> str:
        """The note in words."""
        count = self.count
        match self.kind:
            case "placed":
                return gettext("“%(label)s”放进了“%(place)s”。", label=self.label, place=place_name(self.place))
            case "empty":
                return gettext("这些栏目在文件里是空的：%(labels)s。", labels=self.label)
            case "steps":
                return ngettext("教学过程分成了 %(num)d 个环节。", "教学过程分成了 %(num)d 个环节。", count)
            case "minutes":
                return gettext("各环节合计 %(count)d 分钟。", count=count)
            case "other":
                return ngettext(
                    "有 %(num)d 段内容没有对应的栏目，放进了“其他”。",
                    "有 %(num)d 段内容没有对应的栏目，放进了“其他”。",
                    count,
                )
            case "pictures":
                return ngettext(
                    "有 %(num)d 张图片没有带进来，原处留有“[图片]”字样，图片请看原文件。",
                    "有 %(num)d 张图片没有带进来，原处留有“[图片]”字样，图片请看原文件。",
                    count,
                )
            case "nested_tables":
                return ngettext(
                    "有 %(num)d 个表格套在别的表格里，改成了一行一段的文字。",
                    "有 %(num)d 个表格套在别的表格里，改成了一行一段的文字。",
                    count,
                )
            case "deleted":
                return gettext("修订中已删除的文字没有带进来。")
            case "macros":
                return gettext("文件里的宏没有带进来，也没有运行。")
        return self.label


def place_name(place: str) -> str:
    """The place's name for people."""
    names = {
        **{key: str(name) for key, name in SECTIONS.items()},
        **{key: str(name) for key, name in STEP_FIELDS.items()},
        "title": gettext("课题"),
        "periods": gettext("课时"),
        "minutes": gettext("每课时分钟数"),
        "steps": gettext("教学过程"),
        "step": gettext("环节"),
        "time": gettext("分钟"),
        "resources": gettext("资源"),
    }
    return names.get(place, place)
