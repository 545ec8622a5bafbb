"""Deleting an account: what goes, what stays, and what stands in the way."""

import pytest

from storage.models import Base
from storage.repositories import leaving


def test_every_table_that_names_an_account_is_either_erased_or_kept():
    named = {table.name for table in Base.metadata.tables.values() if leaving.owners(table)}
    erased = {kind.__tablename__ for kind in leaving.ERASED}

    assert erased | leaving.KEPT == named
    assert erased & leaving.KEPT == set()


def test_no_hash_or_key_of_a_secret_is_exported():
    columns = {column.name for table in Base.metadata.tables.values() for column in table.c}
    secret = {name for name in columns if name.endswith(("_hash", "_mac")) or name in ("jti", "hash")}

    assert secret <= leaving._SECRETS | {"body_hash"}


@pytest.mark.parametrize("name", ["users", "live_viewers", "ticket_messages", "order_progress"])
def test_what_belongs_to_an_account_without_saying_so_is_exported_too(name):
    assert leaving._of(Base.metadata.tables[name], 1) is not None
