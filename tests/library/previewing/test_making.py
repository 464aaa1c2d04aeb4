"""What is made of files: text page by page, pictures of pages, and plain reasons where nothing can be made."""

import shutil
import socket
import subprocess
import threading
import zipfile
from pathlib import Path

import pytest
from docx import Document
from PIL import Image
from pptx import Presentation

from library.previewing import programs
from library.previewing.making import make_preview
from library.previewing.pieces import Made, Page, Part, joined_lines, laid_on_pages, normal
from tests.programs import needs_ffmpeg, needs_office

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "office", lambda: None)
    monkeypatch.setattr(programs, "ffmpeg", lambda: None)


def _preview(sample: str, folder: Path) -> Made:
    file = folder / f"file{Path(sample).suffix}"
    shutil.copyfile(SAMPLES / sample, file)
    return make_preview(file, folder)


def _slides(file: Path, *, picture: str = "") -> Path:
    slides = Presentation()
    for number in range(1, 4):
        slide = slides.slides.add_slide(slides.slide_layouts[1])
        slide.shapes.title.text = f"第{number}页"
        slide.placeholders[1].text = "把一个圆平均分成四份" if number == 3 else "内容"
    slides.slides[2].notes_slide.notes_text_frame.text = "提醒学生：平均分"
    slides.slides[1]._element.set("show", "0")
    slides.save(file)
    if picture:
        _link_picture(file, picture)
    return file


def _link_picture(file: Path, address: str) -> None:
    """A picture in the first slide that is only an address, hidden from our own look through the package."""
    draft = file.with_suffix(".draft")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    link = f'<Relationship Id="rId99" Type="{kind}" Target="{address}" TargetMode="External"/>'
    shape = (
        '<p:pic><p:nvPicPr><p:cNvPr id="99" name="p"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill><a:blip '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:link="rId99"/><a:stretch>'
        '<a:fillRect/></a:stretch></p:blipFill><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(draft, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "ppt/slides/_rels/slide1.xml.rels":
                content = content.replace(b"</Relationships>", link.encode() + b"</Relationships>")
            elif name == "ppt/slides/slide1.xml":
                content = content.replace(b"</p:spTree>", shape.encode() + b"</p:spTree>")
            target.writestr(name, content)
    draft.replace(file)


HOSTILE = {
    "edge_corrupted.xlsx": "damaged",
    "edge_encrypted_password_is_pass.docx": "encrypted",
    "edge_external_entity.docx": "entities",
    "edge_external_image_link.docx": "outside",
    "edge_fuzz_a.docx": "damaged",
    "edge_fuzz_b.docx": "damaged",
    "edge_fuzz_c.pptx": "damaged",
    "edge_macro.docm": "macros",
    "edge_password.pdf": "encrypted",
    "edge_pdf_with_attachment.pdf": "attachments",
    "edge_truncated.docx": "damaged",
    "edge_xml_bomb.xlsx": "entities",
    "edge_xxe_in_schema.xlsx": "entities",
}


def test_every_hostile_sample_is_asked_about() -> None:
    assert {file.name for file in SAMPLES.glob("edge_*")} == set(HOSTILE)


@pytest.mark.parametrize(("sample", "fault"), HOSTILE.items())
def test_a_hostile_file_ends_with_a_reason(sample: str, fault: str, folder: Path) -> None:
    made = _preview(sample, folder)
    assert made.reason.partition(":")[0] == fault
    assert not made.shown


def test_a_pdf_is_shown_page_by_page_and_its_look_alike_characters_are_found(folder: Path) -> None:
    made = _preview("课程_数字输出.pdf", folder)
    assert not made.reason
    assert len(made.pages) == 2
    assert "调用xugu库" in made.pages[0].text
    assert "⽤" not in made.pages[0].text
    with Image.open(folder / made.pages[0].image) as picture:
        assert (picture.format, picture.size) == ("WEBP", (made.pages[0].width, made.pages[0].height))
        assert picture.width == 1600
    assert (folder / made.poster).stat().st_size < 50_000


@needs_office
def test_slides_are_shown_each_with_its_own_text_and_notes_also_a_hidden_one(folder: Path) -> None:
    made = make_preview(_slides(folder / "file.pptx"), folder)
    assert not made.reason
    assert [page.heading for page in made.pages] == [f"第{number}页" for number in range(1, 4)]
    assert made.pages[2].text.splitlines() == ["第3页", "把一个圆平均分成四份", "提醒学生：平均分"]
    assert all((folder / page.image).is_file() for page in made.pages)


@needs_office
def test_a_word_file_is_shown_and_its_paragraphs_stand_on_their_pages(folder: Path) -> None:
    word = Document()
    word.add_paragraph("一、导入：把圆平均分成四份，每一份是它的四分之一。" * 3)
    word.add_page_break()
    word.add_table(1, 2).rows[0].cells[1].text = "二、新授"
    word.save(str(folder / "file.docx"))
    made = make_preview(folder / "file.docx", folder)
    assert [page.text[:4] for page in made.pages] == ["一、导入", "二、新授"]
    assert all((folder / page.image).is_file() for page in made.pages)


@needs_office
def test_an_old_file_is_shown_and_searched_through_libreoffice(folder: Path) -> None:
    made = _preview("cjk_mixed_width.ppt", folder)
    assert made.pages[0].image
    assert "複数の文字" in made.pages[0].text
    assert "カタカナ" in made.pages[0].text


@needs_office
def test_libreoffice_fetches_nothing_that_a_file_points_at(folder: Path) -> None:
    with _listening() as (port, called):
        file = _slides(folder / "file.pptx", picture=f"http://127.0.0.1:{port}/picture.png")
        printed = programs.print_as_pdf(programs.office() or "", file, folder)
    assert printed is not None
    assert not called


def test_without_libreoffice_the_text_is_there_and_the_reason_says_so(folder: Path, no_programs: None) -> None:
    made = make_preview(_slides(folder / "file.pptx"), folder)
    assert made.reason == "no_office:"
    assert "把一个圆平均分成四份" in made.pages[2].text
    assert _preview("cjk_mixed_width.ppt", folder).reason == "no_office_old:"


@pytest.mark.usefixtures("no_programs")
def test_sheets_are_read_row_by_row(folder: Path) -> None:
    assert _preview("课表_只有表头.xlsx", folder).pages[0].text.startswith("日期 节次 内容 老师姓名")
    assert "安徽省" in _preview("chinese_provinces.xls", folder).pages[0].text


def test_markdown_is_cut_at_its_headings_and_text_may_be_in_an_older_encoding(folder: Path) -> None:
    assert [page.heading for page in _preview("教案_太空陨石躲避游戏.md", folder).pages][1:3] == [
        "📋 课程基本信息",
        "🎯 教学目标",
    ]
    file = folder / "file.txt"
    file.write_bytes("分数的初步认识，第一课时".encode("gb18030"))
    assert make_preview(file, folder).pages == [Page("分数的初步认识，第一课时", "分数的初步认识，第一课时")]


def test_a_photograph_is_turned_upright_and_loses_what_it_tells_of_its_place(folder: Path) -> None:
    photograph = Image.new("RGB", (400, 200), "white")
    told = photograph.getexif()
    told[0x0112] = 6
    told[0x010E] = "在家里"
    photograph.save(folder / "file.jpg", exif=told)
    made = make_preview(folder / "file.jpg", folder)
    assert (made.width, made.height) == (200, 400)
    with Image.open(folder / made.pages[0].image) as shown:
        assert shown.size == (200, 400)
        assert not shown.getexif()


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("file.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "damaged"),
        ("file.html", b"<script>1</script>", "kind"),
        ("file.svg", b"<svg/>", "kind"),
        ("file.pdf", b"", "empty"),
        ("file.docx", b"PK\x03\x04", "damaged"),
        ("file.txt", b"\x00\x01\x02", "damaged"),
    ],
)
def test_what_is_not_what_its_name_says_is_not_shown(name: str, content: bytes, fault: str, folder: Path) -> None:
    (folder / name).write_bytes(content)
    made = make_preview(folder / name, folder)
    assert made.reason.partition(":")[0] == fault
    assert not made.pages


@needs_ffmpeg
def test_a_film_gets_a_poster_and_a_smaller_stream(folder: Path) -> None:
    file = folder / "file.avi"
    asked = ["-f", "lavfi", "-i", "testsrc=size=1280x720:duration=1", "-c:v", "mjpeg", str(file)]
    subprocess.run(["ffmpeg", "-v", "error", *asked], check=True)
    made = make_preview(file, folder)
    assert not made.reason
    assert (made.width, made.height, made.seconds, made.stream_type) == (1280, 720, 1.0, "video/mp4")
    stream = programs.look_at_film(folder / made.stream, folder)
    assert stream is not None
    assert stream.height == 480
    assert (folder / made.poster).is_file()


@needs_ffmpeg
def test_a_list_of_files_that_calls_itself_a_film_opens_nothing(folder: Path) -> None:
    (folder / "file.mp4").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    )
    assert make_preview(folder / "file.mp4", folder).reason == "damaged:"


def test_a_word_is_found_across_the_end_of_a_line_but_a_heading_stays_alone() -> None:
    text = "认识分数\n把一个物体或一个图形平均分成几份，每一份就是它的几分之\n一，像这样的数都是分数。"
    assert (
        joined_lines(text) == "认识分数\n把一个物体或一个图形平均分成几份，每一份就是它的几分之一，像这样的数都是分数。"
    )


def test_characters_are_made_alike_and_chinese_punctuation_stays() -> None:
    assert normal("⽤Ａ１（一）：好！\x00") == "用A1（一）：好！"


def test_paragraphs_are_laid_on_the_pages_where_they_are_printed() -> None:
    printed = [Page(text="一、导入\n把圆平\n均分"), Page(text="二、新授\n分数的意义是什么呢")]
    parts = [Part("", ["一、导入", "把圆平均分", "二、新授", "分数的意义是什么呢"])]
    assert [page.text for page in laid_on_pages(parts, printed)] == [
        "一、导入\n把圆平均分",
        "二、新授\n分数的意义是什么呢",
    ]


class _listening:
    """A server that notes whoever calls."""

    def __enter__(self) -> tuple[int, list[bytes]]:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._called: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()
        return self._socket.getsockname()[1], self._called

    def _listen(self) -> None:
        try:
            while True:
                connection, _address = self._socket.accept()
                self._called.append(connection.recv(1000))
                connection.close()
        except OSError:
            return

    def __exit__(self, *_problem: object) -> None:
        self._socket.close()
