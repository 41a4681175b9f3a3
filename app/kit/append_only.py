"""Tables that only grow: the database itself refuses to change or remove their rows.

A revision that rebuilds such a table (batch mode on SQLite) loses its triggers and must run these statements again.
"""

from sqlalchemy import DDL, ExecutableDDLElement, Table, event

DIALECTS = ("sqlite", "postgresql")
_REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'restrict_violation';
END $$
""".strip()


def append_only_statements(table: str, dialect: str) -> tuple[str, ...]:
    """Return the statements that make a table append-only on one dialect."""
    if dialect == "sqlite":
        return tuple(
            f"CREATE TRIGGER {table}_refuses_{act} BEFORE {act.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for act in ("update", "delete")
        )
    return (
        _REFUSE,
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    )


def keep_append_only(table: Table) -> None:
    """Attach the triggers wherever this table is created from its model."""
    for dialect in DIALECTS:
        for statement in append_only_statements(table.name, dialect):
            trigger: ExecutableDDLElement = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
            event.listen(table, "after_create", trigger.execute_if(dialect=dialect))
