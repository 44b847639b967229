"""Alembic's scripts. `migrate.py` runs them; there is no env.py, and no alembic.ini."""
