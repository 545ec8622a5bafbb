"""What happens in the demo LIVE, and when."""

import random
from collections.abc import Callable
from functools import partial
from itertools import cycle

from core.live.events import Viewer
from ttboost.demo import lines, messages
from ttboost.demo.messages import BIG, HEART_ME, Gift, Message
from ttboost.demo.people import raiders, regulars

SEED = 20260101
SECONDS = 180.0
LAST_ACTION = 168.0  # the rest is for what is still being said, and for closings that never come
START_MS = 1_767_290_400_000  # 2026-01-01 18:00 UTC
FIRST_MSG_ID = 7_000_000_000_000_000_000

ROSE = Gift(5655, "Rose", 1)
FINGER_HEART = Gift(5487, "Finger Heart", 5)
PERFUME = Gift(5658, "Perfume", 20)
DOUGHNUT = Gift(5879, "Doughnut", 30)
HEART = Gift(7934, "Heart Me", 1, HEART_ME)
SWAN = Gift(5897, "Swan", 699, BIG)
GALAXY = Gift(11046, "Galaxy", 1000, BIG)


class Script:
    """Collects what happens, in any order."""

    def __init__(self) -> None:
        self.dice = random.Random(SEED)
        self.people = regulars()
        self._entries: list[tuple[int, int, Callable[[], Message]]] = []

    def at(self, t: float, make: Callable[..., Message], *, clock: bool = True, **fields: object) -> int:
        """`make` makes the message that comes `t` seconds in; without `clock` TikTok sent no time. Its id."""
        ms, number = int(t * 1000), len(self._entries)
        msg_id = FIRST_MSG_ID + ms * 1000 + number % 1000
        created_ms = START_MS + ms - self.dice.randint(150, 900) if clock else 0
        self._entries.append((ms, number, partial(make, msg_id, created_ms, **fields)))
        return msg_id

    def again(self, t: float) -> None:
        """What was entered last comes a second time, with the id it had."""
        self._entries.append((int(t * 1000), len(self._entries), self._entries[-1][2]))

    def moments(self, start: float, end: float, every: float) -> list[float]:
        """Random moments, `every` seconds apart on average."""
        found: list[float] = []
        t = start + self.dice.uniform(0, every)
        while t < end:
            found.append(t)
            t += self.dice.uniform(0.3, 1.7) * every
        return found

    def anyone(self) -> Viewer:
        return self.dice.choice(self.people)

    def ordered(self) -> list[tuple[float, Message]]:
        return [(ms / 1000, make()) for ms, _, make in sorted(self._entries, key=lambda entry: entry[:2])]


def write() -> list[tuple[float, Message]]:
    """The whole LIVE, ordered by time in seconds."""
    script = Script()
    scenes = (_viewer_counts, _talk, _joins, _likes, _thanks, _gifts, _raid, _flood, _odds_and_ends)
    for scene in scenes:
        scene(script)
    return script.ordered()


def _viewer_counts(script: Script) -> None:
    current, total = 118, 940
    for step in range(int(SECONDS / 2)):
        t = 0.4 + 2 * step
        came = 40 if t == 66.4 else script.dice.randint(0, 6)
        total += came
        current = max(60, current + came - script.dice.randint(0, 5))
        script.at(t, messages.viewers, current=current, total=total)


def _talk(script: Script) -> None:
    step = (LAST_ACTION - 3) / len(lines.TALK)
    for place, text in enumerate(lines.TALK):
        t = 3 + step * (place + script.dice.random() * 0.8)
        script.at(t, messages.chat, viewer=script.anyone(), text=text)


def _joins(script: Script) -> None:
    for t in script.moments(0.5, LAST_ACTION, 2.3):
        script.at(t, messages.join, clock=script.dice.random() > 0.1, viewer=script.anyone())


def _likes(script: Script) -> None:
    """The room's total is told by two counters, one of them behind: it goes backwards now and then."""
    total, behind = 5_000, 4_940
    for t in script.moments(1, LAST_ACTION, 0.95):
        count = script.dice.randint(1, 15)
        total += count
        if script.dice.random() < 0.4:
            behind = total - script.dice.randint(10, 80)
            told = behind
        else:
            told = total
        script.at(t, messages.like, viewer=script.anyone(), count=count, total=told)


def _thanks(script: Script) -> None:
    for t in script.moments(8, LAST_ACTION, 14):
        script.at(t, messages.follow, viewer=script.anyone())
    for t in script.moments(15, LAST_ACTION, 22):
        script.at(t, messages.share, viewer=script.anyone())
    script.at(121, messages.subscribe, viewer=script.people[0])


def _streak(
    script: Script, start: float, viewer: Viewer, sent: Gift, counts: list[int], end: float = 3
) -> None:
    """Presses 0.1 to 1.5 s apart, then the closing `end` seconds later; 0: it gets lost."""
    group, t = START_MS + int(start * 1000), start
    press = partial(script.at, make=messages.gift, viewer=viewer, sent=sent, group=group)
    for count in counts:
        press(t, count=count)
        t += script.dice.uniform(0.1, 1.5)
    if end:
        press(t + end, count=counts[-1], over=True)


def _gifts(script: Script) -> None:
    who = script.people
    _streak(script, 6, who[0], ROSE, [1])
    _streak(script, 14, who[4], ROSE, [1, 2, 5, 7, 8])
    _streak(script, 27, who[12], FINGER_HEART, [1, 3, 4], end=0)
    _streak(script, 41, who[7], ROSE, [1, 2, 3, 4, 6, 9, 10])
    _streak(script, 42, who[1], ROSE, [1, 2, 4, 5], end=2)
    _streak(script, 43.5, who[18], PERFUME, [1, 2])
    _streak(script, 88, who[6], ROSE, [1, 2, 2, 3])  # one press told twice
    _streak(script, 103, who[9], DOUGHNUT, [1])
    _streak(script, 107, who[10], ROSE, [*range(1, 12), 15, 18, 22, 25, 31, 38, 44, 50], end=4)
    _streak(script, 133, who[14], FINGER_HEART, [2, 3, 5])  # its first press got lost
    _streak(script, 146, who[3], ROSE, [1, 2, 3, 5, 8])
    _streak(script, 157, who[16], FINGER_HEART, [1, 2, 3], end=0)
    for t, viewer, sent in (
        (22, who[5], HEART),
        (52, who[10], SWAN),
        (96, who[20], HEART),
        (128, who[10], GALAXY),
        (151, who[22], HEART),
    ):
        script.at(t, messages.gift, viewer=viewer, sent=sent)


def _raid(script: Script) -> None:
    crew = raiders()
    for place, viewer in enumerate(crew):
        script.at(60 + place * 0.2, messages.join, viewer=viewer)
    for place, text in enumerate(lines.RAID * 2):
        script.at(62 + place * 0.9, messages.chat, viewer=crew[place * 3], text=text)
    for place in (1, 7, 19):
        script.at(69 + place * 0.3, messages.follow, viewer=crew[place])


def _flood(script: Script) -> None:
    """Sixty answers in twelve seconds."""
    crowd = cycle(script.people + raiders())
    for place, text in enumerate(lines.FLOOD * 3):
        script.at(76 + place * 0.2, messages.chat, viewer=next(crowd), text=text)


def _odds_and_ends(script: Script) -> None:
    """What a client has to live with: a message told twice, a deleted one, types nobody reads."""
    unwanted = script.at(138, messages.chat, viewer=script.people[21], text=lines.DELETED)
    script.at(140.5, messages.delete, msg_ids=[unwanted], user_ids=[])
    script.at(33, messages.chat, viewer=script.people[2], text="did you get this twice?")
    script.again(33.9)
    for t, name in ((19, "Envelope"), (55, "Barrage"), (99, "EmoteChat"), (143, "Barrage")):
        script.at(t, messages.unread, name=name)
