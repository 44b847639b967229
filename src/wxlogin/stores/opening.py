"""From a URL to a store."""

from pathlib import Path

import sqlalchemy as sa

from wxlogin.login.ports import Store
from wxlogin.stores.schema import PREFIX
from wxlogin.stores.sealing import KeyRing

_LATER = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MySQL"}


class UnsupportedDatabase(ValueError):
    """No store of this version speaks to such a database."""


def open_store(
    url: str,
    *,
    keyring: KeyRing | None = None,
    prefix: str = PREFIX,
    auto_migrate: bool = True,
) -> Store:
    """The store at `url`, not opened yet: `await store.open()` makes it ready.

    `sqlite:///relative.db`, `sqlite:////absolute.db`, `sqlite://` for a private one that
    goes when it is closed. Without a `keyring` one for development is kept in
    the database itself. `auto_migrate`: tables may be made. A URL of an SQLAlchemy engine with
    a driver in it does too. Raises `UnsupportedDatabase`.
    """
    check_url(url)
    from wxlogin.stores.sql import SqlStore
    from wxlogin.stores.sqlite import SqliteDatabase

    path = None if is_in_memory(url) else Path(str(_parse(url).database))
    return SqlStore(SqliteDatabase(path, prefix=prefix, auto_migrate=auto_migrate), keyring)


def check_url(url: str) -> None:
    """Return if there is a store for `url`, else raise `UnsupportedDatabase`."""
    parsed = _parse(url)
    backend = parsed.get_backend_name()
    if backend in _LATER:
        raise UnsupportedDatabase(
            f"{_LATER[backend]} comes with a later version; use sqlite:///wxlogin.db until then"
        )
    if backend != "sqlite":
        raise UnsupportedDatabase(f"no store for {backend}://; use sqlite:///wxlogin.db")
    if parsed.query:
        raise UnsupportedDatabase("options in a sqlite URL are not supported")


def is_in_memory(url: str) -> bool:
    """Whether all of it is gone when the process is."""
    return _parse(url).database in (None, "", ":memory:")


def _parse(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except sa.exc.ArgumentError:
        # From None: the text of the cause repeats the URL, password and all.
        raise UnsupportedDatabase("a database URL looks like sqlite:///wxlogin.db") from None
