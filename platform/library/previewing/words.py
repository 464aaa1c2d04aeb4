"""The state of a preview in words."""

from flask_babel import gettext

from library.previewing.faults import Fault


def in_words(reason: str) -> str:
    """The sentence for a `ResourceVersion.reason`; nothing for none."""
    if not reason:
        return ""
    fault, _, where = reason.partition(":")
    sentences = {
        Fault.KIND: gettext("这种文件不能预览，可以下载原文件。"),
        Fault.EMPTY: gettext("这是一个空文件，没有可以预览的内容。"),
        Fault.ENCRYPTED: gettext("文件有打开密码，不能预览。去掉密码再上传一个新版本，就可以预览和搜索。"),
        Fault.DAMAGED: gettext("文件已损坏，或者只是改了扩展名，不能预览。请打开原文件另存一份，再上传一个新版本。"),
        Fault.TOO_MUCH_INSIDE: gettext("文件解开后大得不正常（%(where)s），为安全起见没有打开。", where=where),
        Fault.ENTITIES: gettext("文件里有指向别处的内容（%(where)s），为安全起见没有打开。", where=where),
        Fault.MACROS: gettext("文件里有宏，为安全起见不显示页面图片；可以下载原文件，文字已可搜索。"),
        Fault.OUTSIDE: gettext(
            "文件里有图片只是外部网址（%(where)s），服务器不会去取，所以不显示页面图片；可以下载原文件，文字已可搜索。",
            where=where,
        ),
        Fault.ATTACHMENTS: gettext(
            "这个 PDF 里夹带了别的文件，为安全起见不显示页面图片；可以下载原文件，文字已可搜索。"
        ),
        Fault.TOO_SLOW: gettext("处理得太久，已经停止。可以下载原文件；分成几份上传，就可以预览。"),
        Fault.FAILED: gettext("没有做成预览，原文件没有改动，可以下载。"),
        Fault.LOST: gettext("两次处理都中途停下，不再尝试。原文件没有改动，可以下载。"),
        Fault.GONE: gettext("存储里找不到这个文件，请联系管理员。"),
        Fault.NO_OFFICE: gettext("服务器没有安装 LibreOffice，暂不能显示页面图片；可以下载原文件，文字已可搜索。"),
        Fault.NO_OFFICE_OLD: gettext(
            "服务器没有安装 LibreOffice，暂不能预览这种格式，也搜不到其中的文字；可以下载原文件。"
        ),
        Fault.NO_FFMPEG: gettext("服务器没有安装 ffmpeg，没有封面和较小的画面；可以播放或下载原文件。"),
        Fault.FIRST_PAGES: gettext("页数很多，只显示前 %(where)s 页；完整内容请下载原文件。", where=where),
    }
    return sentences.get(Fault(fault), "") if fault in set(Fault) else ""
