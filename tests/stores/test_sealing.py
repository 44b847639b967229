"""What lies in the file: no secret in the clear, nothing that opens elsewhere, keys that rotate."""

import base64
import logging
import os
import pickle
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql

from wxlogin.login import errors
from wxlogin.login.accounts import Phone, SessionKey
from wxlogin.login.operator_sessions import Operator, Role
from wxlogin.login.policy import App
from wxlogin.login.ports import AccessToken, OperatorCredential
from wxlogin.login.secret import Secret
from wxlogin.stores import resealing
from wxlogin.stores.columns import digest, picture, sealed
from wxlogin.stores.resealing import SEALED
from wxlogin.stores.schema import tables
from wxlogin.stores.sealing import Key, KeyRing, SealBroken, key_id_of, lookup_hash
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores.samples import (
    DAY,
    MINUTE,
    NOW,
    get_credential,
    log_in,
    new_account,
    new_application,
    new_id,
    new_ticket,
)

OLD, NEW = Key("2025", b"o" * 32), Key("2026", b"n" * 32)
PLACE = ("table", "column", "row")
CANARIES = {
    name: f"canary-{name}-{os.urandom(6).hex()}"
    for name in (
        *("first", "second", "secret", "push", "aes", "old", "ticket", "access", "shared"),
        *("password", "contact", "operator", "totp"),
    )
}
PHONE = Phone("86", "13877665544", NOW)
ACCOUNT_ID = "00000000-0000-7000-8000-000000000001"


def key_of(name: str, sequence: int) -> SessionKey:
    return SessionKey(Secret(CANARIES[name]), sequence, NOW)


async def fill(store: SqlStore) -> None:
    """At least one value in every sealed column."""
    await log_in(
        store,
        "o-1",
        session_key=key_of("first", 1),
        phone=PHONE,
        registration=new_account(id=ACCOUNT_ID, password_hash=Secret(CANARIES["password"])),
        application=new_application(contact_name=CANARIES["contact"]),
    )
    await log_in(store, "o-1", session_key=key_of("second", 2))
    app = App("wx-a", Secret(CANARIES["secret"]))
    secrets = {
        "push_token": Secret(CANARIES["push"]),
        "encoding_aes_key": Secret(CANARIES["aes"]),
        "old_secret": Secret(CANARIES["old"]),
    }
    await store.add_app(replace(app, **secrets))
    await store.keep_ticket(new_ticket(session_key=key_of("ticket", 3), phone=PHONE))
    await store.keep_access_token("wx-a", AccessToken(Secret(CANARIES["access"]), NOW + DAY, 1))
    await store.secret_key("shared", CANARIES["shared"].encode())
    credential = OperatorCredential(
        Operator(new_id(), "an operator", Role.ADMIN, NOW),
        password_hash=Secret(CANARIES["operator"]),
        totp_secret=Secret(CANARIES["totp"]),
    )
    await store.add_operator(credential, name_key="operator")


async def open_with(path: Path, *keys: Key) -> SqlStore:
    store = SqlStore(SqliteDatabase(path), KeyRing(keys))
    await store.open()
    return store


@given(plaintext=st.binary(max_size=200), place=st.lists(st.text(), min_size=2).map(tuple))
def test_what_was_sealed_opens_at_its_place(plaintext: bytes, place: tuple[str, ...]) -> None:
    keys = KeyRing([NEW])
    sealed = keys.seal(plaintext, place)
    assert keys.open(sealed, place) == plaintext
    assert keys.seal(plaintext, place) != sealed


@pytest.mark.parametrize(
    "place",
    [
        ("table", "column", "other"),
        ("table", "other", "row"),
        ("other", "column", "row"),
        ("table", "columnrow", ""),
        ("table", "column", "ro", "w"),
        ("table", "column"),
    ],
)
def test_what_was_sealed_opens_nowhere_else(place: tuple[str, ...]) -> None:
    keys = KeyRing([NEW])
    with pytest.raises(SealBroken):
        keys.open(keys.seal(b"value", PLACE), place)


def test_a_change_of_any_byte_is_refused() -> None:
    keys = KeyRing([NEW])
    sealed = keys.seal(b"value", PLACE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            keys.open(bytes(changed), PLACE)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            keys.open(sealed[:length], PLACE)


def test_older_keys_open_and_the_newest_seals() -> None:
    sealed = KeyRing([OLD]).seal(b"value", PLACE)
    both = KeyRing([NEW, OLD])
    assert both.open(sealed, PLACE) == b"value"
    assert key_id_of(both.seal(b"value", PLACE)) == "2026"
    with pytest.raises(SealBroken) as broken:
        KeyRing([NEW]).open(sealed, PLACE)
    assert broken.value.key_id == "2025"
    assert "value" not in str(broken.value)


def test_a_ring_is_parsed_and_shows_no_key() -> None:
    encoded = base64.b64encode(b"n" * 32).decode()
    ring = KeyRing.parse(f"2026:{encoded}, 2025:{base64.b64encode(b'o' * 32).decode()}")
    assert ring.newest == "2026"
    assert ring.open(KeyRing([OLD]).seal(b"value", PLACE), PLACE) == b"value"
    assert repr(ring) == "KeyRing(2026, 2025)"
    assert "nnn" not in repr(NEW)
    with pytest.raises(TypeError):
        pickle.dumps(ring)


@pytest.mark.parametrize(
    "text",
    ["", "no-colon", "a:not base64!", "a:QUJD", f"{'x' * 17}:{'A' * 43}=", f":{'A' * 43}="],
)
def test_a_ring_that_cannot_be_is_refused_without_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="key") as refusal:
        KeyRing.parse(text)
    assert "QUJD" not in str(refusal.value)


def test_two_keys_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="one id"):
        KeyRing([NEW, Key("2026", b"x" * 32)])


def test_phones_are_looked_up_under_a_keyed_hash() -> None:
    assert lookup_hash("+8613877665544", b"a") != lookup_hash("+8613877665544", b"b")


def bytes_of(*files: Path) -> bytes:
    return b"".join(each.read_bytes() for each in files)


async def test_no_secret_lies_in_the_file_in_the_clear(path: Path) -> None:
    store = await open_with(path, NEW)
    await fill(store)
    await store.take("phone:+8613877665544", limit=3, window=MINUTE, now=NOW)
    bytes_kept = bytes_of(path, Path(f"{path}-wal"))
    await store.close()
    bytes_kept += bytes_of(path)
    assert b"o-1" in bytes_kept  # the search does find what is there
    spellings = [*CANARIES.values(), "13877665544", "77665544", "445566778", "canary"]
    for text in spellings:
        for form in (text.encode(), text.encode().hex().encode(), base64.b64encode(text.encode())):
            assert form not in bytes_kept


async def test_every_sealed_column_is_known_to_key_rotation(path: Path) -> None:
    """A column that rotation forgot would be lost with its old key."""
    form = form_of(sealed())
    assert form not in (form_of(digest()), form_of(picture()))
    found = {
        (table.name.removeprefix("wxlogin_"), column.name)
        for table in tables().metadata.tables.values()
        for column in table.columns
        if form_of(column.type) == form
    }
    assert found == {(each.table, each.column) for each in SEALED}


def form_of(column_type: Any) -> str:
    """How the type lies in MySQL, where each kind of bytes has a form of its own."""
    return str(column_type.compile(dialect=mysql.dialect()))


async def test_rotation_moves_a_value_of_every_sealed_column(path: Path) -> None:
    store = await open_with(path, OLD)
    await fill(store)
    for column in SEALED:
        rows = await store._database.read(lambda tx, c=column: tx.rows(resealing._COUNTS[c]))
        assert rows, (column.table, column.column)
    await store.close()


async def test_keys_rotate_until_the_old_one_is_proven_unused(path: Path) -> None:
    store = await open_with(path, OLD)
    await fill(store)
    assert await store.sealed_under() == {"2025": len(SEALED) + 1}  # a pepper beside the key
    await store.close()

    store = await open_with(path, NEW, OLD)
    assert (await store.find_account(phone=PHONE.e164)) is not None
    rounds = []
    while done := await store.reseal(4):
        rounds.append(done)
    assert sum(rounds) == len(SEALED) + 1
    assert max(rounds) == 4
    assert await store.sealed_under() == {"2026": len(SEALED) + 1}
    await store.close()

    store = await open_with(path, NEW)
    account = await store.find_account(phone=PHONE.e164)
    assert account is not None
    assert account.phone == PHONE
    credential = await get_credential(store, account.id)
    assert credential.password_hash == Secret(CANARIES["password"])
    keys = await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=NOW - DAY)
    assert keys is not None
    assert (keys.current, keys.previous) == (key_of("second", 2), key_of("first", 1))
    app = await store.find_app("wx-a")
    assert app is not None
    assert app.push_token == Secret(CANARIES["push"])
    assert app.old_secret == Secret(CANARIES["old"])
    token = await store.find_access_token("wx-a")
    assert token is not None
    assert token.value == Secret(CANARIES["access"])
    assert await store.secret_key("shared", b"other") == CANARIES["shared"].encode()
    operator = await store.find_operator_credential("operator")
    assert operator is not None
    assert operator.totp_secret == Secret(CANARIES["totp"])
    await store.close()


async def test_a_missing_key_is_named_in_the_log_and_nobody_is_let_in(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await open_with(path, OLD)
    await fill(store)
    await store.close()
    store = await open_with(path, NEW)
    with caplog.at_level(logging.ERROR), pytest.raises(errors.StoreUnavailable):
        await store.find_app("wx-a")
    assert "'2025'" in caplog.text
    assert "canary" not in caplog.text
    await store.close()


def tamper(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE wxlogin_identity SET session_key = (SELECT session_key FROM wxlogin_identity"
        " WHERE openid = 'o-2') WHERE openid = 'o-1'",
        "UPDATE wxlogin_identity SET session_key = previous_key WHERE openid = 'o-1'",
        "UPDATE wxlogin_identity SET session_key = substr(session_key, 1, 40)",
        "UPDATE wxlogin_identity SET session_key = x'00'",
    ],
)
async def test_a_moved_or_changed_session_key_is_refused(path: Path, statement: str) -> None:
    store = await open_with(path, NEW)
    await log_in(store, "o-1", session_key=key_of("first", 1))
    await log_in(store, "o-1", session_key=key_of("second", 2))
    await log_in(store, "o-2", session_key=key_of("first", 1))
    tamper(path, statement)
    with pytest.raises(errors.StoreUnavailable):
        await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=NOW - DAY)
    await store.close()


async def test_a_value_written_during_a_rotation_stays_as_it_was_written(path: Path) -> None:
    store = await open_with(path, OLD)
    await fill(store)
    await store.close()
    store = await open_with(path, NEW, OLD)
    database: Any = store._database
    read = database.read

    async def read_then_overtaken(unit: Any, *, long: bool = False) -> Any:
        found = await read(unit, long=long)
        await store.replace_session_key(app_id="wx-a", openid="o-1", key=key_of("ticket", 9))
        return found

    database.read = read_then_overtaken
    await store.reseal(100)
    database.read = read
    keys = await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=NOW - DAY)
    assert keys is not None
    assert keys.current == key_of("ticket", 9)
    assert keys.previous == key_of("second", 2)
    await store.close()
