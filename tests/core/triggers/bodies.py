"""Bodies as a client sends them: a Rose's sound unless said otherwise."""

from typing import Any

import msgspec

from core.triggers.intake import Allowed, TriggerBody, parse
from core.triggers.model import Trigger

ALLOWED = Allowed(
    has_voice=lambda voice: voice == "en-US-AriaNeural",
    has_image=lambda image: image == "heart",
    has_webhooks=True,
)
SOUND = {"sound_filename": "rose.mp3"}


def body(**fields: Any) -> TriggerBody:
    usual = {"event_type": "gift", "action": "play_sound", "action_params": SOUND}
    return msgspec.convert(usual | fields, TriggerBody)


def parsed(**fields: Any) -> Trigger:
    return parse(body(**fields), ALLOWED)
