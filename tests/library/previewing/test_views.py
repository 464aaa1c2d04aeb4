"""The preview page: who sees it, what it shows, and in which words it says what it cannot."""

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from foundation.database import db
from library.models import PreviewState, Resource, ResourcePage, ResourceVersion
from library.previewing.actions import preview_waiting
from library.previewing.showing import kept_as, shown_as
from schools.models import Person, Visibility
from tests.factories import make_person, make_resource

SignedIn = Callable[[Person], FlaskClient]


def _paged(resource: Resource, pages: int, **more: str) -> None:
    version_id = db.session.scalar(select(ResourceVersion.id).where(ResourceVersion.resource_id == resource.id))
    db.session.execute(
        update(ResourceVersion).where(ResourceVersion.id == version_id).values(preview=PreviewState.READY, pages=pages)
    )
    db.session.add_all(
        ResourcePage(version_id=version_id, number=number, heading=f"题{number}", text=f"第{number}段", **more)
        for number in range(1, pages + 1)
    )
    db.session.commit()


def _set(resource: Resource, state: PreviewState, reason: str = "") -> None:
    db.session.execute(
        update(ResourceVersion).where(ResourceVersion.resource_id == resource.id).values(preview=state, reason=reason)
    )
    db.session.commit()


def test_who_may_not_read_the_resource_gets_no_preview(app: Flask, person: Person, signed_in: SignedIn) -> None:
    resource = make_resource()
    preview_waiting(films=False)
    address = f"/resources/{resource.code}/preview"
    assert signed_in(person).get(address).status_code == 404
    assert app.test_client().get(address).status_code == 404
    assert signed_in(resource.owner).get(address).status_code == 200
    shared = make_resource(visibility=Visibility.PUBLIC)
    assert app.test_client().get(f"/resources/{shared.code}/preview").status_code == 200


def test_the_page_asked_for_is_shown_and_all_others_are_a_click_away(app: Flask, signed_in: SignedIn) -> None:
    resource = make_resource(name="课件.pptx")
    _paged(resource, 30, image_key="ab/large.webp", small_key="ab/small.webp")
    text = signed_in(resource.owner).get(f"/resources/{resource.code}/preview?page=7").text
    assert len(re.findall(r'loading="lazy"', text)) == 30
    assert re.findall(r'data-page="(\d+)"[^>]*aria-current="page"', text, re.DOTALL) == ["7"]
    assert 'alt="第 7 页 题7"' in text
    assert f"/resources/{resource.code}/versions/1/download" in text
    beyond = signed_in(resource.owner).get(f"/resources/{resource.code}/preview?page=99").text
    assert 'alt="第 30 页 题30"' in beyond


def test_more_pages_cost_no_more_queries(app: Flask, signed_in: SignedIn) -> None:
    owner = make_person()
    asked = []
    for pages in (1, 60):
        resource = make_resource(owner, name="课件.pptx")
        _paged(resource, pages, image_key="ab/large.webp", small_key="ab/small.webp")
        client, statements = signed_in(owner), []

        def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            statements.append(statement)  # noqa: B023  # listened to within this turn only

        event.listen(db.engine, "before_cursor_execute", count)
        client.get(f"/resources/{resource.code}/preview")
        event.remove(db.engine, "before_cursor_execute", count)
        asked.append(len(statements))
    assert asked[0] == asked[1]


def test_long_texts_come_in_portions_and_markdown_can_do_nothing(app: Flask, signed_in: SignedIn) -> None:
    text = make_resource(name="讲稿.txt")
    _paged(text, 45)
    shown = signed_in(text.owner).get(f"/resources/{text.code}/preview?page=22").text
    assert re.findall(r'<section id="page-(\d+)"', shown) == [str(number) for number in range(21, 41)]
    written = "# 题目\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script> [坏](javascript:alert(1)) ![图](https://a.cn/b)"
    markdown = make_resource(name="讲稿.md", data=written.encode())
    preview_waiting(films=False)
    shown = signed_in(markdown.owner).get(f"/resources/{markdown.code}/preview").text
    assert "<h3>题目</h3>" in shown
    assert "<td>1</td>" in shown
    article = shown[shown.index("<article") : shown.index("</article>")]
    assert not re.search(r"<script|<img|href=\"javascript", article)


def test_the_state_is_said_in_a_sentence_and_the_file_can_be_downloaded(app: Flask, signed_in: SignedIn) -> None:
    resource = make_resource(name="课件.pptx")
    client = signed_in(resource.owner)
    address = f"/resources/{resource.code}/preview"
    waiting = client.get(address).text
    assert "正在排队生成预览" in waiting
    assert "data-waits" in waiting
    _set(resource, PreviewState.NONE, "encrypted:")
    locked = client.get(address).text
    assert "文件有打开密码" in locked
    assert "/versions/1/download" in locked
    _paged(resource, 1)
    _set(resource, PreviewState.NONE, "no_office:")
    without = client.get(address).text
    assert "服务器没有安装 LibreOffice，暂不能显示页面图片；可以下载原文件，文字已可搜索。" in without
    assert "第1段" in without


def test_a_film_is_played_from_the_file_itself_when_there_is_no_stream(app: Flask, signed_in: SignedIn) -> None:
    film = make_resource(name="微课.mp4", data=b"film")
    _set(film, PreviewState.NONE, "no_ffmpeg:")
    shown = signed_in(film.owner).get(f"/resources/{film.code}/preview").text
    source = re.search(r'<video[^>]* src="([^"]+)"', shown)
    assert source
    sent = app.test_client().get(source[1], buffered=True)
    assert (sent.data, sent.mimetype) == (b"film", "video/mp4")
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert "没有安装 ffmpeg" in shown


def test_only_few_types_are_ever_shown_as_themselves() -> None:
    assert shown_as("图.png", "image/png").inline
    for media_type in ("text/html", "image/svg+xml", "application/pdf", "application/xhtml+xml", "text/xml", ""):
        assert shown_as("页.html", media_type) == kept_as("页.html")
    assert not kept_as("页.html").inline
    assert kept_as("页.html").media_type == "application/octet-stream"
