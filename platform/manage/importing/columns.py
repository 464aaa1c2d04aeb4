"""The sheets that can be imported, their columns under all the names schools give them, and where a sheet's header is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flask_babel import gettext

from manage.importing.cells import Cells
from manage.importing.texts import plain
from manage.importing.values import class_name

HEADER_WITHIN: Final = 30
"""The header is looked for in so many rows that are not blank."""
EXAMPLE: Final = "示例"
"""A row with a cell that begins so is one of the template's examples."""


@dataclass(frozen=True)
class Column:
    """A column: its key in the code, its name in the template, its other names, what may stand in it."""

    key: str
    name: str
    others: tuple[str, ...] = ()
    required: bool = False
    example: str = ""
    note: str = ""
    choices: tuple[str, ...] = ()
    width: int = 14


@dataclass(frozen=True)
class Kind:
    """A sheet of the template."""

    key: str
    name: str
    others: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        """The column of that key."""
        return next(column for column in self.columns if column.key == key)


_STAGES: Final = ("幼儿园", "小学", "初中", "高中", "中职")
_YES_NO: Final = ("是", "否")
_CAMPUS: Final = Column(
    "campus", "校区", ("学校", "校区名称", "学校名称", "所在校区", "所在学校", "单位"), example="城关校区", width=20,
    note="全称、简称、曾用名或代码都可以；只管一个校区时可以不填",
)  # fmt: skip
_NAMES: Final = ("姓名", "教师姓名", "教师", "老师", "老师姓名", "名字", "任课教师", "任课老师", "教职工姓名")
_NUMBERS: Final = ("工号", "教师工号", "职工号", "教工号", "编号", "教师编号", "任课教师工号")
_SUBJECTS: Final = ("学科", "科目", "课程", "任教学科", "任教科目", "所教学科")
_STAGE: Final = Column("stage", "学段", ("阶段",), example="小学", choices=_STAGES, width=10)

KINDS: Final = (
    Kind("campus", "校区", ("学校", "分校", "成员校"), (
        Column("name", "校区名称", ("校区", "学校", "学校名称", "名称", "全称"), True, "示例：城关校区", width=24),
        Column("short_name", "简称", ("校区简称", "学校简称"), example="城关", width=14),
        Column("code", "校区代码", ("代码", "编码", "校区编码"), note="不填时自动生成；再次导入时按它认出校区"),
        Column("school_code", "学校标识码", ("标识码", "学校代码"), example="3332000001", width=16),
        Column("stages", "学段", ("办学学段", "办学类型"), example="小学、初中", note="几个学段用顿号隔开", width=16),
        Column("rural", "乡村", ("农村", "是否农村", "是否乡村", "乡村学校"), example="否", choices=_YES_NO, width=8),
        Column("core", "核心校", ("是否核心校",), example="是", choices=_YES_NO, width=10),
        Column("address", "地址", ("学校地址", "校区地址"), example="文化路 12 号", width=30),
        Column("strengths", "办学特色", ("特色", "优势"), example="书法、篮球", width=30),
    )),
    Kind("staff", "教师", ("教职工", "老师", "教工", "职工"), (
        Column("name", "姓名", _NAMES, True, "示例：王敏", width=14),
        Column("number", "工号", _NUMBERS, example="T2025001", note="用它登录；同名的老师一定要填", width=14),
        _CAMPUS,
        Column("posting", "派驻方式", ("任职方式", "派驻", "任职类型"), example="本校",
               choices=("本校", "轮岗", "走教", "跨校执教"), note="不填就是本校"),
        Column("from_day", "起始日期", ("开始日期", "到校日期", "任职日期", "入职日期"), example="2025-09-01",
               note="不填就是导入的当天", width=14),
        Column("to_day", "结束日期", ("截止日期", "到期日期", "离校日期"), note="到这一天为止，当天已不算；长期的不填"),
        Column("roles", "角色", ("职务", "岗位"), example="教研组长",
               note="校长、执行校长、教务、教研组长、校区管理员；几个用顿号隔开", width=18),
        Column("subject", "学科", _SUBJECTS, example="语文", note="角色有教研组长时必填", width=12),
        Column("titles", "荣誉称号", ("荣誉", "称号"), example="骨干教师", note="几个用顿号隔开", width=18),
    )),
    Kind("class", "班级", ("班",), (
        _CAMPUS,
        Column("name", "班级", ("班级名称", "班名", "名称", "班"), True, "示例：三(2)班",
               note="三(2)班、三年级2班、3.2班、初一3班、2025级2班都可以", width=16),
        _STAGE,
        Column("head", "班主任", ("班主任姓名",), example="王敏", width=14),
        Column("head_number", "班主任工号", (), example="T2025001", width=14),
    )),
    Kind("pupil", "学生", ("学籍", "花名册", "名册"), (
        _CAMPUS,
        Column("class", "班级", ("班级名称", "所在班级", "班", "行政班"), True, "三(2)班", width=14),
        Column("name", "姓名", ("学生姓名", "名字", "学生"), True, "示例：李小禾", width=14),
        Column("seat", "座号", ("座位号", "学号", "班内学号", "序号", "座次"), example="1",
               note="班里的号；同班同名时一定要填", width=10),
    )),
    Kind("teaching", "任课", ("任课表", "任教", "课程安排", "任课安排"), (
        _CAMPUS,
        Column("class", "班级", ("班级名称", "任教班级", "班"), True, "三(2)班", note="几个班用顿号隔开", width=18),
        Column("subject", "学科", _SUBJECTS, True, "语文", width=12),
        Column("name", "教师", _NAMES, True, "示例：王敏", width=14),
        Column("number", "工号", _NUMBERS, example="T2025001", width=14),
        Column("from_day", "起始日期", ("开始日期",), note="不填就是导入的当天", width=14),
    )),
    Kind("textbook", "教材目录", ("教材", "目录", "课本"), (
        Column("subject", "学科", _SUBJECTS, True, "语文", width=12),
        _STAGE,
        Column("edition", "版本", ("教材版本", "教材"), True, "统编版", width=14),
        Column("volume", "册", ("册次", "册别", "课本"), True, "三年级上册", note="写明年级和上下册", width=14),
        Column("unit", "单元", ("单元名称", "章", "章节"), True, "第一单元", width=20),
        Column("theme", "单元主题", ("大单元主题", "主题"), example="学校生活", width=20),
        Column("topic", "课题", ("课", "课文", "课题名称", "课名", "节"), True, "示例：大青树下的小学", width=26),
        Column("periods", "课时", ("建议课时", "课时数"), example="2", width=8),
    )),
    Kind("prep_group", "备课组", ("集备组",), (
        Column("name", "备课组", ("备课组名称", "名称", "组名"), True, "示例：三年级语文备课组", width=26),
        Column("subject", "学科", _SUBJECTS, True, "语文", width=12),
        _STAGE,
        Column("grade", "年级", (), example="三年级", note="不填就是整个学段", width=10),
        Column("campuses", "校区", ("参加校区", "学校"), note="不填就是全集团；几个用顿号隔开", width=20),
        Column("lead", "组长", ("备课组长", "组长姓名"), example="王敏", width=14),
        Column("lead_number", "组长工号", ("备课组长工号",), example="T2025001", width=14),
        Column("members", "另加成员", ("成员", "组员"), note="任课的老师自动在组里；另加的人用顿号隔开", width=24),
    )),
)  # fmt: skip
KIND_OF: Final = {kind.key: kind for kind in KINDS}


@dataclass
class Row:
    """A row of a sheet that is to be imported: what stands under each column that was found, by its key.

    `given` holds what no cell says, for rows that were made from other formats.
    """

    kind: str
    sheet: str
    number: int
    values: dict[str, str]
    headings: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)

    def heading(self, key: str) -> str:
        """What the column is called in the file."""
        return self.headings.get(key) or KIND_OF[self.kind].column(key).name


@dataclass
class Found:
    """What a file holds: its rows, and in words which sheets were left out and why."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_rows(sheets: Sequence[Cells]) -> Found:
    """The rows of every sheet that is known by its name or its header, in the order in which they can be imported."""
    found = Found()
    for sheet in sheets:
        if not sheet.rows:
            found.notes.append(gettext("工作表“%(sheet)s”是空的，已跳过。", sheet=sheet.name))
            continue
        _find_in(sheet, found)
    places = {kind.key: place for place, kind in enumerate(KINDS)}
    found.rows.sort(key=lambda row: places[row.kind])
    return found


def _find_in(sheet: Cells, found: Found) -> None:
    kind, place, columns = _header(sheet)
    given: dict[str, str] = {}
    if kind is not None and kind.key == "pupil" and "class" not in columns.values() and class_name(sheet.name):
        given["class"] = sheet.name
    missing = [
        column.name
        for column in (kind.columns if kind else ())
        if column.required and column.key not in (*columns.values(), *given)
    ]
    if kind is None or len(missing) == sum(column.required for column in kind.columns):
        found.notes.append(gettext("工作表“%(sheet)s”里没有认出表头，已跳过。请对照模板里的列名。", sheet=sheet.name))
        return
    if missing:
        names = "、".join(f"“{name}”" for name in missing)
        found.notes.append(
            gettext("工作表“%(sheet)s”缺少%(columns)s一栏，整张没有读取。", sheet=sheet.name, columns=names)
        )
        return
    header = sheet.rows[place][1]
    headings = {key: header[number] for number, key in columns.items()}
    for number, cells in sheet.rows[place + 1 :]:
        values = given | {key: cells[column] for column, key in columns.items() if column < len(cells)}
        if any(cells[column] for column in columns if column < len(cells)) and not _is_no_row(cells, header):
            found.rows.append(Row(kind.key, sheet.name, number, values, headings))


def _is_no_row(cells: list[str], header: list[str]) -> bool:
    """Whether it is an example of the template, or the header once more as on the next printed page."""
    return any(cell.startswith(EXAMPLE) for cell in cells) or cells == header


def _header(sheet: Cells) -> tuple[Kind | None, int, dict[int, str]]:
    """What kind of sheet it is, the place of its header among the rows, and which column has which key."""
    named = [kind for kind in KINDS if any(name in sheet.name for name in (kind.name, *kind.others))]
    best: tuple[float, Kind | None, int, dict[int, str]] = (0, None, 0, {})
    for place, (_, cells) in enumerate(sheet.rows[:HEADER_WITHIN]):
        for kind in KINDS:
            columns = _columns(kind, cells)
            required = {column.key for column in kind.columns if column.required}
            there = required & set(columns.values())
            score = len(columns) + 3 * len(there) / len(required) + (2.5 if kind in named else 0)
            if there and len(columns) + len(named) > 1 and score > best[0]:
                best = (score, kind, place, columns)
    return best[1:]


def _columns(kind: Kind, cells: list[str]) -> dict[int, str]:
    keys = {name: column.key for column in reversed(kind.columns) for name in (*column.others[::-1], column.name)}
    keys |= {column.name: column.key for column in kind.columns}
    columns: dict[int, str] = {}
    for number, cell in enumerate(cells):
        key = keys.get(_heading(cell))
        if key is not None and key not in columns.values():
            columns[number] = key
    return columns


def _heading(cell: str) -> str:
    """A heading without what is written around its name: 姓名*, 姓 名, 姓名（必填）."""
    return plain(cell).partition("(")[0].strip("*:：")
