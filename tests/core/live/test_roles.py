"""Roles said once are known for the rest of the LIVE; memory is bounded."""

from core.live.events import Role, Viewer
from core.live.recent import Recent
from core.live.roles import RoleMemory


def ann(roles: int = 0, level: int = 0) -> Viewer:
    return Viewer(1, "ann", "Ann", roles, level)


def test_gift_without_badges_gets_the_roles_of_earlier_messages() -> None:
    memory = RoleMemory()
    memory.remember(ann(Role.MODERATOR, 12))

    assert memory.remember(ann()) == ann(Role.MODERATOR, 12)


def test_roles_add_up_and_the_highest_level_counts() -> None:
    memory = RoleMemory()
    memory.remember(ann(Role.FOLLOWER, 12))

    assert memory.remember(ann(Role.SUBSCRIBER, 3)) == ann(Role.FOLLOWER | Role.SUBSCRIBER, 12)
    assert memory.remember(ann()) == ann(Role.FOLLOWER | Role.SUBSCRIBER, 12)


def test_viewers_are_told_apart() -> None:
    memory = RoleMemory()
    memory.remember(ann(Role.MODERATOR))

    assert memory.remember(Viewer(2, "bob", "")) == Viewer(2, "bob", "")


def test_viewer_without_id_is_not_remembered() -> None:
    memory = RoleMemory()
    memory.remember(Viewer(0, "", "", Role.MODERATOR))

    assert memory.remember(Viewer(0, "", "")) == Viewer(0, "", "")


def test_names_are_always_the_latest() -> None:
    memory = RoleMemory()
    memory.remember(ann(Role.FOLLOWER))

    assert memory.remember(Viewer(1, "ann", "Annie")).nickname == "Annie"


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
