"""The viewers of the demo. All are things and animals; no handle is anybody's."""

from core.live.events import Role, Viewer

FIRST_ID = 6_900_000_000_000_000_001

_REGULARS: list[tuple[str, str, int, int]] = [
    ("kettle", "Sleepy Kettle", Role.FOLLOWER | Role.FRIEND, 12),
    ("lantern", "Paper Lantern 🏮", Role.FOLLOWER, 3),
    ("pinecone", "Pinecone", Role.NONE, 0),
    ("teapot", "Чайник с чердака", Role.FOLLOWER, 7),
    ("hedgehog", "Ёжик в тапках 🦔", Role.FOLLOWER | Role.SUBSCRIBER, 21),
    ("snowdrop", "Подснежник", Role.NONE, 0),
    ("lampshade", "Абажур", Role.FOLLOWER, 1),
    ("cactus", "Cactus con Sombrero 🌵", Role.FOLLOWER, 9),
    ("churro", "Señor Churro", Role.NONE, 2),
    ("paraguas", "Paraguas Azul", Role.FOLLOWER | Role.MODERATOR, 15),
    ("moth", "moth & lamp", Role.FOLLOWER | Role.TOP_GIFTER, 28),
    ("pebble", "pebble", Role.NONE, 0),
    ("onigiri", "おにぎり提灯", Role.FOLLOWER, 4),
    ("acorn", "도토리 상자", Role.NONE, 0),
    ("sandglass", "ساعة رملية", Role.FOLLOWER, 6),
    ("mango", "आम का पेड़", Role.NONE, 0),
    ("simit", "Çıtır Simit", Role.FOLLOWER, 2),
    ("brezel", "Brezelmütze", Role.NONE, 1),
    ("coxinha", "Coxinha Voadora", Role.FOLLOWER, 5),
    ("baguette", "Baguette Étoilée", Role.NONE, 0),
    ("doormat", "", Role.NONE, 0),
    ("umbra", "𝓤𝓶𝓫𝓻𝓪 𝓢𝓸𝓯𝓪", Role.NONE, 3),
    ("button", "xX_Button_Xx", Role.FOLLOWER, 0),
    ("teaspoon", "Ложечка 🥄", Role.NONE, 0),
]

_ADJECTIVES = ("Brave", "Tiny", "Purple", "Lazy", "Loud", "Windy", "Mossy", "Salty")
_NOUNS = ("Raft", "Anchor", "Oar", "Barrel", "Gull")


def regulars() -> list[Viewer]:
    return [
        Viewer(FIRST_ID + place, f"demo_{handle}", nickname, int(roles), level)
        for place, (handle, nickname, roles, level) in enumerate(_REGULARS)
    ]


def raiders() -> list[Viewer]:
    """Those who come over together from another LIVE."""
    names = [f"{adjective} {noun}" for adjective in _ADJECTIVES for noun in _NOUNS]
    return [
        Viewer(FIRST_ID + 1000 + place, f"demo_crew_{place:02}", name) for place, name in enumerate(names)
    ]
