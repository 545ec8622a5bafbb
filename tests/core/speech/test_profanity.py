"""Bad words are found however they are spelled, and words that look like them pass."""

import pytest

from core.speech.profanity import has_profanity, is_bad, masked

BAD = {
    "russian": """хуй ХУЙ хуйня нахуй похуй нихуя дохуя охуел охуенно хуёво захуярить хуесос пизда пиздец
        пиздёж распиздяй спиздил ебать ебал ёбаный заебал наебали выебал проебал отъебись съебал
        уебок уёбище еблан долбоёб ебись ебут бля блять блядь блядский сука суки сукин пидор пидорас
        педераст мудак мудила гандон гондон залупа шлюха манда дрочить ублюдок говно говнюк
        обосрался насрать нахер хер хули""",
    "ukrainian": "їбати підар курва йобаний пізда",
    "english": """fuck FUCKING motherfucker fck shit bullshit bitch asshole ass dumbass cunt cocksucker
        dickhead pussy whore nigger nigga faggot retarded bastard slut twat wanker""",
    "spanish": """puta puto hijoputa hijueputa mierda coño joder verga pendejo cabrón cabron chingar
        gilipollas cojones polla maricón culero malparido""",
    "translit": "blyat blyad suka cyka pizdec nahuy huy zaebal ebat mudak pidoras",
    "look-alikes": "xуй хyй п1здец е6ать пи3да sh1t $hit b1tch a$$hole n1gga ѕhіt",
    "repeats": "хуууй сууука бляяя пиииздец fuuuuck shiiit biiitch",
    "stars": "х*й п*здец бл*ть б*ять f*ck sh*t b*tch",
}

CLEAN = {
    "russian": """хуже художник худой хук хулиган хурма хутор Хуан страхуем плохую тихую сухую глухую чихуахуа
        психую эпоху ухудшить духу уху похудел звезда опоздал поезд приезд уезд съезд гнездо себе
        тебе тебя себя небо хлеб учебник дебют небось потребует погреб жеребец вебинар веб ребёнок
        лебедь мебель гребля рубля саблями корабля оскорблять употреблять требовать колебание Ебург
        ебонит сук сучок барсук педаль Педро педагог мудрый гондола мандарин мандат команда дрочёна
        говорить главно гавань страна сравнить херувим херес Херсон офицер жидкий ожидание чурка
        бляха блюдо хороший подъезд ушибу ошибка губы рубить потребности дробь перебить победа скука
        наука рука сукно посуда засуха Насралла застрахуй""",
    "english": """Scunthorpe cockpit cocktail peacock Dickens Dickinson classic bass assassin pass grass
        shiitake snigger Niger Nigeria document circumstance analysis arsenal parse sparse title
        Essex Hancock cockatoo fuchsia country discount assist Hassan massage embassy assume mass
        Sussex shirt shift ship night accumulate hello dictionary cooking dispute computer whole
        horse hue ebook eBay ebony pizza Suzuki sushi boy texture cape cup top oper hex cat
        Matsushita""",
    "spanish": "computadora disputa diputado reputación imputado cono vergüenza Vergara culpa cultura pollo",
    "numbers": "404 1337 2026 100500 8800 a1 3d mp3 4k",
}


@pytest.mark.parametrize("kind", list(BAD))
def test_bad_words_are_found(kind: str) -> None:
    assert [word for word in BAD[kind].split() if not is_bad(word)] == []


@pytest.mark.parametrize("kind", list(CLEAN))
def test_clean_look_alikes_pass(kind: str) -> None:
    assert [word for word in CLEAN[kind].split() if is_bad(word)] == []


@pytest.mark.parametrize(
    ("line", "spoken"),
    [
        ("ну ты и хуй, Вася", "ну ты и пип, Вася"),
        ("это х.у.й какой-то", "это пип какой-то"),
        ("f u c k you, bitch!", "пип you, пип!"),
        ("а б в г д", "а б в г д"),
        ("я и с а, U S A", "я и с а, U S A"),
        ("всё хорошо", "всё хорошо"),
    ],
)
def test_only_the_bad_word_is_masked(line: str, spoken: str) -> None:
    assert masked(line, "пип") == spoken
    assert has_profanity(line) == (line != spoken)
