"""Messages of facts. The seed's fields carry the first sound and the first speech of what fired."""

from typing import Any

from msgspec import UnsetType

from core import messages
from core.effects.render import Rendered
from core.live.events import EventType, Fact, Phase
from core.messages import EffectView, ViewerMessage

_MESSAGE_OF: dict[EventType, type[ViewerMessage]] = {
    EventType.VIEWER_JOIN: messages.ViewerJoin,
    EventType.VIEWER_FIRST_MESSAGE: messages.ViewerFirstMessage,
    EventType.FOLLOW: messages.Follow,
    EventType.SHARE: messages.Share,
    EventType.SUBSCRIBE: messages.Subscribe,
}


def chat(fact: Fact) -> messages.Chat:
    return messages.Chat(user=fact.viewer.name, username=fact.viewer.unique_id, message=fact.text)


def gift(fact: Fact, untold: int, rendered: Rendered) -> messages.Gift:
    """`untold`: how many of the streak no message has told yet."""
    message = messages.Gift(
        user=fact.viewer.name,
        username=fact.viewer.unique_id,
        gift_name=fact.gift_name,
        count=untold,
        gift_id=fact.gift_id,
        diamonds=fact.diamonds,
        total_diamonds=untold * fact.diamonds,
    )
    if fact.streak:
        message.streak = messages.StreakView(fact.streak, fact.count, fact.phase is Phase.END)
    _sound_like_seed(message, rendered)
    return message


def like(fact: Fact) -> messages.Like:
    return messages.Like(
        user=fact.viewer.name, username=fact.viewer.unique_id, count=fact.count, total=fact.total
    )


def by_viewer(fact: Fact, rendered: Rendered) -> ViewerMessage:
    message = _MESSAGE_OF[fact.type](user=fact.viewer.name, username=fact.viewer.unique_id)
    _sound_like_seed(message, rendered)
    return message


def effect(view: EffectView) -> messages.Effect:
    """What has no event message of its own."""
    return messages.Effect(
        trigger_id=view.trigger_id,
        action=view.action,
        sound_url=view.sound_url,
        tts_url=view.tts_url,
        text=None if isinstance(view.text, UnsetType) else view.text,
        volume=view.volume,
        image=view.image,
        duration=view.duration,
        name=view.name,
        value=view.value,
    )


def _sound_like_seed(message: Any, rendered: Rendered) -> None:
    if view := rendered.sound:
        message.sound_url, message.sound_volume = view.sound_url, view.volume
    if view := rendered.speech:
        message.tts_url, message.tts_volume = view.tts_url, view.volume
