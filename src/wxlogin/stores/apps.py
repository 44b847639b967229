"""Mini programs added at run time, their secrets sealed."""

from typing import Any

import sqlalchemy as sa

from wxlogin.login.policy import App, Registration
from wxlogin.login.ports import AppChange, Told
from wxlogin.login.secret import Secret
from wxlogin.stores import telling
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import from_json, open_secret, seal_secret, to_json
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.statements import Row

COLUMNS = (
    "app_id",
    "secret",
    "kind",
    "registration",
    "phone_conflict",
    "pool",
    "push_token",
    "encoding_aes_key",
    "old_secret",
    "cors_origins",
    "is_disabled",
)


def list_all(tx: Transaction, *, keys: KeyRing) -> list[App]:
    return [_app_from(row, keys=keys) for row in tx.rows(_list)]


def find(tx: Transaction, app_id: str, *, keys: KeyRing) -> App | None:
    row = tx.row(_find, app_id=app_id)
    return None if row is None else _app_from(row, keys=keys)


def add(tx: Transaction, app: App, *, told: Told, keys: KeyRing) -> bool:
    """Whether it was added. Raises `UniqueBroken` where another one was, just now."""
    if tx.row(_find, app_id=app.app_id) is not None:
        return False
    tx.run(_add, **_values(app, keys=keys))
    telling.write(tx, told)
    return True


def change(
    tx: Transaction, app_id: str, change: AppChange, *, told: Told, keys: KeyRing
) -> App | None:
    row = tx.row(_lock, app_id=app_id)
    if row is None:
        return None
    changed = change.apply_to(_app_from(row, keys=keys))
    values = _values(changed, keys=keys)
    tx.run(_change, **{f"new_{name}": values[name] for name in COLUMNS[1:]}, app_id=app_id)
    telling.write(tx, told)
    return changed


def place(column: str, app_id: str) -> tuple[str, ...]:
    return ("app", column, app_id)


def _values(app: App, *, keys: KeyRing) -> dict[str, Any]:
    def sealed(secret: Secret | None, column: str) -> bytes | None:
        return seal_secret(secret, place(column, app.app_id), keys=keys)

    return {
        "app_id": app.app_id,
        "secret": sealed(app.secret, "secret"),
        "kind": app.kind,
        "registration": str(app.registration),
        "phone_conflict": app.phone_conflict,
        "pool": app.pool,
        "push_token": sealed(app.push_token, "push_token"),
        "encoding_aes_key": sealed(app.encoding_aes_key, "encoding_aes_key"),
        "old_secret": sealed(app.old_secret, "old_secret"),
        "cors_origins": to_json(app.cors_origins),
        "is_disabled": app.is_disabled,
    }


def _app_from(row: Row, *, keys: KeyRing) -> App:
    kept = dict(zip(COLUMNS, row, strict=True))

    def opened(column: str) -> Secret | None:
        sealed = kept[column]
        if sealed is None:
            return None
        return open_secret(sealed, place(column, kept["app_id"]), keys=keys)

    return App(
        app_id=kept["app_id"],
        secret=open_secret(kept["secret"], place("secret", kept["app_id"]), keys=keys),
        kind=kept["kind"],
        registration=Registration(kept["registration"]),
        phone_conflict=kept["phone_conflict"],
        pool=kept["pool"],
        push_token=opened("push_token"),
        encoding_aes_key=opened("encoding_aes_key"),
        old_secret=opened("old_secret"),
        cors_origins=tuple(from_json(kept["cors_origins"])),
        is_disabled=kept["is_disabled"],
    )


def _list(t: Tables) -> sa.Select[Any]:
    return sa.select(*(t.app.c[name] for name in COLUMNS)).order_by(t.app.c.app_id)


def _find(t: Tables) -> sa.Select[Any]:
    columns = [t.app.c[name] for name in COLUMNS]
    return sa.select(*columns).where(t.app.c.app_id == sa.bindparam("app_id"))


def _lock(t: Tables) -> sa.Select[Any]:
    return _find(t).with_for_update()


def _add(t: Tables) -> sa.Insert:
    return sa.insert(t.app).values({name: sa.bindparam(name) for name in COLUMNS})


def _change(t: Tables) -> sa.Update:
    return (
        sa.update(t.app)
        .where(t.app.c.app_id == sa.bindparam("app_id"))
        .values({name: sa.bindparam(f"new_{name}") for name in COLUMNS[1:]})
    )
