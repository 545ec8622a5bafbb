"""What earlier messages said about a viewer: gifts and likes often come without badges."""

from core.live.events import Viewer
from core.live.recent import Recent

LEVEL_SHIFT = 8  # above every bit of `Role`
ROLES_MASK = (1 << LEVEL_SHIFT) - 1


class RoleMemory:
    """Within one LIVE a role once seen stays: a message without it only means it was not sent along."""

    def __init__(self, capacity: int = 20_000) -> None:
        self._known: Recent[int, int] = Recent(capacity)  # viewer id -> roles and level in one number

    def remember(self, viewer: Viewer) -> Viewer:
        """The viewer with everything known so far."""
        said = viewer.roles | viewer.gifter_level << LEVEL_SHIFT
        known = self._known.get(viewer.user_id) or 0
        if known == said or not viewer.user_id:
            return viewer
        roles = viewer.roles | known & ROLES_MASK
        level = max(viewer.gifter_level, known >> LEVEL_SHIFT)
        merged = roles | level << LEVEL_SHIFT
        if merged != known:
            self._known.put(viewer.user_id, merged)
        if merged == said:
            return viewer
        return Viewer(viewer.user_id, viewer.unique_id, viewer.nickname, roles, level)
