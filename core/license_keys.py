"""License keys: how they are made, read and hashed.

The last letter checks the other eleven. Letters stand for elements of GF(32); the check is the sum of each
letter times 2**place, the check letter itself at place 0. Places differ, so a wrong letter changes the sum,
and so does a swap of two neighbours: (2**i + 2**(i+1)) * (a + b) is zero only where a equals b.
"""

import hashlib
import hmac
import secrets

from core.errors import InvalidLicenseKey

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
PREFIX = "TTB"
RANDOM_LETTERS = 11
TAIL = 6

_LOOKALIKES = str.maketrans("OIL", "011")
_IGNORED = str.maketrans("", "", " -\t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014\u2212")
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive


def make() -> str:
    """A new key, `TTB-XXXX-XXXX-XXXX`: 55 random bits and the check letter."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LETTERS))
    return _spell(letters + _check_letter(letters))


def derive(seed: str, number: int, pepper: bytes) -> str:
    """The same for the same `seed` and `number`; without the pepper nobody can work it out."""
    told = hmac.digest(pepper, f"derived key {number}: {seed}".encode(), hashlib.sha256)
    letters = "".join(ALPHABET[byte % len(ALPHABET)] for byte in told[:RANDOM_LETTERS])
    return _spell(letters + _check_letter(letters))


def normalise(text: str) -> str:
    """The key as it was printed, from however it was typed. Raises `InvalidLicenseKey`."""
    letters = _letters(text)
    if len(letters) != RANDOM_LETTERS + 1 or not set(letters) <= set(ALPHABET):
        raise InvalidLicenseKey
    if _check_letter(letters[:-1]) != letters[-1]:
        raise InvalidLicenseKey
    return _spell(letters)


def normalise_tail(text: str) -> str | None:
    """The last six letters as they were typed; None where that is not what `text` is."""
    letters = text.upper().translate(_IGNORED).translate(_LOOKALIKES)
    return letters if len(letters) == TAIL and set(letters) <= set(ALPHABET) else None


def mac(key: str, pepper: bytes) -> str:
    """What is stored of a normalised key: without the pepper it cannot be guessed back."""
    return hmac.new(pepper, key.encode(), hashlib.sha256).hexdigest()


def tail(key: str) -> str:
    """What may be shown."""
    return key.replace("-", "")[-TAIL:]


def _letters(text: str) -> str:
    """The twelve without prefix; without it a key may start with the prefix's own letters."""
    if len(text) > 64:
        raise InvalidLicenseKey
    letters = text.upper().translate(_IGNORED)
    if len(letters) == len(PREFIX) + RANDOM_LETTERS + 1:
        letters = letters.removeprefix(PREFIX)
    return letters.translate(_LOOKALIKES)


def _spell(letters: str) -> str:
    return "-".join((PREFIX, letters[:4], letters[4:8], letters[8:]))


def _check_letter(letters: str) -> str:
    total = 0
    for letter in letters:
        total = _double(total ^ ALPHABET.index(letter))
    return ALPHABET[total]


def _double(element: int) -> int:
    shifted = element << 1
    return shifted ^ _POLYNOMIAL if shifted & 0b100000 else shifted
