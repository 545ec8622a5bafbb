"""The operators' desk: license keys."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.desk import BACK, DEEDS, PAGE, Asked, Deed, Staff, back, begin, whole
from bot.desk_texts import KEYS
from bot.front import Front, Person
from bot.presses import PressOf, number
from bot.screens import Rows, Screen, button, show, turning
from core.admin.keys import LicenseQuery, LicenseRow
from core.errors import Invalid, LicenseNotFound
from core.i18n import Html, message
from core.plans import title_of

PLACE = "k:"
LIST = "adm:keys:"
LARGEST_BATCH = 50  # keys in one message
TAIL = 6  # characters by which a key is known
USUAL_DAYS = 30


def router() -> Router:
    router = Router(name="admin keys")
    router.callback_query.filter(Staff("admin"))
    router.callback_query.register(list_keys, PressOf(LIST, number))
    router.callback_query.register(show_key, PressOf(f"adm:{PLACE}", number))
    router.callback_query.register(show_key, PressOf(f"{BACK}:{PLACE}", number))
    return router


async def list_keys(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    await show(event, await _keys(LicenseQuery(limit=PAGE, offset=about), who, front))


async def show_key(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    await show(event, _key(await front.services.admin.keys.show(about), who, front))


async def _keys(query: LicenseQuery, who: Person, front: Front) -> Screen:
    t = who.words
    found, total = await front.services.admin.keys.list_page(query)
    rows: Rows = [[button(f"{one.key} · {t(KEYS[one.status])}", f"adm:{PLACE}{one.id}")] for one in found]
    text = t.many(message("🔑 {count} key."), message("🔑 {count} keys."), total)
    return Screen(text, [*rows, turning(LIST, query.offset, PAGE, total), back(who)])


def _key(key: LicenseRow, who: Person, front: Front) -> Screen:
    t = who.words
    days = t.many(message("{count} day left"), message("{count} days left"), round(key.days_left))
    text = t(
        message("🔑 <b>{key}</b> · {status}\n{plan}, {days}\nOwner: {owner}"),
        key=key.key,
        status=t(KEYS[key.status]),
        plan=title_of(front.services.config, key.plan),
        days=days,
        owner=(key.user.username or key.user.name) if key.user else "–",
    )
    return Screen(text, [*_actions(key, who), back(who)])


def _actions(key: LicenseRow, who: Person) -> Rows:
    t = who.words
    if key.status == "revoked":
        return []
    pause = begin(t(message("⏸ Suspend")), "suspend", key.id)
    go_on = begin(t(message("▶️ Resume")), "resume", key.id)
    return [
        [begin(t(message("➕ More days")), "extend", key.id)],
        [go_on if key.status == "suspended" else pause],
        [begin(t(message("♻️ Rotate")), "rotate", key.id), begin(t(message("🗑 Revoke")), "revoke", key.id)],
    ]


# New ones, and finding one


async def _usual_batch(_asked: Asked, who: Person, _front: Front) -> tuple[str, str]:
    label = who.words.many(
        message("🔑 1 key of {count} day"), message("🔑 1 key of {count} days"), USUAL_DAYS
    )
    return label, f"{USUAL_DAYS} 1"


async def _issue(asked: Asked, who: Person, front: Front) -> Screen:
    t = who.words
    first, _, second = asked.said.partition(" ")
    days, wanted = whole(first, "days"), whole(second.strip() or "1", "count")
    if not 1 <= wanted <= LARGEST_BATCH:
        raise Invalid("count: too many for one message", field="count")
    issued = await front.services.admin.keys.issue(None, days, wanted, "", who.act(front))
    keys = Html("\n".join(f"<code>{key}</code>" for key in issued.keys))
    said = t.many(
        message("🔑 {plan}, {count} day each. They are shown this once:\n{keys}"),
        message("🔑 {plan}, {count} days each. They are shown this once:\n{keys}"),
        issued.days,
        plan=title_of(front.services.config, issued.plan),
        keys=keys,
    )
    return Screen(said, [back(who)])


async def _newest(_asked: Asked, who: Person, _front: Front) -> tuple[str, str]:
    return who.words(message("🔑 The newest")), ""


async def _find(asked: Asked, who: Person, front: Front) -> Screen:
    if not asked.said:
        return await _keys(LicenseQuery(limit=PAGE), who, front)
    tail = "".join(letter for letter in asked.said.upper() if letter.isalnum())[-TAIL:]
    found, _ = await front.services.admin.keys.list_page(LicenseQuery(q=tail, limit=1)) if tail else ([], 0)
    if not found:
        raise LicenseNotFound
    return _key(found[0], who, front)


# One key


async def _usual_days(_asked: Asked, who: Person, _front: Front) -> tuple[str, str]:
    label = who.words.many(message("➕ {count} day"), message("➕ {count} days"), USUAL_DAYS)
    return label, str(USUAL_DAYS)


async def _extend(asked: Asked, who: Person, front: Front) -> Screen:
    key_id, days = whole(asked.about, "key"), whole(asked.said, "days")
    return _key(await front.services.admin.keys.extend(key_id, days, who.act(front)), who, front)


async def _resume(asked: Asked, who: Person, front: Front) -> Screen:
    resumed = await front.services.admin.keys.resume(whole(asked.about, "key"), who.act(front))
    return _key(resumed, who, front)


async def _suspend(asked: Asked, who: Person, front: Front) -> Screen:
    suspended = await front.services.admin.keys.suspend(whole(asked.about, "key"), who.act(front))
    return _key(suspended, who, front)


async def _revoke(asked: Asked, who: Person, front: Front) -> Screen:
    revoked = await front.services.admin.keys.revoke(whole(asked.about, "key"), who.act(front))
    return _key(revoked, who, front)


async def _rotate(asked: Asked, who: Person, front: Front) -> Screen:
    made = await front.services.admin.keys.rotate(whole(asked.about, "key"), who.act(front))
    text = message("🔑 The old key is dead. The new one, shown this once:\n<code>{key}</code>")
    return Screen(who.words(text, key=made), [back(who)])


async def _is_suspended(asked: Asked, who: Person, front: Front) -> Html:
    text = message("⏸ Suspend key {key}? Its owner cannot use it until you resume it; its days are kept.")
    return await _sure(text, asked, who, front)


async def _is_revoked(asked: Asked, who: Person, front: Front) -> Html:
    text = message("🗑 Revoke key {key} for good? Its remaining days are gone.")
    return await _sure(text, asked, who, front)


async def _is_rotated(asked: Asked, who: Person, front: Front) -> Html:
    text = message("♻️ Replace key {key} by a new one? The old one stops working, its days stay.")
    return await _sure(text, asked, who, front)


async def _sure(text: str, asked: Asked, who: Person, front: Front) -> Html:
    return who.words(text, key=(await front.services.admin.keys.show(whole(asked.about, "key"))).key)


DEEDS |= {
    "issue": Deed(
        question=message("🔑 Send days and how many keys. For example: <code>30 5</code>"),
        usual=_usual_batch,
        act=_issue,
    ),
    "key": Deed(question=message("🔎 Send the last 6 characters of the key."), usual=_newest, act=_find),
    "extend": Deed(question=message("➕ How many more days?"), usual=_usual_days, act=_extend, place=PLACE),
    "resume": Deed(act=_resume, place=PLACE),
    "suspend": Deed(sure=_is_suspended, act=_suspend, place=PLACE),
    "revoke": Deed(sure=_is_revoked, act=_revoke, place=PLACE),
    "rotate": Deed(sure=_is_rotated, act=_rotate, place=PLACE),
}
