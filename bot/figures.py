"""Numbers as people write them: thousands apart by language. Money keeps its point and its two decimals."""

from core.i18n import Words

_GAPS = {"en": ","}
_GAP = "\N{NO-BREAK SPACE}"  # what both Russian and Spanish put there
CENTS = 100


def count(number: int, words: Words) -> str:
    return f"{number:,}".replace(",", _GAPS.get(words.language, _GAP))


def money(amount: int, currency: str, words: Words) -> str:
    """`1,234.50 USD` of minor units, also below zero."""
    sign, rest = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}{count(rest // CENTS, words)}.{rest % CENTS:02} {currency}"
