"""An open room: what has happened in it, who is there, and what each kind of viewer sees. Knows no socket and no database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from foundation.realtime import Connection
from live.models import RoomRole
from live.room import state as folding
from live.room.events import ALL, Draft, Facts, Viewer, shown, visible
from live.room.ladder import Ladder, passed, reported
from live.room.state import Event, State
from live.room.store import Kept, Line, line_of

GRACE_MS: Final = 5_000
"""A screen that comes back within it was never away."""

SILENT_MS: Final = 10_000
"""A screen that has not answered a beat for so long has lost its line, even if the line does not know."""

RETURN_MS: Final = 20_000
"""How long after the server's start screens may come back to a room as if nothing had been: a lesson goes on without it."""

CATCH_UP: Final = 2_000
"""Who has missed more events than that is given the state anew."""

DOINGS_A_SECOND, DOINGS_AT_ONCE = 20, 80
WAVES_A_SECOND, WAVES_AT_ONCE = 40, 80

QUIET_KINDS: Final = frozenset({"enter", "leave", "net", "ready"})
"""Kinds of which screens hear a moment later, many at a time."""


@dataclass(frozen=True)
class Proof:
    """What lets a browser in, to be looked at again and again: the sign-in of a person or pupil, the token of a classroom's screen.

    `number` is that of the person (whose sign-in is `sign_in`), of the pupil's sign-in or of the screen.
    """

    kind: Literal["person", "pupil", "screen"]
    number: int
    sign_in: int = 0


@dataclass(frozen=True)
class LastBeat:
    """When the server was last alive in a room, and when those had been there last who were away just then.

    `awaited`: those of them for whom the time after the start before it had not run out.
    """

    at: int = 0
    away: Mapping[str, int] = field(default_factory=dict)
    awaited: Collection[str] = ()


@dataclass
class Allowance:
    """How often a screen may ask for something: `a_second` lastingly, `at_once` after a pause."""

    a_second: int
    at_once: int
    left: float = field(init=False)
    at: int = 0

    def __post_init__(self) -> None:
        self.left = self.at_once

    def take(self, at: int) -> bool:
        """Whether it has not been asked too often lately; counts one more."""
        self.left = min(self.at_once, self.left + (at - self.at) / 1000 * self.a_second)
        self.at = at
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(eq=False)
class Member:
    """One screen in a room; `heard` is when it last spoke."""

    connection: Connection
    screen: str
    viewer: Viewer
    proof: Proof
    heard: int
    doings: Allowance = field(default_factory=lambda: Allowance(DOINGS_A_SECOND, DOINGS_AT_ONCE))
    waves: Allowance = field(default_factory=lambda: Allowance(WAVES_A_SECOND, WAVES_AT_ONCE))


@dataclass
class _Seen:
    """What one kind of viewer has been folded so far."""

    state: State
    upto: int = 0


@dataclass(eq=False)
class Room:
    """The room of one session. Events are `taken` at once, and `told` once they are committed."""

    facts: Facts
    state: State = field(init=False)
    members: dict[str, Member] = field(default_factory=dict)
    screens: dict[str, Member] = field(default_factory=dict)
    absent: dict[str, int] = field(default_factory=dict)
    """When those were last there who may still come back, by screen."""
    ladders: dict[int, Ladder] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    told: int = 0
    sent: int = 0
    anew: int = -1
    """Whoever knows no more than this number is given the state, for it is another than before."""
    empty_since: int = 0
    back_until: int = 0
    returning: set[str] = field(default_factory=set)
    """Of the absent, those who were there, or still awaited, when the server last ended: for them `back_until` counts."""
    heard: frozenset[str] = frozenset()
    """The endpoints that are heard, as was last said to what carries the sound."""
    log: list[tuple[Event, str]] = field(default_factory=list)
    last_at: int = 0
    _seen: dict[Viewer, _Seen] = field(default_factory=dict)
    _persons: set[int] = field(default_factory=set)
    """People for whom alone something was said."""

    def __post_init__(self) -> None:
        self.state = folding.beginning(self.facts.classrooms, fair=True)

    # --- what happens

    def load(self, kept: Iterable[Kept], beat: LastBeat, now: int, server_since: int) -> None:
        """Fill a new room with its log. Who was there may come back for a while from the server's start on."""
        for each in kept:
            event = each.event
            if event.kind == "hand_of":
                names = self.facts.pupils.get(event.classroom or 0, {})
                event = event._replace(data={**event.data, "name": names.get(event.data["pupil"], "")})
            self._add(event, each.audience, each.key)
        self.told = self.sent = len(self.log)
        alive = max(self.last_at, min(beat.at, now))
        self.absent = {screen: min(alive, beat.away.get(screen, alive)) for screen in self.state["people"]}
        lately = {screen for screen, last in self.absent.items() if alive - last <= GRACE_MS}
        self.returning = lately | (self.absent.keys() & set(beat.awaited))
        self.back_until = server_since + RETURN_MS
        self.empty_since = now

    def take(self, drafts: Sequence[Draft], at: int, key: str | None = None) -> list[Line]:
        """Let these happen now; the lines that are to be kept of them."""
        lines = []
        for draft in drafts:
            line = line_of(self.facts.session_id, len(self.log) + 1, max(at, self.last_at), draft, key)
            self._add(line.event, line.audience, key)
            lines.append(line)
        return lines

    def _add(self, event: Event, audience: str, key: str | None) -> None:
        self.log.append((event, audience))
        self.state = folding.apply(self.state, event)
        self.last_at = event.at
        if key:
            self.keys[key] = event.seq
        if audience.startswith("person:"):
            self._persons.add(int(audience.removeprefix("person:")))

    def change_facts(self, facts: Facts) -> bool:
        """The schedule is another. True when the classrooms are, so that everybody needs the state anew."""
        others = tuple(facts.classrooms) != tuple(self.facts.classrooms)
        self.facts = facts
        if others:
            self.state = folding.fold_all(
                folding.beginning(facts.classrooms, fair=True), (event for event, _ in self.log)
            )
            self._seen.clear()
            self.anew = len(self.log)
        return others

    # --- what is seen

    def view(self, viewer: Viewer) -> State:
        """The state as a viewer sees it, up to what has been told."""
        key = self._kind_of(viewer)
        seen = self._seen.get(key)
        if seen is None:
            seen = _Seen(folding.beginning(self.facts.classrooms, fair=viewer.role is RoomRole.LEAD))
            self._seen[key] = seen
        for event, audience in self.log[seen.upto : self.told]:
            if visible(audience, key):
                seen.state = folding.apply(seen.state, shown(event, key))
        seen.upto = self.told
        return {**seen.state, "seq": self.told}

    def missed(self, viewer: Viewer, seq: int) -> list[Event] | None:
        """What a viewer has missed since it knew `seq`; None when it needs the state."""
        if not self.anew < seq <= self.told or self.told - seq > CATCH_UP:
            return None
        return [shown(event, viewer) for event, audience in self.log[seq : self.told] if visible(audience, viewer)]

    def unsent(self) -> list[tuple[list[Connection], list[Event]]]:
        """What has been told since this was asked last, for each group of members that sees the same."""
        news = self.log[self.sent : self.told]
        self.sent = self.told
        if not news or not self.members:
            return []
        if all(audience == ALL for _, audience in news):
            return [([member.connection for member in self.members.values()], [event for event, _ in news])]
        groups: dict[Viewer, list[Connection]] = {}
        for member in self.members.values():
            groups.setdefault(self._kind_of(member.viewer), []).append(member.connection)
        told = (
            (to, [shown(event, kind) for event, audience in news if visible(audience, kind)])
            for kind, to in groups.items()
        )
        return [(to, events) for to, events in told if events]

    def waits_quietly(self) -> bool:
        """Whether what is to be sent may wait for more."""
        return all(event.kind in QUIET_KINDS for event, _ in self.log[self.sent : self.told])

    def _kind_of(self, viewer: Viewer) -> Viewer:
        """The same for all who see the same."""
        person = viewer.person if viewer.person in self._persons else None
        lead = viewer.role is RoomRole.LEAD
        at_home = None if viewer.pupil is None else 0
        return Viewer(viewer.role, None if lead else viewer.classroom, None if lead else person, at_home)

    # --- who is there

    def arrive(self, member: Member, at: int) -> list[Draft]:
        """A screen that has asked at the moment `at` comes in, for the first time or again; what is to be said of it."""
        former = self.screens.pop(member.screen, None)
        last = self.absent.pop(member.screen, None)
        if former is not None:
            self.members.pop(former.connection.sid, None)
            last = former.heard
        drafts = self._returned(member, last, at)
        self.members[member.connection.sid] = member
        self.screens[member.screen] = member
        return drafts

    def _returned(self, member: Member, last: int | None, at: int) -> list[Draft]:
        """What is to be said of a screen that was last there at `last`: nothing when it comes back soon as what it was."""
        known = self.state["people"].get(member.screen)
        goes_on = member.screen in self.returning and at <= self.back_until
        self.returning.discard(member.screen)
        in_time = known is not None and (last is None or at - last <= GRACE_MS or goes_on)
        if in_time and known == _present(member):
            return []
        if known is not None:
            self.absent[member.screen] = at if last is None or in_time else last
        gone = self._left_by_all(member, at)
        if member.screen in self.absent:
            gone += self._leaves([member.screen])
        return [*gone, _enter(member)]

    def depart(self, member: Member, at: int) -> None:
        """A screen's line has ended; whether it has left shows after a while."""
        if self.members.pop(member.connection.sid, None) is None:
            return
        if self.screens.get(member.screen) is member:
            del self.screens[member.screen]
            if member.screen in self.state["people"]:
                self.absent[member.screen] = at
        if not self.members:
            self.empty_since = at

    def leave_now(self, member: Member, at: int) -> list[Draft]:
        """A screen is shown out."""
        self.depart(member, at)
        self.absent.pop(member.screen, None)
        return [self._leave(member.screen, at)] if member.screen in self.state["people"] else []

    def beat(self, at: int) -> LastBeat:
        """What must be known of this moment should the server end now."""
        return LastBeat(at, dict(self.absent), frozenset(self.returning) if at <= self.back_until else frozenset())

    def overdue(self, at: int) -> list[Draft]:
        """The leaves of those who have been away for too long, in the order in which they went."""
        for member in list(self.members.values()):
            if at - member.heard > SILENT_MS and member.screen in self.state["people"]:
                self.absent.setdefault(member.screen, member.heard)
        if at > self.back_until + GRACE_MS:  # whoever has asked in time may still be on the way
            self.returning.clear()
        late = (screen for screen, last in self.absent.items() if at - last > GRACE_MS)
        return self._leaves(screen for screen in late if screen not in self.returning)

    def all_leave(self, at: int) -> list[Draft]:
        """The leaves of all who are away, before the end; those too whose lines do not know it yet."""
        for member in self.members.values():
            if at - member.heard > GRACE_MS and member.screen in self.state["people"]:
                self.absent.setdefault(member.screen, member.heard)
        return self._leaves(self.absent)

    def here_again(self, member: Member, at: int) -> list[Draft]:
        """A screen speaks; one that had been given up comes in again."""
        member.heard = at
        self.absent.pop(member.screen, None)
        return [] if member.screen in self.state["people"] else [*self._left_by_all(member, at), _enter(member)]

    def _left_by_all(self, newcomer: Member, at: int) -> list[Draft]:
        """The leaves of the screens that stand for the classroom of a newcomer that does, when none is there any more.

        The time until a new one comes is not the classroom's own.
        """
        if not folding.stands_for_classroom(_present(newcomer)):
            return []
        of_room = [
            screen
            for screen, present in self.state["people"].items()
            if present["classroom"] == newcomer.viewer.classroom and folding.stands_for_classroom(present)
        ]
        silent = {screen: self.screens[screen].heard for screen in of_room if screen in self.screens}
        if any(at - heard <= GRACE_MS for heard in silent.values()):
            return []
        for screen, heard in silent.items():
            self.absent.setdefault(screen, heard)
        return self._leaves(screen for screen in of_room if screen in self.absent)

    def _leaves(self, screens: Iterable[str]) -> list[Draft]:
        going = sorted(screens, key=lambda screen: self.absent[screen])
        return [self._leave(screen, self.absent.pop(screen)) for screen in going if screen in self.state["people"]]

    def _leave(self, screen: str, until: int) -> Draft:
        present = self.state["people"][screen]
        data = {"screen": screen, "role": present["role"], "name": present["name"], "until": until}
        audience = _audience_of_presence(present["pupil"], present["classroom"])
        return Draft("leave", data, audience, present["person"], present["classroom"])

    # --- the line of a classroom

    def measured(self, viewer: Viewer, level: int, at: int) -> list[Draft]:
        """A classroom's screen has measured its line; what is to be said when level or mode have changed."""
        if viewer.classroom is None or viewer.pupil is not None or viewer.role is RoomRole.HELPER:
            return []
        before = self.ladders.get(viewer.classroom, Ladder())
        return self._step_on_ladder(viewer.classroom, before, reported(before, level, at))

    def ladders_pass(self, at: int) -> list[Draft]:
        """The same because time has passed."""
        found: list[Draft] = []
        for classroom, ladder in list(self.ladders.items()):
            found += self._step_on_ladder(classroom, ladder, passed(ladder, at))
        return found

    def _step_on_ladder(self, classroom: int, before: Ladder, after: Ladder) -> list[Draft]:
        self.ladders[classroom] = after
        if (before.level, before.mode) == (after.level, after.mode):
            return []
        why = "" if after.mode == before.mode else "worse" if after.mode > before.mode else "better"
        data = {"level": after.level, "mode": after.mode, "why": why}
        return [Draft("net", data, classroom=classroom)]


def me(viewer: Viewer) -> dict[str, Any]:
    """What a screen is told of itself."""
    return {
        "role": str(viewer.role),
        "classroom": viewer.classroom,
        "person": viewer.person,
        "pupil": viewer.pupil,
        "name": viewer.name,
        "endpoint": viewer.endpoint,
    }


def _present(member: Member) -> dict[str, Any]:
    viewer = member.viewer
    return {
        "person": viewer.person,
        "pupil": viewer.pupil,
        "name": _shown_name(viewer),
        "role": str(viewer.role),
        "classroom": viewer.classroom,
    }


def _shown_name(viewer: Viewer) -> str:
    """Pupils stand among those present by number only."""
    return viewer.name if viewer.pupil is None else ""


def _enter(member: Member) -> Draft:
    viewer = member.viewer
    data: dict[str, Any] = {"screen": member.screen, "role": str(viewer.role), "name": _shown_name(viewer)}
    if viewer.pupil is not None:
        data["pupil"] = viewer.pupil
    return Draft("enter", data, _audience_of_presence(viewer.pupil, viewer.classroom), viewer.person, viewer.classroom)


def _audience_of_presence(pupil: int | None, classroom: int | None) -> str:
    return ALL if pupil is None else f"room:{classroom}"
