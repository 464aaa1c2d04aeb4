"""Two teachers of two campuses write one plan in two browsers, whatever happens to the line, the server and their rights."""

from playwright.sync_api import expect

from foundation.database import commit, db, writing
from lessons.models import Plan
from schools.models import Visibility
from tests.browser.school import OBJECTIVES, PUPILS, TEACHER, School


def test_two_people_write_in_one_section_and_in_different_steps_and_see_each_other(school: School) -> None:
    wang, li = school.both()
    expect(wang.page.locator(".people-count")).to_have_text("2 人在这里")
    wang.write(OBJECTIVES, "认识八个生字。")
    li.sees(OBJECTIVES, "认识八个生字。")
    li.write(OBJECTIVES, "读出秋雨的美。")
    wang.page.keyboard.type("会写十三个字。")
    wang.sees(OBJECTIVES, "读出秋雨的美。")
    wang.write(TEACHER, "出示雨声录音。")
    li.write(PUPILS, "边听边想。")
    expect(wang.page.get_by_text("李秀兰").first).to_be_attached()
    wang.sees(PUPILS, "边听边想。")
    li.sees(TEACHER, "出示雨声录音。")
    school.agree(OBJECTIVES, TEACHER, PUPILS)


def test_what_both_write_while_one_is_offline_stands_with_everybody_after_a_reload(school: School) -> None:
    wang, li = school.both()
    li.write(OBJECTIVES, "开头。")
    wang.sees(OBJECTIVES, "开头。")
    li.line.cut()
    expect(li.page.locator('.save-state[data-state="offline"]')).to_be_visible()
    li.write(OBJECTIVES, "李老师在山里写的话。")
    li.write(PUPILS, "离线时写的学生活动。")
    wang.write(OBJECTIVES, "王老师接着写。")
    wang.write(TEACHER, "线上写的教师活动。")
    expect(li.page.locator(".save-state")).to_have_text("离线，已存本机（2 处未同步）")
    li.line.mend()
    li.page.on("dialog", lambda dialog: dialog.accept())
    li.page.reload()
    li.ready()
    li.sees(OBJECTIVES, "李老师在山里写的话。")
    li.sees(TEACHER, "线上写的教师活动。")
    wang.sees(PUPILS, "离线时写的学生活动。")
    wang.sees(OBJECTIVES, "李老师在山里写的话。")
    li.sees(OBJECTIVES, "王老师接着写。")
    school.agree(OBJECTIVES, TEACHER, PUPILS)


def test_composing_chinese_beside_a_writing_colleague_loses_nothing_and_sends_nothing_half_typed(
    school: School,
) -> None:
    wang, li = school.both()
    wang.write(OBJECTIVES, "第一句。")
    li.sees(OBJECTIVES, "第一句。")
    wang.go_to(OBJECTIVES)
    keyboard = wang.page.context.new_cdp_session(wang.page)
    for pinyin in ("q", "qiu", "qiu t", "qiu tian"):
        keyboard.send(
            "Input.imeSetComposition", {"text": pinyin, "selectionStart": len(pinyin), "selectionEnd": len(pinyin)}
        )
        li.write(OBJECTIVES, "乙")
    li.sees(OBJECTIVES, "乙乙乙乙")
    assert "qiu" not in li.words_of(OBJECTIVES)
    keyboard.send("Input.insertText", {"text": "秋天"})
    wang.page.keyboard.type("来了")
    li.sees(OBJECTIVES, "秋天来了")
    wang.sees(OBJECTIVES, "乙乙乙乙")
    assert "qiu" not in wang.words_of(OBJECTIVES)
    school.agree(OBJECTIVES)


def test_a_right_taken_away_mid_sentence_closes_the_pen_and_keeps_the_words(school: School) -> None:
    wang, li = school.both()
    li.write(OBJECTIVES, "还能写。")
    li.is_saved()
    db.session.rollback()
    with writing():
        plan = db.session.get_one(Plan, school.plan.id)
        plan.visibility = Visibility.PERSONAL
        commit()
    notice = li.page.locator(".closed-pen")
    expect(notice).to_be_visible(timeout=5_000)
    expect(notice).to_contain_text("无权")
    li.text(OBJECTIVES).click()
    li.page.keyboard.type("不该出现")
    wang.write(OBJECTIVES, "王老师还在写。")
    wang.is_saved()
    assert "不该出现" not in school.office.markdown_of(school.plan)


def test_signing_out_everywhere_closes_the_pen_with_a_sentence(school: School) -> None:
    _, li = school.both()
    li.write(OBJECTIVES, "登录还有效。")
    li.is_saved()
    elsewhere = school.office.desk_of(school.li)
    elsewhere.page.goto(f"{elsewhere.line.address}/account")
    elsewhere.page.get_by_role("button", name="全部退出登录").click()
    elsewhere.page.get_by_role("button", name="全部退出", exact=True).click()
    expect(li.page.locator(".closed-pen")).to_contain_text("登录", timeout=5_000)


def test_the_server_killed_and_restarted_mid_sentence_loses_nothing(school: School) -> None:
    wang, li = school.both()
    wang.write(OBJECTIVES, "服务器断之前，")
    li.sees(OBJECTIVES, "服务器断之前，")
    wang.write(OBJECTIVES, "正写到一半")
    school.office.site.kill()
    wang.page.keyboard.type("，它停了也接着写。")
    li.write(PUPILS, "我也没有停笔。")
    school.office.site.start()
    li.sees(OBJECTIVES, "服务器断之前，正写到一半，它停了也接着写。")
    wang.sees(PUPILS, "我也没有停笔。")
    school.agree(OBJECTIVES, PUPILS)


def test_undo_takes_back_my_words_and_not_those_of_others(school: School) -> None:
    wang, li = school.both()
    wang.write(OBJECTIVES, "我的话。")
    li.sees(OBJECTIVES, "我的话。")
    li.write(OBJECTIVES, "你的话。")
    wang.sees(OBJECTIVES, "你的话。")
    wang.page.keyboard.press("Control+z")
    expect(wang.text(OBJECTIVES)).not_to_contain_text("我的话。")
    wang.sees(OBJECTIVES, "你的话。")
    school.agree(OBJECTIVES)


def test_steps_are_added_and_moved_by_keyboard_for_everybody(school: School) -> None:
    wang, li = school.both()
    expect(wang.page.locator("[data-step]")).to_have_count(2)
    first, second = wang.steps()
    handle = wang.page.locator(f'[data-step="{first}"] .step-handle')
    handle.focus()
    handle.press("Alt+ArrowDown")
    expect(li.page.locator("[data-step]").first).to_have_attribute("data-step", second)
    li.page.get_by_role("button", name="加一个环节").click()
    li.page.keyboard.type("练习巩固")
    expect(wang.page.locator("[data-step]")).to_have_count(3)
    expect(wang.page.get_by_role("textbox", name="环节名称").last).to_have_value("练习巩固")
    expect(wang.page.locator(".minutes-sum")).to_contain_text("5/40")
    assert wang.steps() == li.steps()


def test_a_school_whose_proxy_stops_websockets_writes_by_polling(school: School) -> None:
    wang = school.office.desk_of(school.wang)
    wang.page.add_init_script("window.WebSocket = class { constructor() { throw new Error('blocked'); } }")
    wang.open(school.plan.code)
    li = school.office.desk_of(school.li).open(school.plan.code)
    wang.write(OBJECTIVES, "没有 WebSocket 也能写。")
    li.sees(OBJECTIVES, "没有 WebSocket 也能写。")
    li.write(OBJECTIVES, "看得见。")
    wang.sees(OBJECTIVES, "看得见。")
    school.agree(OBJECTIVES)


def test_a_plan_deleted_while_people_write_ends_in_a_sentence(school: School) -> None:
    _, li = school.both()
    li.write(OBJECTIVES, "写着写着。")
    li.is_saved()
    school_plan = school.plan.code
    owner = school.office.desk_of(school.wang)
    owner.page.goto(f"{owner.line.address}/plans/{school_plan}")
    token = owner.page.locator("input[name=csrf_token]").first.input_value()
    answer = owner.page.request.post(
        f"{owner.line.address}/plans/{school_plan}/delete",
        form={"csrf_token": token},
        headers={"Referer": owner.page.url},
    )
    assert answer.ok
    expect(li.page.locator(".closed-pen")).to_contain_text("删除", timeout=5_000)
