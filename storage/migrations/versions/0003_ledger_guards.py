"""ledger guards: the database itself keeps balances and the chain, and refuses to change what was written"""

from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

# table, action, condition (none: always), words
FORBIDDEN = (
    ("ledger_entries", "UPDATE", "", "ledger entries are never changed"),
    ("ledger_entries", "DELETE", "", "ledger entries are never deleted"),
    ("ledger_holds", "INSERT", "NEW.status <> 'open' OR NEW.captured <> 0", "a hold begins open"),
    ("ledger_holds", "UPDATE", "OLD.status <> 'open'", "a hold is resolved once"),
    ("ledger_holds", "UPDATE OF id, user_id, amount, key, subject, created_at", "", "a hold stays what it is"),
    ("ledger_holds", "DELETE", "", "holds are never deleted"),
    ("ledger_accounts", "INSERT", "NEW.balance <> 0", "a ledger account begins empty"),
    ("ledger_accounts", "UPDATE OF id, user_id, kind", "", "a ledger account stays whose it is"),
    ("ledger_accounts", "DELETE", "", "ledger accounts are never deleted"),
)

# INSERT OR REPLACE deletes what is in its way, and SQLite fires no DELETE trigger for that.
REPLACED = (
    (
        "ledger_entries",
        "id = NEW.id OR key = NEW.key OR prev_hash = NEW.prev_hash OR hash = NEW.hash",
        "ledger entries are never replaced",
    ),
    ("ledger_holds", "id = NEW.id OR key = NEW.key", "holds are never replaced"),
    (
        "ledger_accounts",
        "id = NEW.id OR (kind = NEW.kind AND user_id IS NEW.user_id)",
        "ledger accounts are never replaced",
    ),
)

HEAD = f"COALESCE((SELECT hash FROM ledger_entries ORDER BY id DESC LIMIT 1), '{'0' * 64}')"
UNCHAINED = "a ledger entry follows the last one"

SQLITE_BALANCES = """
CREATE TRIGGER ledger_entries_balances AFTER INSERT ON ledger_entries BEGIN
    UPDATE ledger_accounts SET balance = balance - NEW.amount WHERE id = NEW.debit_id;
    UPDATE ledger_accounts SET balance = balance + NEW.amount WHERE id = NEW.credit_id;
END
"""

SQLITE_CHAIN = f"""
CREATE TRIGGER ledger_entries_chain BEFORE INSERT ON ledger_entries WHEN NEW.prev_hash <> {HEAD}
BEGIN SELECT RAISE(ABORT, '{UNCHAINED}'); END
"""

POSTGRES_BALANCES = """
CREATE FUNCTION ledger_entries_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_accounts SET balance = balance - NEW.amount WHERE id = NEW.debit_id;
    UPDATE ledger_accounts SET balance = balance + NEW.amount WHERE id = NEW.credit_id;
    RETURN NULL;
END $$
"""

POSTGRES_CHAIN = f"""
CREATE FUNCTION ledger_entries_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.prev_hash <> {HEAD} THEN RAISE EXCEPTION '{UNCHAINED}'; END IF;
    RETURN NEW;
END $$
"""

POSTGRES_REFUSE = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgres()
    else:
        _guard_sqlite()


def _guard_postgres() -> None:
    for function in (POSTGRES_BALANCES, POSTGRES_CHAIN, POSTGRES_REFUSE):
        op.execute(function)
    for moment, name in (("AFTER", "balances"), ("BEFORE", "chain")):
        op.execute(
            f"CREATE TRIGGER ledger_entries_{name} {moment} INSERT ON ledger_entries"
            f" FOR EACH ROW EXECUTE FUNCTION ledger_entries_{name}()"
        )
    for number, (table, action, condition, words) in enumerate(FORBIDDEN):
        when = f"WHEN ({condition}) " if condition else ""
        op.execute(
            f"CREATE TRIGGER {table}_guard_{number} BEFORE {action} ON {table}"
            f" FOR EACH ROW {when}EXECUTE FUNCTION ledger_refuse('{words}')"
        )
    for table in ("ledger_entries", "ledger_holds", "ledger_accounts"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('the ledger is never emptied')"
        )


def _guard_sqlite() -> None:
    op.execute(SQLITE_BALANCES)
    op.execute(SQLITE_CHAIN)
    for number, (table, action, condition, words) in enumerate(FORBIDDEN):
        when = f"WHEN {condition} " if condition else ""
        op.execute(
            f"CREATE TRIGGER {table}_guard_{number} BEFORE {action} ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
    for table, same, words in REPLACED:
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
            f" BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )


def downgrade() -> None:
    is_postgres = op.get_bind().dialect.name == "postgresql"
    names = [(f"{table}_guard_{number}", table) for number, (table, *_) in enumerate(FORBIDDEN)]
    names += [(f"ledger_entries_{name}", "ledger_entries") for name in ("balances", "chain")]
    names += [(f"{table}_no_{'truncate' if is_postgres else 'replace'}", table) for table, *_ in REPLACED]
    for name, table in names:
        op.execute(f"DROP TRIGGER {name} ON {table}" if is_postgres else f"DROP TRIGGER {name}")
    if is_postgres:
        for function in ("ledger_refuse", "ledger_entries_balances", "ledger_entries_chain"):
            op.execute(f"DROP FUNCTION {function}")
