"""The voices we offer. A voice that is not on this list is never sent to an engine."""

import re
from collections.abc import Sequence

from msgspec import Struct

from core.settings import Settings
from core.speech.model import Synthesizer, VoiceChoice

RATE = (-50, 100)
PITCH = (-50, 100)

# Locale, its eSpeak language, women, men. These are the services' own names, with `Neural` left out.
_NEURAL = """
ru-RU ru     Svetlana | Dmitry
uk-UA uk     Polina | Ostap
en-US en-us  EmmaMultilingual AvaMultilingual Emma Ava Aria Jenny Michelle Ana | AndrewMultilingual BrianMultilingual Andrew Brian Guy Christopher Eric Roger Steffan
en-GB en     Sonia Libby Maisie | Ryan Thomas
es-ES es     Elvira Ximena | Alvaro
es-MX es-419 Dalia | Jorge
de-DE de     Katja Amala SeraphinaMultilingual | Conrad Killian FlorianMultilingual
fr-FR fr     Denise Eloise VivienneMultilingual | Henri RemyMultilingual
it-IT it     Elsa Isabella | Diego GiuseppeMultilingual
pt-BR pt-br  Francisca ThalitaMultilingual | Antonio
pt-PT pt     Raquel | Duarte
pl-PL pl     Zofia | Marek
tr-TR tr     Emel | Ahmet
nl-NL nl     Colette Fenna | Maarten
cs-CZ cs     Vlasta | Antonin
ro-RO ro     Alina | Emil
hu-HU hu     Noemi | Tamas
bg-BG bg     Kalina | Borislav
el-GR el     Athina | Nestoras
sv-SE sv     Sofie | Mattias
fi-FI fi     Noora | Harri
kk-KZ kk     Aigul | Daulet
uz-UZ uz     Madina | Sardor
az-AZ az     Banu | Babek
ka-GE ka     Eka | Giorgi
he-IL he     Hila | Avri
ar-SA ar     Zariyah | Hamed
ar-EG ar     Salma | Shakir
hi-IN hi     Swara | Madhur
id-ID id     Gadis | Ardi
ms-MY ms     Yasmin | Osman
vi-VN vi     HoaiMy | NamMinh
th-TH th     Premwadee | Niwat
ja-JP ja     Nanami | Keita
ko-KR ko     SunHi | InJoon HyunsuMultilingual
zh-CN cmn    Xiaoxiao Xiaoyi | Yunxi Yunjian Yunyang
"""  # noqa: E501 # a table

# eSpeak's language, the language it speaks, what people call it.
_ESPEAK = """
ru ru-RU Russian
uk uk-UA Ukrainian
en-us en-US English (US)
en en-GB English (GB)
es es-ES Spanish
es-419 es-MX Spanish (Latin America)
de de-DE German
fr fr-FR French
it it-IT Italian
pt-br pt-BR Portuguese (Brazil)
pt pt-PT Portuguese
pl pl-PL Polish
tr tr-TR Turkish
nl nl-NL Dutch
cs cs-CZ Czech
ro ro-RO Romanian
hu hu-HU Hungarian
bg bg-BG Bulgarian
el el-GR Greek
sv sv-SE Swedish
fi fi-FI Finnish
kk kk-KZ Kazakh
uz uz-UZ Uzbek
az az-AZ Azerbaijani
ka ka-GE Georgian
he he-IL Hebrew
ar ar-SA Arabic
hi hi-IN Hindi
id id-ID Indonesian
ms ms-MY Malay
vi vi-VN Vietnamese
th th-TH Thai
ja ja-JP Japanese
ko ko-KR Korean
cmn zh-CN Chinese
"""

# One of two tones. English is understood far better with f2 than with the plain voice: its men have it too.
_WOMAN = "+f2"
_ALWAYS_WOMAN = ("en-us", "en")


class Voice(Struct, frozen=True):
    id: str
    name: str
    lang: str
    engine: str
    available: bool


class _Known(Struct, frozen=True):
    id: str
    name: str
    lang: str
    espeak: str  # the eSpeak voice that is it, or stands in for it


def _neural() -> list[_Known]:
    known = []
    for line in _NEURAL.strip().splitlines():
        locale, espeak, names = line.split(maxsplit=2)
        women, men = (part.split() for part in names.split("|"))
        for name in (*women, *men):
            is_woman = name in women or espeak in _ALWAYS_WOMAN
            title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace(" Multilingual", " (multilingual)")
            known.append(
                _Known(f"{locale}-{name}Neural", title, locale, espeak + (_WOMAN if is_woman else ""))
            )
    return known


def _espeak() -> list[_Known]:
    known = []
    for line in _ESPEAK.strip().splitlines():
        espeak, locale, title = line.split(maxsplit=2)
        for tone, label in ((_WOMAN, "high"), ("", "low")):
            known.append(_Known(f"espeak:{espeak}{tone}", f"{title}, robot, {label}", locale, espeak + tone))
    return known


_ALL = {voice.id: voice for voice in (*_neural(), *_espeak())}
_DEFAULTS = {"en": "en-US-EmmaMultilingualNeural", "ru": "ru-RU-SvetlanaNeural", "es": "es-ES-ElviraNeural"}

# Characters a second, measured on ordinary chat lines; the rest of the alphabets is close to 14.
_PACE = {"ja": 7.0, "ko": 7.0, "zh": 5.0, "th": 11.0, "cmn": 5.0}
_PACE_ELSEWHERE = 14.0
_SILENCE_SECONDS = 0.8


def is_known(voice_id: str) -> bool:
    return voice_id in _ALL


def is_espeak(voice_id: str) -> bool:
    return voice_id.startswith("espeak:")


def is_high(voice_id: str) -> bool:
    """Which of a language's two robots."""
    return voice_id.endswith(_WOMAN)


def default_voice(language: str) -> str:
    return _DEFAULTS.get(language, _DEFAULTS["en"])


def choice_of(settings: Settings, voice_id: str | None = None) -> VoiceChoice:
    """The voice that speaks for a streamer, unless `voice_id` names another."""
    chosen = voice_id or settings.voice_id or default_voice(settings.language)
    return VoiceChoice(chosen, settings.speech_rate, settings.speech_pitch)


def name_of(voice_id: str) -> str:
    """As people call it; an unknown one by its id."""
    return _ALL[voice_id].name if voice_id in _ALL else voice_id


def language_of(voice_id: str) -> str:
    """`ru` of `ru-RU-SvetlanaNeural`."""
    return _ALL[voice_id].lang.partition("-")[0]


def checked(voice: VoiceChoice) -> VoiceChoice:
    """The same within its bounds; an unknown voice becomes the default one."""
    return VoiceChoice(
        voice.voice_id if voice.voice_id in _ALL else default_voice("en"),
        min(max(int(voice.rate), RATE[0]), RATE[1]),
        min(max(int(voice.pitch), PITCH[0]), PITCH[1]),
    )


def neural_of(voice_id: str) -> str:
    """The voice as Microsoft's services call it; for one of eSpeak's, the first of its language."""
    if not is_espeak(voice_id):
        return _ALL[voice_id].id
    locale = _ALL[voice_id].lang
    return next(voice.id for voice in _ALL.values() if voice.lang == locale and not is_espeak(voice.id))


def espeak_of(voice_id: str) -> str:
    """eSpeak's own name of the voice, or of the one that stands in for it: `ru+f2`."""
    return _ALL[voice_id].espeak


def estimated_seconds(text: str, voice: VoiceChoice) -> float:
    pace = _PACE.get(language_of(voice.voice_id), _PACE_ELSEWHERE)
    return round(_SILENCE_SECONDS + len(text) / pace / (1 + voice.rate / 100), 2)


def listed(engines: Sequence[Synthesizer], language: str | None) -> list[Voice]:
    """Every voice of a language (`ru`, `ru-RU`; None: all) with its engine, ours before others."""
    wanted = (language or "").casefold()
    found = [
        _described(voice, engines)
        for voice in _ALL.values()
        if wanted in ("", voice.lang.casefold(), voice.lang.partition("-")[0])
    ]
    return sorted(found, key=lambda voice: not voice.available)


def _described(voice: _Known, engines: Sequence[Synthesizer]) -> Voice:
    engine = next((engine.name for engine in engines if engine.has_voice(voice.id)), None)
    usual = "espeak" if is_espeak(voice.id) else "edge"
    return Voice(voice.id, voice.name, voice.lang, engine or usual, available=engine is not None)
