"""What happens in a LIVE, in our words and free of any vendor type.

A `LiveEvent` is what one TikTok message says. A `Fact` is what the session makes
of it after doubles, streaks and roles: the thing triggers are tried on.
"""

from enum import IntFlag, StrEnum

from msgspec import Struct


class Role(IntFlag):
    """What a viewer is to the streamer. Gift messages often come without: see `core.live.viewers`."""

    NONE = 0
    FOLLOWER = 1
    FRIEND = 2
    SUBSCRIBER = 4
    MODERATOR = 8
    TOP_GIFTER = 16


class EventType(StrEnum):
    """The names of the contract: message `type` on the socket and `event_type` of a trigger."""

    CHAT = "chat"
    GIFT = "gift"
    LIKE = "like"
    VIEWER_JOIN = "viewer_join"
    VIEWER_FIRST_MESSAGE = "viewer_first_message"
    FOLLOW = "follow"
    SHARE = "share"
    SUBSCRIBE = "subscribe"
    VIEWER_COUNT = "viewer_count"


class Viewer(Struct, frozen=True, gc=False):
    user_id: int
    unique_id: str  # the @handle
    nickname: str  # display name, not unique, may be empty
    roles: int = 0  # of `Role`
    gifter_level: int = 0

    @property
    def name(self) -> str:
        """What people call the viewer: the display name, the handle where it is empty."""
        return self.nickname or self.unique_id


NOBODY = Viewer(0, "", "")


class LiveEvent(Struct, gc=False, tag=True):
    msg_id: int  # common.msg_id: equal ids are doubles; 0 where TikTok sent none
    created_ms: int  # common.create_time, TikTok's clock, milliseconds; sometimes 0


class ChatPosted(LiveEvent, gc=False, tag=True):
    viewer: Viewer
    text: str
    is_history: bool = False  # TikTok marks it as repeated from before we came


class GiftSent(LiveEvent, gc=False, tag=True):
    viewer: Viewer
    gift_id: int
    name: str
    diamonds: int  # of one gift
    repeat_count: int  # running count of the streak, at least 1
    streakable: bool  # gift.type == 1
    repeat_end: bool
    group_id: int  # of the streak; 0 outside one
    receiver_id: int = 0  # 0: the host


class LikesSent(LiveEvent, gc=False, tag=True):
    viewer: Viewer
    count: int
    total: int  # of the room; two interleaved counters on the wire, so it may go backwards


class ViewerJoined(LiveEvent, gc=False, tag=True):
    viewer: Viewer


class Followed(LiveEvent, gc=False, tag=True):
    viewer: Viewer


class Shared(LiveEvent, gc=False, tag=True):
    viewer: Viewer


class Subscribed(LiveEvent, gc=False, tag=True):
    viewer: Viewer


class ViewersCounted(LiveEvent, gc=False, tag=True):
    current: int
    total: int


class ChatDeleted(LiveEvent, gc=False, tag=True):
    """A moderator removed comments, or everything of some viewers."""

    msg_ids: list[int]
    user_ids: list[int]


class LivePaused(LiveEvent, gc=False, tag=True):
    paused: bool


class LiveEnded(LiveEvent, gc=False, tag=True):
    suspended: bool  # by TikTok, not by the streamer


AnyEvent = (
    ChatPosted
    | GiftSent
    | LikesSent
    | ViewerJoined
    | Followed
    | Shared
    | Subscribed
    | ViewersCounted
    | ChatDeleted
    | LivePaused
    | LiveEnded
)


class Frame(Struct):
    """One decoded message of TikTok's socket."""

    kind: str  # WebcastPushFrame.payload_type: "msg", "hb", "im_enter_room_resp", …
    log_id: int = 0
    need_ack: bool = False
    internal_ext: bytes = b""  # goes back in the ack
    server_ms: int = 0  # TikTok's clock when it sent the frame; 0 where it did not say
    events: list[AnyEvent] = []
    unreadable: int = 0  # messages in it that could not be decoded and were left out


class Phase(StrEnum):
    """Where in a gift's streak a fact stands. A gift outside a streak is START and END at once: ONLY."""

    START = "start"
    MORE = "more"
    END = "end"
    ONLY = "only"


class Fact(Struct, gc=False):
    """What a trigger is tried on. Fields that do not belong to `type` keep their defaults."""

    type: EventType
    viewer: Viewer = NOBODY
    is_first: bool = False  # the viewer's first fact of this type in this LIVE
    text: str = ""  # chat
    gift_id: int = 0
    gift_name: str = ""
    diamonds: int = 0  # of one gift
    count: int = 0  # gift: running total of the streak; like: likes of this fact
    total_diamonds: int = 0  # running total of the streak
    added: int = 0  # gift: what this increment adds to `count`
    streak: str = ""  # streak id; empty outside one
    phase: Phase = Phase.ONLY
    before: int = 0  # like: room total before this fact; viewer_count: viewers before it
    total: int = 0  # like: room total now; viewer_count: viewers now
    msg_id: int = 0  # TikTok's, of the message behind it
    test: bool = False  # tried by the streamer: touches no cooldown, counter or statistic
