"""append only: the database refuses to change the trail and the entries of deals

Revision ID: 0002append
Revises: 0001first
"""

from alembic import op

revision = "0002append"
down_revision = "0001first"
branch_labels = None
depends_on = None

TABLES = ("audit_entry", "deal_entry")
FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.get_bind().exec_driver_sql(FUNCTION)
    for table in TABLES:
        for statement in _on_sqlite(table) if dialect == "sqlite" else _on_postgresql(table):
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table in TABLES:
        names = ("update", "delete") if dialect == "sqlite" else ("change", "truncate")
        for name in names:
            on = "" if dialect == "sqlite" else f" ON {table}"
            op.get_bind().exec_driver_sql(f"DROP TRIGGER {table}_refuses_{name}{on}")
    if dialect == "postgresql":
        op.get_bind().exec_driver_sql("DROP FUNCTION refuse_change()")


def _on_sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_refuses_{act} BEFORE {act.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for act in ("update", "delete")
    ]


def _on_postgresql(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
