"""What a viewer said and did once is known for the rest of the LIVE; memory is bounded."""

import random

import pytest

from core.live.events import EventType, Role, Viewer
from core.live.recent import Recent
from core.live.viewers import ViewerMemory


def ann(roles: int = 0, level: int = 0) -> Viewer:
    return Viewer(1, "ann", "Ann", roles, level)


def test_gift_without_badges_gets_the_roles_of_earlier_messages() -> None:
    memory = ViewerMemory()
    memory.remember(ann(Role.MODERATOR, 12))

    assert memory.remember(ann()) == ann(Role.MODERATOR, 12)


def test_roles_add_up_and_the_highest_level_counts() -> None:
    memory = ViewerMemory()
    memory.remember(ann(Role.FOLLOWER, 12))

    assert memory.remember(ann(Role.SUBSCRIBER, 3)) == ann(Role.FOLLOWER | Role.SUBSCRIBER, 12)
    assert memory.remember(ann()) == ann(Role.FOLLOWER | Role.SUBSCRIBER, 12)


def test_viewers_are_told_apart() -> None:
    memory = ViewerMemory()
    memory.remember(ann(Role.MODERATOR))

    assert memory.remember(Viewer(2, "bob", "")) == Viewer(2, "bob", "")


def test_viewer_without_id_is_not_remembered() -> None:
    memory = ViewerMemory()
    memory.remember(Viewer(0, "", "", Role.MODERATOR))

    assert memory.remember(Viewer(0, "", "")) == Viewer(0, "", "")


def test_names_are_always_the_latest() -> None:
    memory = ViewerMemory()
    memory.remember(ann(Role.FOLLOWER))

    assert memory.remember(Viewer(1, "ann", "Annie")).nickname == "Annie"


@pytest.mark.parametrize("kind", EventType)
def test_each_type_is_first_once(kind: EventType) -> None:
    memory = ViewerMemory()
    others = [other for other in EventType if other is not kind]
    assert memory.is_first(ann(), kind)

    assert not memory.is_first(ann(), kind)
    assert all(memory.is_first(ann(), other) for other in others)


def test_what_a_viewer_did_and_their_roles_do_not_mix() -> None:
    memory = ViewerMemory()
    for kind in EventType:
        memory.is_first(ann(), kind)
    assert memory.remember(ann()) == ann()

    everything = Role.FOLLOWER | Role.FRIEND | Role.SUBSCRIBER | Role.MODERATOR | Role.TOP_GIFTER
    memory.remember(ann(everything, 99))

    assert memory.remember(ann()) == ann(everything, 99)
    assert not any(memory.is_first(ann(), kind) for kind in EventType)


def test_roles_alone_make_nothing_a_repetition() -> None:
    memory = ViewerMemory()
    memory.remember(ann(Role.TOP_GIFTER, 99))

    assert all(memory.is_first(ann(), kind) for kind in EventType)


def test_viewers_are_found_in_any_order_of_ids() -> None:
    memory = ViewerMemory()
    ids = [0, 1, 2**63 - 1, *random.Random(1).sample(range(2, 2**62), 300)]
    for viewer_id in ids:
        assert memory.is_first(Viewer(viewer_id, "", ""), EventType.LIKE)

    assert not any(memory.is_first(Viewer(viewer_id, "", ""), EventType.LIKE) for viewer_id in ids)


def test_those_met_last_are_kept_and_the_rest_is_forgotten() -> None:
    memory = ViewerMemory(10)
    memory.remember(ann(Role.MODERATOR, 5))
    memory.is_first(ann(), EventType.CHAT)
    for viewer_id in range(2, 100):
        memory.is_first(Viewer(viewer_id, "", ""), EventType.CHAT)
        assert not memory.is_first(ann(), EventType.CHAT)

    assert memory.remember(ann()) == ann(Role.MODERATOR, 5)
    assert not memory.is_first(Viewer(99, "", ""), EventType.CHAT)
    assert memory.is_first(Viewer(2, "", ""), EventType.CHAT)


def test_recent_keeps_what_is_used_and_forgets_the_rest() -> None:
    recent: Recent[int, str] = Recent(10)
    recent.put(0, "kept")
    for key in range(1, 100):
        recent.put(key, "x")
        recent.get(0)

    assert recent.get(0) == "kept"
    assert recent.get(1) is None
    assert recent.get(99) == "x"


def test_recent_pops_from_both_generations() -> None:
    recent: Recent[int, str] = Recent(1)
    recent.put(1, "old")
    recent.put(2, "young")

    assert (recent.pop(1), recent.pop(2), recent.pop(3)) == ("old", "young", None)
    assert recent.get(1) is None
