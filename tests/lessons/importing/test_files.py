"""Plans from outside come in with every word they hold, each where it belongs; bad files end in a sentence."""

import io
import re
import zipfile
from collections import Counter
from pathlib import Path

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from foundation.errors import Invalid
from lessons.importing import Imported, files, read_plan_file
from lessons.importing.labels import column_of, place_of
from lessons.text.content import Blocks, PlanContent, plain_text
from lessons.text.markdown import blocks_to_markdown, plan_to_markdown
from lessons.text.schema import SECTIONS, STEP_FIELDS

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
READABLE = [
    "2.做一个颜值测试器.docx",
    "edge_external_image_link.docx",
    "edge_macro.docm",
    "equations_omml.docx",
    "linux_commands_370_paragraphs.docx",
    "merged_cells_tables.docx",
    "nested_tables_rich_cells.docx",
    "table_with_equations.docx",
    "vv_usb_tables_images.docx",
    "教案_DNS服务_表格式.docx",
    "教案模板_空白表格.docx",
    "post_class_record_template.md",
    "分层任务卡_一次函数.md",
    "教案_太空陨石躲避游戏.md",
    "教案模板_UbD.md",
]


def sample(name: str) -> Imported:
    return read_plan_file(name, (SAMPLES / name).read_bytes())


def all_texts(plan: PlanContent) -> list[Blocks]:
    return [
        *plan.sections.values(),
        *(text for step in plan.steps for text in (step.teacher, step.pupils, step.intent)),
    ]


def words_of(plan: PlanContent) -> str:
    """Every word of the plan without white space, the names of sections and the minutes of steps among them."""
    texts = [plain_text(text) for text in all_texts(plan)]
    addresses = [
        mark.attrs["href"]
        for text in all_texts(plan)
        for block in text
        for node in block.walk()
        for mark in node.marks
        if mark.attrs
    ]
    names = [str(name) for name in (*SECTIONS.values(), *STEP_FIELDS.values())]
    steps = [f"{step.title}（{step.minutes}分钟）{step.resources}" for step in plan.steps]
    return re.sub(
        r"\s|\u200b", "", "\n".join([plan.title, str(plan.periods), *names, *steps, *texts, *map(str, addresses)])
    )


def visible_lines(name: str) -> list[str]:
    """The lines that a reader of the file sees, found by other means than the import's."""
    data = (SAMPLES / name).read_bytes()
    if name.endswith(".md"):
        text = re.sub(r"(?m)^```\w*|^#+ |\]\([^)]*\)|\*\*|`", "", data.decode())
        return re.sub(r"[|]", "\n", text).split("\n")
    root = parse_xml(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    formula = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
    fallbacks = {t for each in root.iter("{*}Fallback") for t in each.iter()}
    lines = ["".join(t.text or "" for t in run.iter(f"{formula}t")) for run in root.iter(f"{formula}r")]
    for paragraph in root.iter(f"{space}p"):
        parts = [t for t in paragraph.iter(f"{space}t", f"{formula}oMath") if t not in fallbacks]
        lines.extend("".join(t.text or "" if t.tag == f"{space}t" else "\n" for t in parts).split("\n"))
    return lines


@pytest.mark.parametrize("name", READABLE)
def test_no_word_of_a_file_is_lost(name: str) -> None:
    imported = sample(name)
    kept = words_of(imported.content)
    told = re.sub(r"\s", "", "".join(imported.notes))
    lines = [re.sub(r"\s", "", line) for line in visible_lines(name)]
    labels = {line for line in lines if place_of(line) or column_of(line)}
    wanted = Counter(
        run for line in lines if line not in labels for run in re.findall(r"[㐀-鿿]{2,}|[A-Za-z0-9]{2,}", line)
    )
    lost = [run for run, times in wanted.items() if kept.count(run) < times]
    assert lost == []
    assert [label for label in labels if re.sub(r"\W|\d", "", label) not in re.sub(r"\W|\d", "", kept + told)] == []


def test_the_form_of_a_vocational_school_finds_its_sections_and_steps() -> None:
    plan = sample("教案_DNS服务_表格式.docx").content
    assert (plan.title, plan.periods) == ("Windows server 搭建DNS服务", 2)
    assert set(plan.sections) == {"objectives", "key_points", "difficulties", "preparation", "other"}
    assert plain_text(plan.sections["objectives"]).startswith("知识与技能目标：在Windows Server 2012上")
    assert plain_text(plan.sections["preparation"]) == "多媒体"
    assert "正向查找区域" in plain_text(plan.sections["key_points"])
    assert "解决教学重、难点的   措施：\n1. 在创建反向查找区域时" in plain_text(plan.sections["difficulties"])
    assert "课    型：理实一体" in plain_text(plan.sections["other"])
    assert [(step.title, step.minutes) for step in plan.steps] == [
        ("导入环节", None),
        ("新课讲授", None),
        ("课堂小结", None),
    ]
    lecture = plain_text(plan.steps[1].teacher)
    assert lecture.startswith("任务1：")
    assert lecture.endswith("查看是否能成功解析出IP地址192.168.1.100。")
    assert plain_text(plan.steps[2].teacher).startswith("实验核心路径回顾：")


def test_a_long_markdown_plan_finds_its_sections_steps_and_minutes() -> None:
    plan = sample("教案_太空陨石躲避游戏.md").content
    assert plan.title == "🚀 太空陨石躲避游戏 - 详细教案"
    assert (plan.periods, plan.minutes) == (2, 45)
    assert [(step.title.split(" ", 1)[1], step.minutes) for step in plan.steps] == [
        ("导入环节", 5),
        ("Step 1：游戏窗口与飞船", 10),
        ("Step 2：飞船移动控制", 10),
        ("Step 3：陨石创建与下落", 15),
        ("Step 4：碰撞检测", 15),
        ("Step 5：多颗陨石", 15),
        ("Step 6：计分与难度", 15),
        ("总结环节", 5),
    ]
    assert plain_text(plan.sections["objectives"]).startswith("知识目标\n理解游戏循环的概念和作用")
    assert plain_text(plan.sections["learners"]).startswith("学生已学过以下内容")
    assert "step1_window_ship.py" in plain_text(plan.sections["preparation"])
    assert "PPT 制作清单" in plain_text(plan.sections["other"])
    assert plain_text(plan.steps[1].pupils).startswith("3️⃣ 学生实践（4分钟）")
    assert "激发学习兴趣" in plain_text(plan.steps[0].intent)
    assert "演示最终游戏" in plain_text(plan.steps[0].teacher)


def test_the_notes_say_what_went_where() -> None:
    notes = sample("教案_DNS服务_表格式.docx").notes
    assert "“课时教学目标”放进了“教学目标·核心素养”。" in notes
    assert "教学过程分成了 3 个环节。" in notes
    assert "这些栏目在文件里是空的：课外作业、课后体会。" in notes


def test_code_written_as_paragraphs_stays_one_block_of_code() -> None:
    plan = sample("2.做一个颜值测试器.docx").content
    assert plan.title == "2. 做一个颜值测试器"
    (code,) = [block for block in plan.sections["other"] if block.name == "codeBlock"]
    lines = plain_text([code]).splitlines()
    assert lines[0] == "#!/usr/bin/env python3"
    assert '    data = {"face_field":"age,beauty,expression,faceshape,gender,glasses,landmark,race,qualities",' in lines


def test_a_blank_form_has_no_title() -> None:
    assert sample("教案模板_空白表格.docx").content.title == ""


def test_a_plan_downloaded_from_here_comes_back_as_it_was() -> None:
    plan = sample("教案_太空陨石躲避游戏.md").content
    again = read_plan_file("x.md", plan_to_markdown(plan).encode())
    assert again.content == plan


# ---- shapes of Word ----


def word(build: "docx.document.Document") -> bytes:
    stream = io.BytesIO()
    build.save(stream)
    return stream.getvalue()


def table(document: "docx.document.Document", rows: list[list[str]]) -> None:
    cells = document.add_table(len(rows), max(map(len, rows)))
    for row, texts in zip(cells.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = text


def test_columns_of_the_process_become_steps() -> None:
    document = docx.Document()
    document.add_paragraph("《分数的初步认识》教学设计")
    document.add_paragraph("一、教学目标")
    document.add_paragraph("认识几分之一。")
    document.add_paragraph("二、教学重点、难点")
    document.add_paragraph("重点：理解平均分。")
    document.add_paragraph("难点：说出分数的含义。")
    document.add_paragraph("三、教学过程")
    table(
        document,
        [
            ["教学环节", "时间", "教师活动", "学生活动", "设计意图"],
            ["一、情境导入", "５分钟", "出示月饼", "独立思考", "联系生活"],
            ["二、探究新知（20分钟）", "", "讲解", "折纸", "动手"],
            ["", "", "追问", "汇报", ""],
            ["三、练习", "10～12", "巡视", "做题", "巩固"],
        ],
    )
    document.add_paragraph("四、板书设计")
    document.add_paragraph("分数：1/2")
    plan = read_plan_file("x.docx", word(document)).content
    assert plan.title == "《分数的初步认识》教学设计"
    assert {key: plain_text(text) for key, text in plan.sections.items()} == {
        "objectives": "认识几分之一。",
        "key_points": "理解平均分。",
        "difficulties": "说出分数的含义。",
        "board": "分数：1/2",
    }
    assert [(step.title, step.minutes) for step in plan.steps] == [("情境导入", 5), ("探究新知", 20), ("练习", None)]
    assert [plain_text(step.teacher) for step in plan.steps] == ["出示月饼", "讲解\n追问", "10～12\n巡视"]
    assert [plain_text(step.pupils) for step in plan.steps] == ["独立思考", "折纸\n汇报", "做题"]
    assert [plain_text(step.intent) for step in plan.steps] == ["联系生活", "动手", "巩固"]


def test_one_large_form_with_the_process_in_its_middle() -> None:
    document = docx.Document()
    table(
        document,
        [
            ["课题", "多边形的面积", "课时", "2课时"],
            ["教学目标", "会算平行四边形的面积。", "", ""],
            ["教学环节", "教师活动", "学生活动", "设计意图"],
            ["复习导入 3分钟", "提问", "回答", "温故"],
            ["板书设计", "S=ah", "", ""],
        ],
    )
    form = document.tables[0]
    for number in (1, 4):
        form.cell(number, 1).merge(form.cell(number, 3))
    plan = read_plan_file("x.docx", word(document)).content
    assert (plan.title, plan.periods) == ("多边形的面积", 2)
    assert plain_text(plan.sections["objectives"]) == "会算平行四边形的面积。"
    assert plain_text(plan.sections["board"]) == "S=ah"
    (step,) = plan.steps
    assert (step.title, step.minutes, plain_text(step.teacher)) == ("复习导入", 3, "提问")


def test_headings_below_the_process_become_steps() -> None:
    document = docx.Document()
    document.add_heading("Floating and Sinking", 1)
    document.add_heading("Learning Objectives", 2)
    document.add_paragraph("Know why ships float.")
    document.add_heading("Teaching Procedures", 2)
    document.add_heading("Step 1 Warm-up (5 min)", 3)
    document.add_paragraph("Teacher’s activities: show a ship")
    document.add_paragraph("Students’ activities: guess")
    document.add_paragraph("Purpose: raise interest")
    document.add_paragraph("Sing a song.")
    document.add_heading("Homework", 2)
    document.add_paragraph("Draw a ship.")
    plan = read_plan_file("x.docx", word(document)).content
    assert plan.title == "Floating and Sinking"
    assert plain_text(plan.sections["objectives"]) == "Know why ships float."
    assert plain_text(plan.sections["homework"]) == "Draw a ship."
    (step,) = plan.steps
    assert (step.title, step.minutes) == ("Step 1 Warm-up", 5)
    assert plain_text(step.teacher) == "show a ship"
    assert plain_text(step.pupils) == "guess\nSing a song."
    assert plain_text(step.intent) == "raise interest"


def test_words_that_stand_out_lists_links_and_pinyin_are_kept() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph()
    paragraph.add_run("分数").bold = True
    paragraph.add_run("x")
    paragraph.add_run("2").font.superscript = True
    paragraph.add_run("旧").font.strike = True
    paragraph.add_run().add_break(WD_BREAK.LINE)
    paragraph._p.append(
        parse_xml(
            f"<w:r {nsdecls('w')}><w:ruby><w:rt><w:r><w:t>xíng</w:t></w:r></w:rt>"
            "<w:rubyBase><w:r><w:t>形</w:t></w:r></w:rubyBase></w:ruby></w:r>"
        )
    )
    document.add_paragraph("一层", style="List Bullet")
    document.add_paragraph("二层", style="List Bullet 2")
    document.add_paragraph("甲", style="List Number")
    document.add_paragraph("乙", style="List Number")
    plan = read_plan_file("x.docx", word(document)).content
    assert blocks_to_markdown(plan.sections["other"]).split("\n\n") == [
        "**分数**x<sup>2</sup>~~旧~~\\\n<ruby>形<rt>xíng</rt></ruby>",
        "- 一层\n- 二层",
        "1. 甲\n2. 乙",
    ]


@pytest.mark.parametrize(
    ("formula", "latex"),
    [
        ("<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>", r"\frac{1}{2}"),
        ("<m:rad><m:radPr><m:degHide m:val='1'/></m:radPr><m:deg/><m:e><m:r><m:t>2</m:t></m:r></m:e></m:rad>", r"\sqrt{2}"),
        ("<m:sSubSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sub><m:r><m:t>1</m:t></m:r></m:sub><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSubSup>", "x_{1}^{2}"),
        ("<m:r><m:t>底×高÷2=面积</m:t></m:r>", r"\text{底}\times \text{高}\div 2=\text{面积}"),
        ("<m:func><m:fName><m:r><m:t>sin</m:t></m:r></m:fName><m:e><m:r><m:t>α</m:t></m:r></m:e></m:func>", r"\sin α"),
        ("<m:acc><m:accPr><m:chr m:val='⃗'/></m:accPr><m:e><m:r><m:t>a</m:t></m:r></m:e></m:acc>", r"\vec{a}"),
        ("<m:d><m:dPr><m:begChr m:val='{'/><m:endChr m:val=''/></m:dPr><m:e><m:eqArr><m:e><m:r><m:t>x=1</m:t></m:r></m:e><m:e><m:r><m:t>y=2</m:t></m:r></m:e></m:eqArr></m:e></m:d>",
         r"\left\{ \begin{aligned}x=1 \\ y=2\end{aligned} \right."),
        ("<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub><m:r><m:t>i=1</m:t></m:r></m:sub><m:sup><m:r><m:t>n</m:t></m:r></m:sup><m:e><m:r><m:t>i</m:t></m:r></m:e></m:nary>",
         r"\sum_{i=1}^{n} i"),
        ("<m:unheardOf><m:e><m:r><m:t>留下</m:t></m:r></m:e></m:unheardOf>", r"\text{留下}"),
    ],
)  # fmt: skip
def test_a_formula_of_word_becomes_latex(formula: str, latex: str) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("公式：")
    paragraph._p.append(parse_xml(f"<m:oMath {nsdecls('m')}>{formula}</m:oMath>"))
    (block,) = read_plan_file("x.docx", word(document)).content.sections["other"]
    assert [node.attrs for node in block.content if node.name == "inlineMath"] == [{"latex": latex}]


# ---- files that cannot be read ----


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("edge_encrypted_password_is_pass.docx", "有打开密码"),
        ("edge_external_entity.docx", "有指向别处的内容（word/document.xml）"),
        ("edge_fuzz_a.docx", "已损坏"),
        ("edge_fuzz_b.docx", "已损坏"),
        ("edge_truncated.docx", "已损坏"),
    ],
)
def test_a_broken_or_hostile_file_ends_in_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        sample(name)
    assert f"“{name}”" in refused.value.message
    assert sentence in refused.value.message
    assert refused.value.fields == {"file": refused.value.message}


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("教案.pdf", b"%PDF", "不是 Word 文档（.docx）或 Markdown 文件（.md）"),
        ("教案.doc", b"\xd0\xcf\x11\xe0", "旧版 Word 文件"),
        ("教案.docx", b"", "空文件"),
        ("教案.md", b" \n", "没有文字"),
        ("教案.md", b"\x00\x01\xff\xfe\x00", "编码认不出来"),
        ("教案.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版 Word 文件"),
    ],
)
def test_other_files_are_refused_with_what_to_do(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(Invalid, match=re.escape(sentence)):
        read_plan_file(name, data)


def zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return stream.getvalue()


def test_a_zip_bomb_is_refused_before_it_unfolds() -> None:
    with pytest.raises(Invalid, match="大得不正常"):
        read_plan_file("x.docx", zipped(word__document=b"<a>" + b" " * (60 * 2**20) + b"</a>"))


def test_entities_that_multiply_are_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    with pytest.raises(Invalid, match="指向别处"):
        read_plan_file("x.docx", zipped(word__document=bomb))


def test_a_zip_without_a_document_is_no_word_file() -> None:
    with pytest.raises(Invalid, match="没有 Word 文档的正文"):
        read_plan_file("x.docx", zipped(xl__workbook=b"<workbook/>"))


def test_tables_without_end_in_each_other_do_no_harm() -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "<w:tbl><w:tr><w:tc>" * 400 + "<w:p><w:r><w:t>深处</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 400
    plan = read_plan_file(
        "x.docx", zipped(word__document=f"<w:document {space}><w:body>{body}</w:body></w:document>".encode())
    ).content
    assert "深处" in words_of(plan)


def test_a_file_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SECONDS", 0.05)
    with pytest.raises(Invalid, match="读得太久"):
        sample("教案_太空陨石躲避游戏.md")


def test_a_file_that_takes_too_much_memory_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MEMORY", 2**24)
    with pytest.raises(Invalid, match="没有读成"):
        sample("教案_太空陨石躲避游戏.md")


def test_markdown_in_an_old_chinese_encoding_is_read() -> None:
    assert read_plan_file("x.md", "# 分数\n\n## 教学目标\n\n认识".encode("gb18030")).content.title == "分数"
