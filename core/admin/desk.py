"""The five things an admin sits at."""

from dataclasses import dataclass

from core.admin.books import Books
from core.admin.keys import Keys
from core.admin.people import People
from core.admin.trade import Trade
from core.admin.watching import Watching


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    people: People
    keys: Keys
    books: Books
    trade: Trade
    watching: Watching
