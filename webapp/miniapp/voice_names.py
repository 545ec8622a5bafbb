"""What a voice is called."""

from core.speech import voices
from webapp.miniapp.wording import Say, catalogue


def voice_name(voice_id: str, say: Say) -> str:
    """Robots have no names of their own."""
    if not voices.is_espeak(voice_id):
        return voices.name_of(voice_id)
    robots: dict[str, str] = catalogue(say.language, "sounds")["voices"]["robots"]
    return robots["high" if voices.is_high(voice_id) else "low"]
