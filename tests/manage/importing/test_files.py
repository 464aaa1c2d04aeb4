"""Sheets as schools keep them, and files that are meant to do harm."""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook

from foundation.config import Settings
from foundation.database import db
from foundation.errors import Invalid
from manage.importing import values
from manage.importing.cells import Cells
from manage.importing.columns import KINDS, Found, find_rows
from manage.importing.files import read_file
from schools.models import Campus, Group, Person, Role, Stage
from tests.factories import grant, make_campus, make_group, make_person
from tests.manage.importing.sheets import fates, saved, upload, workbook

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SETTINGS = Settings(import_seconds=30)


def read(sheets: dict[str, list[list[object]]]) -> Found:
    return find_rows(read_file("名单.xlsx", workbook(sheets), SETTINGS))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("三(2)班", (None, 3, 2)),
        ("三（２）班", (None, 3, 2)),
        (" 三 （2） 班　", (None, 3, 2)),
        ("三年级2班", (None, 3, 2)),
        ("三年级二班", (None, 3, 2)),
        ("3.2班", (None, 3, 2)),
        ("3-2", (None, 3, 2)),
        ("302班", (None, 3, 2)),
        ("三2班", (None, 3, 2)),
        ("初一3班", (Stage.JUNIOR, 1, 3)),
        ("七（11）班", (None, 7, 11)),
        ("高一十二班", (Stage.SENIOR, 1, 12)),
        ("1203班", (None, 12, 3)),
        ("大(1)班", (Stage.KINDERGARTEN, 3, 1)),
        ("小一2班", (Stage.PRIMARY, 1, 2)),
        ("中职二1班", (Stage.VOCATIONAL, 2, 1)),
    ],
)
def test_classes_are_known_in_every_shape(written: str, meant: tuple[Stage | None, int, int]) -> None:
    found = values.class_name(written)
    assert found is not None
    assert found.grade is not None
    assert (found.grade.stage, found.grade.grade, found.number) == meant


def test_a_class_may_be_named_by_the_year_it_came() -> None:
    assert values.class_name("2025级2班") == values.ClassName(2, entry_year=2025)


@pytest.mark.parametrize("written", ["足球队", "三年级", "班", "", "13(1)班", "2025"])
def test_what_is_no_class_is_none(written: str) -> None:
    assert values.class_name(written) is None


@pytest.mark.parametrize(
    "written",
    [
        "2025-09-01",
        "2025.9.1",
        "2025/9/1",
        "2025年9月1日",
        "２０２５．９．１",
        "20250901",
        "45901",
        "2025年9月",
        "2025-09-01 00:00:00",
    ],
)
def test_days_are_known_in_every_shape(written: str) -> None:
    assert values.day(written) == date(2025, 9, 1)


@pytest.mark.parametrize("written", ["明天", "2025.13.1", "9月1日", "1"])
def test_what_is_no_day_is_none(written: str) -> None:
    assert values.day(written) is None


def test_numbers_days_and_full_width_come_out_as_they_were_meant() -> None:
    sheet = [["姓名", "工号", "起始日期", "结束日期"], ["王　敏 ", 1001.0, datetime(2025, 9, 1), 45901]]
    (row,) = read({"教师": sheet}).rows
    assert row.values["number"] == "1001"
    assert (values.name(row.values["name"]), row.values["from_day"]) == ("王敏", "2025-09-01")
    assert values.day(row.values["to_day"]) == date(2025, 9, 1)


def test_titles_blank_rows_blank_columns_merged_and_hidden_rows() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "教师花名册"
    sheet["B1"] = "云溪教育集团教师花名册"
    sheet.merge_cells("B1:F1")
    for column, heading in zip("BCEF", ["学校", "教师姓名*", "职工号（必填）", "备注"], strict=True):
        sheet[f"{column}3"] = heading
    for row, (campus, name, number) in enumerate([("城关", "王敏", "1"), (None, "李娜", "2"), (None, "赵云", "3")], 4):
        sheet[f"B{row}"], sheet[f"C{row}"], sheet[f"E{row}"] = campus, name, number
    sheet.merge_cells("B4:B6")
    sheet.row_dimensions[5].hidden = True
    sheet["C9"], sheet["B9"] = "钱多", "城关"
    found = find_rows(read_file("名单.xlsx", saved(book), SETTINGS))
    assert [(row.number, row.values["campus"], row.values["name"]) for row in found.rows] == [
        (4, "城关", "王敏"),
        (5, "城关", "李娜"),
        (6, "城关", "赵云"),
        (9, "城关", "钱多"),
    ]


def test_missing_columns_empty_sheets_and_unknown_ones_are_named() -> None:
    found = read({"任课": [["班级", "教师"], ["三1班", "王敏"]], "Sheet2": [], "食堂": [["菜", "价"], ["面", 5]]})
    assert found.rows == []
    assert found.notes == [
        "工作表“任课”缺少“学科”一栏，整张没有读取。",
        "工作表“Sheet2”是空的，已跳过。",
        "工作表“食堂”里没有认出表头，已跳过。请对照模板里的列名。",
    ]


def test_a_sheet_is_known_by_its_columns_whatever_it_is_called() -> None:
    sheets: dict[str, list[list[object]]] = {"Sheet1": [["班级", "学生姓名", "座位号"], ["三1班", "张三", 1]]}
    assert [row.kind for row in read(sheets).rows] == ["pupil"]


def test_a_sheet_called_like_a_class_holds_its_pupils() -> None:
    (row,) = read({"三(2)班学生": [["序号", "姓名"], [1, "张三"]], "三(2)班": [["座号", "学生姓名"], [1, "李四"]]}).rows
    assert (row.sheet, row.values["class"]) == ("三(2)班", "三(2)班")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_the_encodings_that_programs_write(encoding: str) -> None:
    data = "姓名,工号\n王敏,0012\n".encode(encoding)
    (row,) = find_rows(read_file("教师.csv", data, SETTINGS)).rows
    assert (row.sheet, row.number, row.values) == ("教师", 2, {"name": "王敏", "number": "0012"})


def test_an_old_xls_is_read() -> None:
    (sheet,) = read_file("省份.xls", (SAMPLES / "chinese_provinces.xls").read_bytes(), SETTINGS)
    assert sheet.rows[1] == (2, ["Anhui", "安徽省"])


@pytest.fixture
def client(app: object, signed_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """The browser of a group's administrator."""
    group: Group = make_group()
    make_campus(group, "城关校区")
    admin = make_person(posted=False)
    grant(admin, Role.GROUP_ADMIN, group_id=group.id)
    return signed_in(admin)


@pytest.mark.parametrize(
    ("sample", "name", "said"),
    [
        ("edge_xml_bomb.xlsx", "炸弹.xlsx", "指向别处"),
        ("edge_xxe_in_schema.xlsx", "外部实体.xlsx", "没有可以导入的行"),
        ("edge_external_entity.docx", "外部实体.xlsx", "指向别处"),
        ("edge_truncated.docx", "截断.xlsx", "已损坏"),
        ("edge_corrupted.xlsx", "损坏.xlsx", "已损坏"),
        ("edge_encrypted_password_is_pass.docx", "加密.xlsx", "打开密码"),
        ("edge_macro.docm", "宏.docm", "不是表格文件"),
        ("edge_macro.docm", "宏.xlsx", "有宏"),
        ("edge_macro.docm", "宏.xlsm", "有宏"),
        ("edge_fuzz_a.docx", "乱.xlsx", "“乱.xlsx”"),
        ("edge_fuzz_b.docx", "乱.xls", "“乱.xls”"),
        ("edge_truncated.docx", "截断.zip", "已损坏"),
        ("edge_external_image_link.docx", "图.zip", "manifest.csv"),
        ("课表_只有表头.xlsx", "课表.xlsx", "没有可以导入的行"),
        ("chinese_provinces.xls", "省份.xls", "没有可以导入的行"),
    ],
)
def test_a_file_that_is_none_of_ours_ends_in_a_sentence(client: FlaskClient, sample: str, name: str, said: str) -> None:
    people = db.session.query(Person).count()
    looked = upload(client, (SAMPLES / sample).read_bytes(), name)
    assert looked.state == "failed"
    assert said in looked.sentence
    page = client.get(f"/jobs/{looked.code}").text
    assert said in page
    assert (db.session.query(Person).count(), db.session.query(Campus).count()) == (people, 1)


def test_no_file_and_an_empty_file_are_refused_at_once(client: FlaskClient) -> None:
    answer = client.post("/manage/import", data={"file": (io.BytesIO(b""), "")})
    assert (answer.status_code, "请选择要导入的文件" in answer.text) == (422, True)
    answer = client.post("/manage/import", data={"file": (io.BytesIO(b""), "空.xlsx")})
    assert (answer.status_code, "“空.xlsx”是空文件" in answer.text) == (422, True)


def test_more_rows_than_are_allowed_are_refused() -> None:
    rows = [["姓名"], *[["王敏"]] * 20]
    with pytest.raises(Invalid, match="10 行"):
        read_file("名单.xlsx", workbook({"教师": rows}), replace(SETTINGS, import_rows=10))


def test_a_sheet_as_large_as_a_sheet_can_be_ends_soon(client: FlaskClient) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "姓名", "王敏"
    began = time.monotonic()
    looked = upload(client, saved(book))
    assert looked.state == "failed"
    assert time.monotonic() - began < 30


def test_the_template_is_read_as_it_was_meant(client: FlaskClient) -> None:
    data = client.get("/manage/import/template.xlsx").data
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["填写说明", *(kind.name for kind in KINDS)]
    assert find_rows(read_file("模板.xlsx", data, SETTINGS)).rows == []  # its examples are no rows
    staff = book["教师"]
    assert staff["A1"].value == "姓名*"
    assert staff["B3"].number_format == "@"
    assert any("轮岗" in str(each.formula1) for each in staff.data_validations.dataValidation)
    staff["A3"], staff["B3"] = "王敏", "0012"
    looked = upload(client, saved(book))
    assert fates(looked) == [("教师", 3, "new")]


def test_what_is_written_in_the_template_is_recognised() -> None:
    for kind in KINDS:
        header = [column.name for column in kind.columns]
        found = find_rows([Cells(kind.name, [(1, header), (2, [column.example or "x" for column in kind.columns])])])
        assert found.notes == []
