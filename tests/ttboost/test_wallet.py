"""`ttboost wallet …` as somebody types it."""

import sqlite3
from pathlib import Path

import pytest


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ttboost.db"


def test_money_is_given_and_taken(ttboost):
    given = ttboost("wallet", "credit", "tg:77", "12.5", "--reason", "welcome")
    taken = ttboost("wallet", "debit", "tg:77", "2,30", "--reason", "too much")

    assert given == (0, "tg:77: 12.50 USD available, 0.00 USD set aside", "")
    assert taken == (0, "tg:77: 10.20 USD available, 0.00 USD set aside", "")


def test_each_call_is_a_movement_of_its_own(ttboost):
    ttboost("wallet", "credit", "tg:77", "5", "--reason", "welcome")

    assert ttboost("wallet", "credit", "tg:77", "5", "--reason", "welcome")[1].startswith("tg:77: 10.00 USD")


def test_it_stands_in_the_audit_log(ttboost):
    ttboost("wallet", "credit", "tg:77", "5", "--reason", "welcome")

    assert "cli wallet.credit amount=500 reason=welcome" in ttboost("user", "show", "tg:77")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["debit", "tg:77", "5", "--reason", "x"], "not enough money on the balance"),
        (["credit", "nobody", "5", "--reason", "x"], "user not found"),
        (["credit", "tg:77", "0", "--reason", "x"], "amount: out of range"),
        (["credit", "tg:77", "1.234", "--reason", "x"], "amount: at most two decimals"),
        (["credit", "tg:77", "lots", "--reason", "x"], "amount: a number above zero"),
        (["credit", "tg:77", "5", "--reason", " "], "reason: say why"),
        (["credit", "tg:x", "5", "--reason", "x"], "user: a username, or tg:"),
    ],
)
def test_a_refusal_is_one_line_and_moves_nothing(ttboost, arguments: list[str], words: str):
    code, out, err = ttboost("wallet", *arguments)

    assert (code, out) == (1, "")
    assert err.startswith(f"error: {words}")
    assert "\n" not in err
    assert ttboost("wallet", "verify")[1].partition("\n")[0] == "0 entries, 0 accounts: the ledger holds"
    assert ttboost("user", "list")[1].count("\n") == 0


def test_verify_counts_what_holds_and_says_where_it_ends(ttboost, database: Path):
    ttboost("wallet", "credit", "tg:77", "5", "--reason", "welcome")

    with sqlite3.connect(database) as connection:
        [[last]] = connection.execute("SELECT hash FROM ledger_entries")
    connection.close()
    told = f"1 entries, 2 accounts: the ledger holds\nhead {last}"
    assert ttboost("wallet", "verify") == (0, told, "")


def test_verify_prints_what_is_broken_and_exits_with_1(ttboost, database: Path):
    ttboost("wallet", "credit", "tg:77", "5", "--reason", "welcome")
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE ledger_accounts SET balance = 600 WHERE kind = 'wallet'")
    connection.close()

    assert ttboost("wallet", "verify") == (
        1,
        "account 2: says 600, its entries sum to 500\nledger: all accounts together hold 100, not 0",
        "error: 1 entries, 2 accounts: 2 broken",
    )


def test_verify_remembers_how_far_it_came(ttboost, database: Path):
    ttboost("wallet", "credit", "tg:77", "5", "--reason", "welcome")
    ttboost("wallet", "verify")
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER ledger_entries_guard_1")
        connection.execute("DELETE FROM ledger_entries")
        connection.execute("UPDATE ledger_accounts SET balance = 0")
    connection.close()

    assert ttboost("wallet", "verify")[:2] == (1, "ledger: 0 entries, 1 were verified before")
