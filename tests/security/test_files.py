"""Files that come in and go out: small ones that grow, names that lead elsewhere, text that never ends."""

import io
import zipfile

import pytest
from aiohttp import FormData
from sqlalchemy import update

from storage.models import Sound
from tests.webapp.audio import beep

HOUR = 3_600
FRAME = bytes.fromhex("ffe318c0") + bytes(68)  # MPEG 2.5, layer III, 8 kbit/s, 8 kHz: 72 ms of nothing
NAMES = [
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\x.mp3",
    ".ssh",
    "a\r\nb.mp3",
    "\u202egpj.mp3",
    "x" * 196 + ".mp3",
    "CON",
    " ",
]


async def test_hours_in_a_small_file_are_refused_unheard(client, mallory):
    frames = int(2 * HOUR / 0.072)
    form = FormData()
    form.add_field("file", io.BytesIO(FRAME * frames), filename="night.mp3")

    async with client.post("/v2/sounds/upload", data=form, headers=mallory["/v2"]) as response:
        told = await response.json()

    assert len(FRAME) * frames < 10_000_000
    assert (response.status, told["code"]) == (400, "unsupported_sound")
    assert "longer than 30 seconds" in str(told)


@pytest.mark.parametrize("name", NAMES)
async def test_no_name_leads_out_of_the_archive(name, client, services, mallory):
    form = FormData()
    form.add_field("file", beep(), filename="own.wav")
    async with client.post("/v2/sounds/upload", data=form, headers=mallory["/v2"]) as response:
        assert response.status == 200
    async with services.db.begin() as uow:  # however it came there
        await uow.accounts._session.execute(update(Sound).values(filename=name))

    async with client.get("/api/account/export", headers=mallory["/api"]) as response:
        assert response.status == 200
        archive = zipfile.ZipFile(io.BytesIO(await response.read()))

    [sound] = [one for one in archive.namelist() if one != "data.json"]
    folder, _, file = sound.partition("/")
    assert folder == "sounds"
    assert file
    assert not set(file) & set('/\\:*?"<>|\r\n\0\u202e')
    assert not file.startswith(".")


ENDLESS = {
    "lists": "[" * 200_000,
    "objects": '{"a":' * 90_000,
    "very many": "[" + '{"x":1},' * 50_000,
    "half a character": '"\\ud800"',
    "beyond numbers": "[1e999]",
    "a number too long": "[" + "9" * 400_000 + "]",
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
async def test_a_file_of_triggers_that_never_ends_is_refused(text, client, mallory):
    async with client.post("/api/triggers/import", json={"text": text}, headers=mallory["/api"]) as response:
        assert response.status in (400, 413), await response.text()
