import asyncio

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type

from core.errors import Invalid, Unavailable
from core.passwords import MAX_WAITING, Passwords, check_length, check_new_password


async def test_the_right_password_is_recognised(passwords: Passwords):
    hashed = await passwords.hash("открой дверь 🚪")

    assert await passwords.verify(hashed, "открой дверь 🚪")
    assert not await passwords.verify(hashed, "открой дверь")


async def test_nobody_has_no_password(passwords: Passwords):
    assert not await passwords.verify(None, "nobody's password")
    assert not await passwords.verify("", "nobody's password")


async def test_a_damaged_hash_lets_nobody_in(passwords: Passwords):
    assert not await passwords.verify("$argon2id$v=19$broken", "anything")


async def test_hashes_are_made_with_19_mib_in_two_passes():
    made = Passwords()

    hashed = await made.hash("SecurePass123!")
    made.close()

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_an_older_hash_is_to_be_made_anew(passwords: Passwords):
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1, type=Type.I).hash("SecurePass123!")

    assert passwords.needs_rehash(old)
    assert not passwords.needs_rehash(await passwords.hash("SecurePass123!"))


async def test_a_full_queue_sends_people_away(passwords: Passwords):
    asked = [passwords.hash(f"password {number}") for number in range(MAX_WAITING + 3)]

    answers = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(one) for one in answers[MAX_WAITING:]] == [Unavailable] * 3
    assert all(isinstance(one, str) for one in answers[:MAX_WAITING])


async def test_the_queue_is_free_again_afterwards(passwords: Passwords):
    await asyncio.gather(*[passwords.hash("x") for _ in range(MAX_WAITING)])

    assert await passwords.hash("x")


@pytest.mark.parametrize("password", ["", "12345", "x" * 129])
def test_new_passwords_have_6_to_128_characters(password: str):
    with pytest.raises(Invalid) as refused:
        check_new_password(password, "new_password")

    assert refused.value.details["field"] == "new_password"


def test_six_characters_are_enough():
    check_new_password("secret")
    check_length("")
