"""Database schema: the chassis's own revisions, and how a service's revisions are run beside them (Alembic)."""
