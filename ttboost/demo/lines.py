"""What the viewers of the demo write."""

OLD = ["is this thing on?", "anyone here already?", "скоро начнём?"]
"""Chat from before we came; TikTok repeats it on connect."""

TALK = [
    "hello from the attic!",
    "what are you building today?",
    "Привет! Как настроение?",
    "¡Hola a todos! ¿Qué tal la noche?",
    "こんばんは!はじめまして",
    "the lamp behind you looks great",
    "А кот сегодня будет?",
    "¿De dónde es esa música?",
    "안녕하세요 처음 왔어요",
    "first time here, love it 😍😍😍",
    "مساء الخير من هنا",
    "can you say my name please?",
    "Скажи что-нибудь чайнику 🫖",
    "Saludos desde la cocina 🌮🌮",
    "!hello",
    "नमस्ते, बहुत बढ़िया!",
    "hahahahahahahahahahaha",
    "Selam, yayın çok güzel",
    "rules are here: https://example.com/rules?from=demo",
    "Guten Abend zusammen",
    "Сколько лет этому дивану?",
    "que legal essa live!!!",
    "bonsoir tout le monde ✨",
    "how long is the stream today?",
    "oh darn, I missed the start",
    "Ну блин, опять лагает",
    "the number is 1234567890123, just kidding",
    "¿Cuándo es el próximo directo?",
    "song name???",
    "Спасибо за эфир, очень уютно",
    "gg",
    "WHY IS EVERYONE SO NICE HERE",
    "I brought snacks 🍿🥨🍩",
    "Передай привет подснежнику",
    "me encanta ese cactus",
    "do the kettle dance!",
    "🔥🔥🔥",
    "очень длинное сообщение: сегодня шёл домой, видел трёх голубей, один нёс целую булку, "
    "второй кричал на него, а третий просто сидел и смотрел на закат, и я "
    "подумал, что надо рассказать об этом именно здесь",
    "see you tomorrow, good night!",
]

DELETED = "buy cheap things at example.com, darn good prices"
"""A moderator removes this one."""

RAID = ["the crew is here! ⚓", "ahoy!", "raid raid raid", "hi from the boat", "ahoy ahoy ahoy"]

FLOOD = [
    "yes!", "no!", "left!", "right!", "да!", "нет!", "налево!", "¡sí!", "¡no!", "¡izquierda!", "LEFT",
    "RIGHT", "left left left", "вправо", "derecha", "😂", "go left please", "I say right", "左!", "왼쪽",
]  # fmt: skip
"""Everybody answers one question at once."""
