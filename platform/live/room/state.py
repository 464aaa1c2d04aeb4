"""What the events of a live lesson amount to. The same as `static/src/live/state.ts`, kind by kind: a test folds the same lists with both.

Nothing is changed in place. What a screen is given is the state folded from the events that it may see, and from no others.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

State = dict[str, Any]
Room = dict[str, Any]

MESSAGES: Final = 200

NO_CLASSROOM: Final[Room] = {
    "screens": 0,
    "present_since": None,
    "last_left": None,
    "minutes_ms": 0,
    "hand": None,
    "air": False,
    "air_since": None,
    "muted": False,
    "cameras": {"teacher": True, "pupils": True},
    "net": None,
    "mode": 1,
    "why": "",
    "ready": None,
    "takeover": None,
    "local_step": None,
    "trouble": None,
    "last_spoke": None,
    "called": 0,
    "air_ms": 0,
}


class Event(NamedTuple):
    """One line of what happened, as it goes to screens; `at` is in milliseconds since 1970."""

    seq: int
    at: int
    kind: str
    by: int | None
    classroom: int | None
    data: dict[str, Any]


def beginning(classrooms: Iterable[int], *, fair: bool) -> State:
    """The state before the first event; `fair` says whether it is counted who spoke, for the lead."""
    return {
        "seq": 0,
        "fair": fair,
        "phase": "waiting",
        "opened": None,
        "began": None,
        "ended": None,
        "step": None,
        "step_began": None,
        "spent": {},
        "page": None,
        "clip": None,
        "layout": "teach",
        "board": False,
        "strokes": {},
        "timer": None,
        "classrooms": {str(each): NO_CLASSROOM for each in classrooms},
        "people": {},
        "check": None,
        "checks": [],
        "chat": {"paused": False, "messages": []},
        "roll": {},
        "hands": {},
        "media": {"kind": "none", "why": ""},
        "recording": {"state": "off", "since": None, "why": "", "screen": ""},
    }


def apply(state: State, event: Event) -> State:
    """The state after `event`. Kinds that are not known change nothing but `seq`."""
    fold = FOLDS.get(event.kind)
    after = fold(state, event) if fold else state
    return {**after, "seq": event.seq}


def fold_all(state: State, events: Iterable[Event]) -> State:
    """The state after all of `events`."""
    for event in events:
        state = apply(state, event)
    return state


def _room(state: State, number: int | None) -> Room:
    room: Room = state["classrooms"].get(str(number), NO_CLASSROOM)
    return room


def _with_room(state: State, number: int | None, **change: Any) -> State:
    if number is None:
        return state
    rooms = state["classrooms"]
    return {**state, "classrooms": {**rooms, str(number): {**_room(state, number), **change}}}


def _every_room(state: State, change: Callable[[Room], Room]) -> State:
    return {**state, "classrooms": {number: change(each) for number, each in state["classrooms"].items()}}


def _minutes(state: State, room: Room, until: int) -> int:
    """Milliseconds that a classroom was there in the lesson, from its coming until `until`."""
    counted: int = room["minutes_ms"]
    if state["phase"] != "running" or state["began"] is None or room["present_since"] is None:
        return counted
    return counted + int(max(0, until - max(room["present_since"], state["began"])))


def _step_closed(state: State, at: int) -> dict[str, int]:
    spent: dict[str, int] = state["spent"]
    step = state["step"]
    if state["phase"] != "running" or step is None or state["step_began"] is None:
        return spent
    return {**spent, step: spent.get(step, 0) + max(0, at - state["step_began"])}


def _off_air(state: State, room: Room, at: int) -> Room:
    if room["air_since"] is None:
        return room
    counted = {"air_ms": room["air_ms"] + max(0, at - room["air_since"]), "last_spoke": at} if state["fair"] else {}
    return {**room, "air": False, "air_since": None, **counted}


def stands_for_classroom(present: dict[str, Any]) -> bool:
    """Whether somebody's screen counts as the classroom itself: its own screen, or that of the lead who teaches in it."""
    return present["classroom"] is not None and present["pupil"] is None and present["role"] in ("pupil", "lead")


def _screen_gone(state: State, present: dict[str, Any] | None, until: int) -> State:
    if present is None or not stands_for_classroom(present):
        return state
    room = _room(state, present["classroom"])
    # A screen that was lost is said to have left later than one that was lost after it and shown out.
    last_left = until if room["last_left"] is None else max(until, room["last_left"])
    if room["screens"] > 1:
        return _with_room(state, present["classroom"], screens=room["screens"] - 1, last_left=last_left)
    minutes = _minutes(state, room, last_left)
    return _with_room(state, present["classroom"], screens=0, present_since=None, last_left=None, minutes_ms=minutes)


def _screen_here(state: State, present: dict[str, Any], at: int) -> State:
    if not stands_for_classroom(present):
        return state
    room = _room(state, present["classroom"])
    since = at if room["present_since"] is None else room["present_since"]
    return _with_room(state, present["classroom"], screens=room["screens"] + 1, present_since=since)


def _without(all_of_them: dict[str, Any], key: str) -> dict[str, Any]:
    return {each: value for each, value in all_of_them.items() if each != key}


def _strokes_with(state: State, step: str, change: Callable[[list[Any]], list[Any]]) -> State:
    strokes = state["strokes"]
    return {**state, "strokes": {**strokes, step: change(strokes.get(step, []))}}


def _open(state: State, event: Event) -> State:
    return {**state, "phase": "open", "opened": event.at} if state["phase"] == "waiting" else state


def _begin(state: State, event: Event) -> State:
    began = event.at if state["began"] is None else state["began"]
    step_began = None if state["step"] is None else event.at
    return {**state, "phase": "running", "began": began, "step_began": step_began}


def _end(state: State, event: Event) -> State:
    def closed(room: Room) -> Room:
        return {**_off_air(state, room, event.at), "minutes_ms": _minutes(state, room, event.at)}

    clip = None if state["clip"] is None else {**state["clip"], "playing": False}
    return {
        **_every_room(state, closed),
        "phase": "ended",
        "ended": event.at,
        "spent": _step_closed(state, event.at),
        "step_began": None,
        "timer": None,
        "clip": clip,
    }


def _reopen(state: State, event: Event) -> State:
    def present(room: Room) -> Room:
        return room if room["present_since"] is None else {**room, "present_since": event.at}

    step_began = None if state["step"] is None else event.at
    began = event.at if state["began"] is None else state["began"]
    again = {"phase": "running", "began": began, "ended": None, "step_began": step_began}
    return {**_every_room(state, present), **again}


def _step(state: State, event: Event) -> State:
    return {
        **state,
        "spent": _step_closed(state, event.at),
        "step": event.data["step"],
        "step_began": event.at,
        "page": event.data.get("page"),
        "clip": None,
        "board": False,
        "timer": None,
    }


def _page(state: State, event: Event) -> State:
    data = event.data
    page = None if data["resource"] is None else {name: data[name] for name in ("resource", "version", "number")}
    return {**state, "clip": None, "page": page}


def _clip(state: State, event: Event) -> State:
    data = event.data
    if data["resource"] is None:
        return {**state, "clip": None}
    clip = {name: data[name] for name in ("resource", "version", "playing", "at")}
    return {**state, "clip": {**clip, "since": event.at}}


def _stroke(state: State, event: Event) -> State:
    stroke = event.data["stroke"]
    return _strokes_with(
        state, event.data["step"], lambda drawn: [*(each for each in drawn if each["id"] != stroke["id"]), stroke]
    )


def _unstroke(state: State, event: Event) -> State:
    data = event.data
    return _strokes_with(state, data["step"], lambda drawn: [each for each in drawn if each["id"] != data["id"]])


def _wipe(state: State, event: Event) -> State:
    data = event.data
    return _strokes_with(state, data["step"], lambda drawn: [each for each in drawn if each["on"] != data["on"]])


def _timer(state: State, event: Event) -> State:
    seconds = event.data["seconds"]
    return {**state, "timer": {"ends": event.at + seconds * 1000, "seconds": seconds} if seconds > 0 else None}


def _enter(state: State, event: Event) -> State:
    data = event.data
    before = state["people"].get(data["screen"])
    present = {
        "person": event.by,
        "pupil": data.get("pupil"),
        "name": data["name"],
        "role": data["role"],
        "classroom": event.classroom,
    }
    there = _screen_gone(_screen_here(state, present, event.at), before, event.at)
    return {**there, "people": {**state["people"], data["screen"]: present}}


def _leave(state: State, event: Event) -> State:
    people = state["people"]
    gone = _screen_gone(state, people.get(event.data["screen"]), event.data.get("until", event.at))
    return {**gone, "people": _without(people, event.data["screen"])}


def _ready(state: State, event: Event) -> State:
    return _with_room(state, event.classroom, ready={"done": event.data["done"], "total": event.data["total"]})


def _hand(state: State, event: Event) -> State:
    if event.data["up"]:
        since = _room(state, event.classroom)["hand"]
        return _with_room(state, event.classroom, hand=event.at if since is None else since)
    lowered = _with_room(state, event.classroom, hand=None)
    return {**lowered, "hands": _without(state["hands"], str(event.classroom))}


def _hand_of(state: State, event: Event) -> State:
    data = event.data
    hands = [each for each in state["hands"].get(str(event.classroom), []) if each["pupil"] != data["pupil"]]
    if data["up"]:
        hands.append({"pupil": data["pupil"], "name": data["name"], "at": event.at})
    return {**state, "hands": {**state["hands"], str(event.classroom): hands}}


def _air(state: State, event: Event) -> State:
    number = event.data["classroom"]
    if number is not None and _room(state, number)["air"]:
        return state
    silent = _every_room(state, lambda room: _off_air(state, room, event.at))
    if number is None:
        return silent
    counted = {"called": _room(silent, number)["called"] + 1, "last_spoke": event.at} if state["fair"] else {}
    called = _with_room(silent, number, air=True, air_since=event.at, hand=None, **counted)
    return {**called, "hands": _without(called["hands"], str(number))}


def _mute(state: State, event: Event) -> State:
    return _with_room(state, event.data["classroom"], muted=event.data["muted"])


def _camera(state: State, event: Event) -> State:
    data = event.data
    cameras = _room(state, data["classroom"])["cameras"]
    return _with_room(state, data["classroom"], cameras={**cameras, data["which"]: data["on"]})


def _check(state: State, event: Event) -> State:
    asked = {name: event.data[name] for name in ("id", "kind", "question", "options")}
    check = {**asked, "at": event.at, "step": state["step"], "counts": {}, "shown": False, "closed": None}
    return {**_closed(state, event.at), "check": check}


def _closed(state: State, at: int) -> State:
    if state["check"] is None:
        return state
    return {**state, "check": None, "checks": [*state["checks"], {**state["check"], "closed": at}]}


def _count(state: State, event: Event) -> State:
    check, data = state["check"], event.data
    if check is None or check["id"] != data["id"]:
        return state
    return {**state, "check": {**check, "counts": {**check["counts"], str(data["classroom"]): data["counts"]}}}


def _check_shown(state: State, event: Event) -> State:
    check = state["check"]
    if check is None or check["id"] != event.data["id"]:
        return state
    return {**state, "check": {**check, "shown": event.data["shown"]}}


def _check_closed(state: State, event: Event) -> State:
    check = state["check"]
    return state if check is None or check["id"] != event.data["id"] else _closed(state, event.at)


def _chat(state: State, event: Event) -> State:
    said = {name: event.data[name] for name in ("id", "text", "to", "name")}
    message = {**said, "by": event.by, "classroom": event.classroom, "at": event.at}
    return {**state, "chat": {**state["chat"], "messages": [*state["chat"]["messages"], message][-MESSAGES:]}}


def _chat_paused(state: State, event: Event) -> State:
    return {**state, "chat": {**state["chat"], "paused": event.data["paused"]}}


def _chat_removed(state: State, event: Event) -> State:
    left = [each for each in state["chat"]["messages"] if each["id"] != event.data["id"]]
    return {**state, "chat": {**state["chat"], "messages": left}}


def _roll(state: State, event: Event) -> State:
    roll, number = state["roll"], str(event.classroom)
    marks = {**roll.get(number, {}), str(event.data["pupil"]): event.data["mark"]}
    return {**state, "roll": {**roll, number: marks}}


def _net(state: State, event: Event) -> State:
    data = event.data
    return _with_room(state, event.classroom, net=data["level"], mode=data["mode"], why=data["why"])


def _takeover(state: State, event: Event) -> State:
    if not event.data["on"]:
        return _with_room(state, event.classroom, takeover=None, local_step=None)
    return _with_room(state, event.classroom, takeover=event.at, local_step=state["step"])


def _local_step(state: State, event: Event) -> State:
    return _with_room(state, event.classroom, local_step=event.data["step"])


def _trouble(state: State, event: Event) -> State:
    text = event.data["text"]
    return _with_room(state, event.classroom, trouble={"text": text, "at": event.at} if text else None)


def _media(state: State, event: Event) -> State:
    return {**state, "media": {"kind": event.data["kind"], "why": event.data["why"]}}


def _recording(state: State, event: Event) -> State:
    said, screen = event.data, event.data.get("screen", "")
    return {**state, "recording": {"state": said["state"], "since": event.at, "why": said["why"], "screen": screen}}


FOLDS: Final[dict[str, Callable[[State, Event], State]]] = {
    "open": _open,
    "begin": _begin,
    "end": _end,
    "reopen": _reopen,
    "step": _step,
    "page": _page,
    "clip": _clip,
    "layout": lambda state, event: {**state, "layout": event.data["layout"]},
    "board": lambda state, event: {**state, "board": event.data["open"]},
    "stroke": _stroke,
    "unstroke": _unstroke,
    "wipe": _wipe,
    "timer": _timer,
    "enter": _enter,
    "leave": _leave,
    "ready": _ready,
    "hand": _hand,
    "hand_of": _hand_of,
    "air": _air,
    "mute": _mute,
    "camera": _camera,
    "check": _check,
    "count": _count,
    "check_shown": _check_shown,
    "check_closed": _check_closed,
    "chat": _chat,
    "chat_paused": _chat_paused,
    "chat_removed": _chat_removed,
    "roll": _roll,
    "net": _net,
    "takeover": _takeover,
    "local_step": _local_step,
    "trouble": _trouble,
    "media": _media,
    "recording": _recording,
}
