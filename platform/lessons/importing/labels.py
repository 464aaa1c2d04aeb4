"""The labels that plans from elsewhere carry in headings, table cells and lines, and what they stand for here.

A place is a key of `schema.SECTIONS`; or `title`, `periods`, `minutes`, `steps`; or, for columns and inside a step,
`step`, `time`, `resources` or a key of `schema.STEP_FIELDS`.
"""

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

LONGEST_LABEL = 24

_HAN = "一二三四五六七八九十"


class Numbering(StrEnum):
    """How a line is numbered, the widest first."""

    HAN = "一、"
    HAN_IN_BRACKETS = "（一）"
    WORD = "环节一"
    DIGIT = "1."


_NUMBERINGS = {
    Numbering.HAN_IN_BRACKETS: re.compile(rf"[（(]\s*[{_HAN}]+\s*[)）]\s*[、.]?\s*"),
    Numbering.HAN: re.compile(rf"第?[{_HAN}]+\s*[、．.，]\s*"),
    Numbering.WORD: re.compile(
        rf"(?:(?:教学)?环节|步骤|活动|任务|板块|step|part|activity|stage)\s*(?:[{_HAN}]+|\d+)\s*[：:、.．]?\s*",
        re.IGNORECASE,
    ),
    Numbering.DIGIT: re.compile(
        r"(?:[（(]\s*\d{1,2}\s*[)）]|\d{1,2}(?:\.\d{1,2})*\s*[、．.)）](?!\d)|[①-⑳]|\d\ufe0f?\u20e3)\s*"
    ),
}
_DECORATION = re.compile(r"^[\W_]+|[\W_]+$")
_INSIDE = re.compile(r"[\s、·．/&＆“”\"'’《》【】\[\]]+")

_PLACES = [
    (place, re.compile(pattern))
    for place, pattern in [
        (
            "difficulties",
            r"解决.*难点.*|(教学|学习)?重?难点(的)?(突破|化解|解决).*|(教学|学习)?难点(分析)?|difficult(ies|points?)|challenges?",
        ),
        ("key_points", r"(教学|学习)?重点(分析)?|(教学|学习)?重点?[和与及]?难点(分析)?|keypoints?|focus"),
        (
            "objectives",
            (
                r"(本课|本节|本课时|课时|单元|核心)?(教学|学习|课程|课堂|素养|育人|活动)?目标([和与及]?核心素养|设计|分析|确定|预设)?|"
                r"核心素养(目标)?|教学目的([和与及]?要求)?|三维目标|(learning|teaching|lesson)?(objectives?|goals?|aims?)"
            ),
        ),
        ("standards", r"新?(课程标准|课标)(要求|分析|解读|内容|依据)?|(curriculum)?standards?"),
        (
            "textbook",
            r"(教材|课文|文本|内容)(分析|解读|解析|简析)|教学内容(分析)?|学习内容(分析)?|说教材|textbook(analysis)?|content(analysis)?",
        ),
        (
            "learners",
            (
                r"(学情|学生|学习者)(分析|情况|基础|现状)(分析)?|学情|(前置|已有|先备)(知识|基础|经验).*|"
                r"(learners?|students?|pupils?)analysis|priorknowledge"
            ),
        ),
        (
            "preparation",
            (
                r"(教学|课前|教具|学具|教具学具|课堂|教师|学生|材料)?准备(清单)?|课前准备.*|(使用|所用)?教具(学具)?(准备)?|"
                r"教学(资源|用具|媒体|手段|工具|环境)([和与及].*)?(准备)?|配套(文件|资源|材料|资料)|(teaching)?(preparations?|materials|aids)"
            ),
        ),
        ("board", r"(主|副)?板书(设计|内容|计划|提纲)?|(black)?board(design|plan|work)?"),
        (
            "homework",
            r"(课后|课外|分层|家庭|书面|课堂|巩固)?作业(设计|布置|安排|[和与及]拓展)?|布置作业|homework|assignments?",
        ),
        (
            "reflection",
            r"(教学|课后|教后|课堂)(反思|后记|小记|体会|札记|记录|回顾)|反思|教后记|课后记|(self|teaching)?reflections?",
        ),
        (
            "steps",
            (
                r"(详细)?(教学|学习|课堂|授课)(过程|流程|步骤|环节|进程|程序|实施|活动)([和与及]方法|[和与及]步骤)?(设计|安排|实施)?|"
                r"详细教学内容|过程设计|教学活动设计|(teaching|lesson|learning)?(process|procedures?|steps)"
            ),
        ),
        ("periods", r"课时(数|安排)?|授课(时数|课时)|教学时数|(计划|总|所需)课时|periods"),
        ("minutes", r"(课程|教学|授课|上课|课堂|总)时长|时长|duration|totaltime"),
        ("title", r"(授课|教学|本课)?课题(名称)?|课程名称|授课题目|课文题目|课名|题目|topic|(lesson)?title"),
    ]
]
_COLUMNS = [
    (place, re.compile(pattern))
    for place, pattern in [
        (
            "time",
            r"(预计|建议|教学)?(时间|时长|用时|分钟|时间分配|时间安排)(分钟|分|min|minutes?)?|time|minutes?|duration",
        ),
        (
            "intent",
            r"(设计|活动|教学)(意图|目的|理念|说明|依据)([和与及].*)?|意图|(design)?(intent(ion)?s?|purpose|rationale)",
        ),
        (
            "teacher",
            (
                r"(教师|老师|教)(的)?(活动|行为|操作|讲授|组织|引导|主导|教学)|教师|师|教学内容([和与及](教师)?活动)?|(具体)?内容|"
                r"师生(活动|互动)|教学活动(设计)?|(教学)?过程|teachers?(activit(y|ies)|actions?|role)?|teaching|content"
            ),
        ),
        (
            "pupils",
            (
                r"(学生|学员|学)(的)?(活动|行为|任务|实践|操作|练习|反应|学习)|学生|生|"
                r"(students?|pupils?|learners?)(activit(y|ies)|actions?|role)?|learning"
            ),
        ),
        (
            "resources",
            r"(教学|使用|数字)?(资源|媒体|教具|素材|信息技术|技术|手段|工具|课件)(运用|支持|应用|准备|使用)?|resources|materials|media|aids",
        ),
        ("step", r"(教学|学习|活动)?(环节|步骤|阶段|流程|进程|板块)(名称)?|(steps?|stages?|phases?)"),
    ]
]
_STEP_OF_HOMEWORK = re.compile(r"布置作业|作业布置")
_LINE = re.compile(r"\s*[【\[]?([^：:。；，,\n】\]]{1,30})(?:[】\]]\s*[：:]?|[：:])\s*", re.DOTALL)


class Line(NamedTuple):
    """A line without its number: how it was numbered (None if not) and the words that are left."""

    numbering: Numbering | None
    words: str


def numbered(words: str) -> Line:
    """Takes the number off the front of the line, also one that stands behind a picture sign."""
    words = words.strip()
    bare = re.sub(r"^[^\w（(①-⑳]+", "", words)
    for numbering, pattern in _NUMBERINGS.items():
        found = pattern.match(bare)
        if found and (found.end() < len(bare) or numbering is Numbering.WORD):
            return Line(numbering, bare[found.end() :].strip() or bare)
    return Line(None, words)


def place_of(words: str) -> str | None:
    """What a heading or cell with these words labels; None for words that are no label."""
    return _match(words, _PLACES)


def column_of(words: str) -> str | None:
    """What a column with this heading holds, or a part of a step with this title."""
    return _match(words, _COLUMNS)


def is_plain_label(words: str) -> bool:
    """Whether nothing would be lost if only the place it stands for were remembered."""
    return not re.search(r"\d|解决|突破", unicodedata.normalize("NFKC", numbered(words).words))


def is_closing_label(words: str) -> bool:
    """Whether the words begin a section even in the middle of the steps: 板书设计 does, 布置作业 is a step itself."""
    place = place_of(words)
    return place in ("board", "reflection", "homework") and not _STEP_OF_HOMEWORK.fullmatch(_bare(words))


def label_in_line(words: str) -> tuple[str, int] | None:
    """The label before the colon of a line such as “教学重点：……”, and how many characters it takes up."""
    found = _LINE.match(words)
    return (found[1], found.end()) if found else None


def _match(words: str, table: list[tuple[str, re.Pattern[str]]]) -> str | None:
    bare = _bare(words)
    if not 0 < len(bare) <= LONGEST_LABEL:
        return None
    return next((place for place, pattern in table if pattern.fullmatch(bare)), None)


def _bare(words: str) -> str:
    """Without number, spaces, brackets, picture signs, and with ordinary letters."""
    words = numbered(unicodedata.normalize("NFKC", words)).words
    words = re.sub(r"\([^()]*\)$", "", words.strip()) or words
    return _DECORATION.sub("", _INSIDE.sub("", words)).lower()
