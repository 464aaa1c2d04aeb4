"""网络和设备检测: what a browser has measured in a room, judged in plain words, and kept for whoever schedules there."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from flask_babel import gettext, ngettext
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from foundation.database import commit, db
from foundation.errors import Invalid, NotFound
from foundation.paging import nearest_page
from live.models import DeviceCheck, LiveSession, RoomRole
from live.room.events import Viewer
from schools.access import Standing, arranged_campuses, campuses_of_my_groups, standing_of
from schools.models import Campus, Person, Room

OLDEST_CHROMIUM: Final = 86
CLOCK_MS: Final = 60_000
"""So far a clock may be off before we speak of it; lessons themselves go by the server's."""
SMALLEST: Final = (1280, 720)
MOST_NUMBER: Final = 10_000_000

RELAYS: Final = frozenset({"ok", "failed", "unset", "unknown"})
DEVICES: Final = frozenset({"ok", "silent", "missing", "refused", "busy", "insecure", "failed", "unknown"})
WORKING: Final = ("ok", "unknown")
"""Words of DEVICES of what sends, or was not tried."""
SPEAKERS: Final = frozenset({"heard", "unheard", "unknown"})


@dataclass(frozen=True)
class Measured:
    """What a browser measured. Times are milliseconds, speeds Mbit/s; None: could not be measured.

    `camera` and `microphone` are words of DEVICES, `chromium` its major version, 0 for another browser.
    """

    socket: bool
    rtt: float | None
    jitter: float | None
    down: float | None
    up: float | None
    relay: str
    camera: str
    cameras: int
    microphone: str
    speaker: str
    clock: float | None
    browser: str
    chromium: int
    width: int
    height: int

    @classmethod
    def read(cls, sent: object) -> "Measured":
        """From what a browser sent. Raises Invalid."""
        if not isinstance(sent, Mapping):
            raise Invalid(gettext("没有收到检测结果，请重新检测。"))
        return cls(
            socket=sent.get("socket") is True,
            rtt=_number(sent.get("rtt")),
            jitter=_number(sent.get("jitter")),
            down=_number(sent.get("down")),
            up=_number(sent.get("up")),
            relay=_word(sent.get("relay"), RELAYS),
            camera=_word(sent.get("camera"), DEVICES),
            cameras=int(_number(sent.get("cameras")) or 0),
            microphone=_word(sent.get("microphone"), DEVICES),
            speaker=_word(sent.get("speaker"), SPEAKERS),
            clock=_number(sent.get("clock"), signed=True),
            browser=str(sent.get("browser") or "")[:40],
            chromium=int(_number(sent.get("chromium")) or 0),
            width=int(_number(sent.get("width")) or 0),
            height=int(_number(sent.get("height")) or 0),
        )


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `grade` is good, fair, bad or unknown; `advice` is empty when nothing need be done."""

    key: str
    name: str
    grade: str
    sentence: str
    advice: str = ""


@dataclass(frozen=True)
class CheckPage:
    """Some of the checks of a room, the newest first."""

    checks: Sequence[tuple[DeviceCheck, str]]
    page: int
    pages: int


def level_of(measured: Measured) -> int:
    """How a lesson can be held here: 4 pictures both ways, 3 the main picture, 2 voice and slides, 1 slides, 0 not at all."""
    level = _reach(measured)
    if measured.microphone not in WORKING:
        level = min(level, 2)
    if measured.camera not in WORKING:
        level = min(level, 3)
    return level


def _reach(measured: Measured) -> int:
    """The same of line and browser alone: what of the other classrooms is seen and heard here."""
    if not measured.socket:
        return 0
    return min(_line_level(measured), 1) if 0 < measured.chromium < OLDEST_CHROMIUM else _line_level(measured)


def _line_level(measured: Measured) -> int:
    down, up = measured.down or 0.0, measured.up or 0.0
    rtt = math.inf if measured.rtt is None else measured.rtt
    jitter = measured.jitter or 0.0
    if down >= 3 and up >= 2 and rtt <= 200 and jitter <= 50:
        return 4
    if down >= 1.2 and up >= 0.4 and rtt <= 350 and jitter <= 120:
        return 3
    if down >= 0.2 and up >= 0.1 and rtt <= 800:
        return 2
    return 1


def verdict(measured: Measured) -> str:
    """How a lesson can be held here, in words: what line and browser carry, and which device does not send."""
    level = _reach(measured)
    words = _level_words(level)
    unheard, unseen = level >= 2 and measured.microphone not in WORKING, level >= 3 and measured.camera not in WORKING
    if unheard and unseen:
        return gettext("%(words)s，但麦克风和摄像头用不了，别的教室听不到也看不到这里", words=words)
    if unheard and measured.microphone == "silent":
        return gettext("%(words)s，但麦克风没有声音，别的教室听不到这里", words=words)
    if unheard:
        return gettext("%(words)s，但麦克风用不了，别的教室听不到这里", words=words)
    if unseen:
        return gettext("%(words)s，但摄像头用不了，别的教室看不到这里", words=words)
    return words


def _level_words(level: int) -> str:
    return {
        4: gettext("可以双向视频"),
        3: gettext("可以看主画面"),
        2: gettext("可以语音加课件"),
        1: gettext("只能看课件和文字"),
    }.get(level, gettext("现在不能上课"))


def findings(measured: Measured) -> list[Finding]:
    """All that was looked at, each with a plain sentence and what to do."""
    return [
        _socket(measured),
        _delay(measured),
        _speed(measured),
        _relay(measured),
        _camera(measured),
        _microphone(measured),
        _speaker(measured),
        _clock(measured),
        _browser(measured),
        _screen(measured),
    ]


def _socket(measured: Measured) -> Finding:
    name = gettext("实时连接")
    if measured.socket:
        return Finding("socket", name, "good", gettext("与同课的实时连接正常，翻页和举手会马上到。"))
    return Finding(
        "socket",
        name,
        "bad",
        gettext("连不上实时连接，课堂画面不会跟着走。"),
        gettext("请网管在防火墙或上网行为管理里放行本网站的 WebSocket。"),
    )


def _delay(measured: Measured) -> Finding:
    name = gettext("延迟")
    if measured.rtt is None:
        return Finding("delay", name, "unknown", gettext("没有量到延迟。"), gettext("请检查网络后重新检测。"))
    facts = {"rtt": round(measured.rtt), "jitter": round(measured.jitter or 0)}
    if measured.rtt <= 200 and (measured.jitter or 0) <= 50:
        return Finding("delay", name, "good", gettext("往返 %(rtt)d 毫秒，抖动 %(jitter)d 毫秒，对话跟得上。", **facts))
    grade = "fair" if measured.rtt <= 800 else "bad"
    return Finding(
        "delay",
        name,
        grade,
        gettext("往返 %(rtt)d 毫秒，抖动 %(jitter)d 毫秒，说话会慢半拍。", **facts),
        gettext("改用网线，关掉正在下载的程序，再测一次。"),
    )


def _speed(measured: Measured) -> Finding:
    name = gettext("网速")
    if measured.down is None or measured.up is None:
        return Finding("speed", name, "unknown", gettext("没有量到网速。"), gettext("请检查网络后重新检测。"))
    facts = {"down": f"{measured.down:.1f}", "up": f"{measured.up:.1f}"}
    level = _line_level(measured)
    if measured.down >= 3 and measured.up >= 2:
        return Finding("speed", name, "good", gettext("下行 %(down)s、上行 %(up)s 兆，够双向视频。", **facts))
    if level >= 3:
        return Finding(
            "speed",
            name,
            "fair",
            gettext("下行 %(down)s、上行 %(up)s 兆，只够看主讲教室的画面。", **facts),
            gettext("上课前关掉别的视频和下载；需要双向视频时请网管加带宽。"),
        )
    return Finding(
        "speed",
        name,
        "bad",
        gettext("下行 %(down)s、上行 %(up)s 兆，不够传画面；课件会先下载好，上课不受影响。", **facts),
        gettext("提前 10 分钟打开课堂，等课前包下载完。"),
    )


def _relay(measured: Measured) -> Finding:
    name = gettext("视频通路")
    if measured.relay == "ok":
        return Finding("relay", name, "good", gettext("中继可用，跨网也能传音视频。"))
    if measured.relay == "failed":
        return Finding(
            "relay",
            name,
            "bad",
            gettext("连不上音视频中继，跨网的画面可能出不来。"),
            gettext("请网管放行中继服务器的端口；放行前可以语音加课件上课。"),
        )
    if measured.relay == "unset":
        return Finding("relay", name, "unknown", gettext("没有设置中继。同一个网里能直接通，跨网要上课时才知道。"))
    return Finding("relay", name, "unknown", gettext("没有测视频通路。"))


def _camera(measured: Measured) -> Finding:
    name = gettext("摄像头")
    if measured.camera == "ok":
        sentence = ngettext("有 %(num)d 个摄像头，画面正常。", "有 %(num)d 个摄像头，画面正常。", measured.cameras)
        return Finding("camera", name, "good", sentence)
    sentence, advice = _device_trouble(measured.camera, gettext("摄像头"))
    return Finding("camera", name, "unknown" if measured.camera == "unknown" else "fair", sentence, advice)


def _microphone(measured: Measured) -> Finding:
    name = gettext("麦克风")
    if measured.microphone == "ok":
        return Finding("microphone", name, "good", gettext("麦克风有声音。"))
    if measured.microphone == "silent":
        return Finding(
            "microphone",
            name,
            "fair",
            gettext("麦克风开着，但没有听到声音。"),
            gettext("对着它说句话；还是没有时，看看麦克风开关和系统里选的是哪一个。"),
        )
    sentence, advice = _device_trouble(measured.microphone, gettext("麦克风"))
    return Finding("microphone", name, "unknown" if measured.microphone == "unknown" else "bad", sentence, advice)


def _device_trouble(word: str, device: str) -> tuple[str, str]:
    return {
        "missing": (gettext("没有找到%(device)s。", device=device), gettext("插好以后再测一次。")),
        "refused": (
            gettext("浏览器不让用%(device)s。", device=device),
            gettext("点地址栏左边的图标，改为“允许”，再测一次。"),
        ),
        "busy": (gettext("%(device)s正被别的程序占用。", device=device), gettext("关掉别的会议或录像软件，再测一次。")),
        "insecure": (
            gettext("网址不是 https，浏览器不给用%(device)s。", device=device),
            gettext("请管理员给同课配上 https；课件和文字不受影响。"),
        ),
        "unknown": (gettext("没有测%(device)s。", device=device), ""),
    }.get(word, (gettext("%(device)s打不开。", device=device), gettext("拔下来重插，或者重启电脑，再测一次。")))


def _speaker(measured: Measured) -> Finding:
    name = gettext("扬声器")
    if measured.speaker == "heard":
        return Finding("speaker", name, "good", gettext("听得到声音。"))
    if measured.speaker == "unheard":
        return Finding(
            "speaker",
            name,
            "bad",
            gettext("听不到声音。"),
            gettext("看看音箱电源和音量，以及系统里选的输出设备。"),
        )
    return Finding("speaker", name, "unknown", gettext("还没有试过声音。"))


def _clock(measured: Measured) -> Finding:
    name = gettext("电脑时间")
    if measured.clock is None:
        return Finding("clock", name, "unknown", gettext("没有比对时间。"))
    if abs(measured.clock) < CLOCK_MS:
        return Finding("clock", name, "good", gettext("与服务器一致。"))
    minutes = round(abs(measured.clock) / 60_000)
    sentence = (
        ngettext("这台电脑快了 %(num)d 分钟。", "这台电脑快了 %(num)d 分钟。", minutes)
        if measured.clock > 0
        else ngettext("这台电脑慢了 %(num)d 分钟。", "这台电脑慢了 %(num)d 分钟。", minutes)
    )
    return Finding("clock", name, "fair", sentence, gettext("上课按服务器的时间走，不受影响；有空时请校准。"))


def _browser(measured: Measured) -> Finding:
    name = gettext("浏览器")
    if measured.chromium >= OLDEST_CHROMIUM:
        return Finding("browser", name, "good", gettext("%(browser)s 可以上课。", browser=measured.browser))
    if measured.chromium:
        return Finding(
            "browser",
            name,
            "bad",
            gettext("%(browser)s 太旧，音视频用不了。", browser=measured.browser),
            gettext("请换用 Chromium %(least)d 以上的浏览器（新版 Edge、Chrome、360 极速）。", least=OLDEST_CHROMIUM),
        )
    return Finding(
        "browser",
        name,
        "fair",
        gettext("%(browser)s 没有专门试过。", browser=measured.browser or gettext("这个浏览器")),
        gettext("教室电脑上建议用新版 Edge 或 Chrome。"),
    )


def _screen(measured: Measured) -> Finding:
    name = gettext("屏幕")
    facts = {"width": measured.width, "height": measured.height}
    long, short = max(measured.width, measured.height), min(measured.width, measured.height)
    if long >= SMALLEST[0] and short >= SMALLEST[1]:
        return Finding("screen", name, "good", gettext("%(width)d×%(height)d，后排看得清。", **facts))
    return Finding(
        "screen",
        name,
        "fair",
        gettext("%(width)d×%(height)d，用作教室大屏会偏小。", **facts),
        gettext("当教室大屏用时，把分辨率调到 1280×720 以上。"),
    )


def rooms_to_check(standing: Standing) -> Sequence[tuple[Room, Campus]]:
    """The rooms for which somebody may keep a result: those of their own campuses and of those that they arrange."""
    mine = or_(Campus.id.in_(standing.campus_ids), Campus.id.in_(arranged_campuses(standing)))
    rows = db.session.execute(
        select(Room, Campus).join(Campus, Campus.id == Room.campus_id).where(mine).order_by(Campus.name, Room.name)
    )
    return [(room, campus) for room, campus in rows]


def keep_check(by: Person, room_id: int, measured: Measured) -> DeviceCheck:
    """Keep a result for a room. Raises NotFound for a room that is not theirs to check."""
    if room_id not in {room.id for room, _ in rooms_to_check(standing_of(by))}:
        raise NotFound
    check = DeviceCheck(room_id=room_id, by_id=by.id, level=level_of(measured), result=asdict(measured))
    db.session.add(check)
    commit()
    return check


def keep_check_of_classroom(session: LiveSession, viewer: Viewer, measured: Measured) -> DeviceCheck | None:
    """Keep what the screen of a classroom, or its teacher, has measured for the room it sits in; None where there is no such room."""
    sits = viewer.is_screen or viewer.role in (RoomRole.LEAD, RoomRole.HELPER)
    classroom = next((each for each in session.classrooms if each.id == viewer.classroom), None)
    if not sits or classroom is None or classroom.room_id is None:
        return None
    check = DeviceCheck(
        room_id=classroom.room_id, by_id=viewer.person, level=level_of(measured), result=asdict(measured)
    )
    db.session.add(check)
    commit()
    return check


def latest_checks(room_ids: Collection[int]) -> dict[int, DeviceCheck]:
    """The newest check of each of the rooms that has one, in one query."""
    numbered = (
        select(
            DeviceCheck,
            func.row_number().over(partition_by=DeviceCheck.room_id, order_by=DeviceCheck.id.desc()).label("age"),
        )
        .where(DeviceCheck.room_id.in_(room_ids))
        .subquery()
    )
    newest = aliased(DeviceCheck, numbered)
    session: Session = db.session()
    return {check.room_id: check for check in session.scalars(select(newest).where(numbered.c.age == 1))}


def room_with_checks(standing: Standing, room_id: int) -> tuple[Room, Campus]:
    """A room whose checks somebody may read: one of their groups' campuses. Raises NotFound."""
    found = db.session.execute(
        select(Room, Campus)
        .join(Campus, Campus.id == Room.campus_id)
        .where(Room.id == room_id, Campus.id.in_(campuses_of_my_groups(standing)))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def checks_of(room_id: int, page: int, page_size: int) -> CheckPage:
    """The checks of a room with the names of those who made them, paged."""
    count = db.session.scalar(select(func.count()).where(DeviceCheck.room_id == room_id)) or 0
    page, pages = nearest_page(page, count, page_size)
    rows = db.session.execute(
        select(DeviceCheck, Person.name)
        .outerjoin(Person, Person.id == DeviceCheck.by_id)
        .where(DeviceCheck.room_id == room_id)
        .order_by(DeviceCheck.id.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return CheckPage([(check, name or "") for check, name in rows], page, pages)


def measured_of(check: DeviceCheck) -> Measured:
    """What was measured in a check that is kept; fields of another version are left out."""
    return Measured.read(check.result)


def _number(sent: object, *, signed: bool = False) -> float | None:
    if isinstance(sent, bool) or not isinstance(sent, int | float) or not math.isfinite(sent):
        return None
    least = -MOST_NUMBER * 1000 if signed else 0
    return float(sent) if least <= sent <= MOST_NUMBER * 1000 else None


def _word(sent: object, known: frozenset[str]) -> str:
    return sent if isinstance(sent, str) and sent in known else "unknown"
