"""Pictures in the database: found by their id, and gone with the account."""

from datetime import UTC, datetime

from wxlogin.stores import avatars
from wxlogin.stores.sqlite import SqliteDatabase

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
JPEG = bytes(range(256)) * 800
"""All bytes there are, as large as a picture becomes."""


async def keep(database: SqliteDatabase, avatar_id: str, account_id: str) -> None:
    await database.write(
        lambda tx: avatars.keep(
            tx,
            avatar_id,
            account_id=account_id,
            content=JPEG,
            media_type="image/jpeg",
            at=AT,
        )
    )


async def found(database: SqliteDatabase, avatar_id: str) -> tuple[bytes, str] | None:
    return await database.read(lambda tx: avatars.find(tx, avatar_id))


async def test_what_was_kept_is_found_until_it_is_dropped(database: SqliteDatabase) -> None:
    assert await found(database, "one") is None
    await keep(database, "one", "a")
    await keep(database, "two", "a")
    assert await found(database, "one") == (JPEG, "image/jpeg")
    await database.write(lambda tx: avatars.drop(tx, "one"))
    await database.write(lambda tx: avatars.drop(tx, "one"))
    assert await found(database, "one") is None
    assert await found(database, "two") is not None


async def test_an_id_is_another_id_in_other_case(database: SqliteDatabase) -> None:
    await keep(database, "aBc", "a")
    assert await found(database, "abc") is None


async def test_an_account_takes_all_its_pictures_along_and_no_other(
    database: SqliteDatabase,
) -> None:
    for avatar_id, account_id in (("one", "a"), ("two", "a"), ("three", "b")):
        await keep(database, avatar_id, account_id)
    assert await database.write(lambda tx: avatars.drop_all(tx, "a")) == 2
    assert await database.write(lambda tx: avatars.drop_all(tx, "a")) == 0
    assert [await found(database, one) is None for one in ("one", "two", "three")] == [
        True,
        True,
        False,
    ]


async def test_a_second_picture_under_one_id_changes_nothing(database: SqliteDatabase) -> None:
    await keep(database, "one", "a")
    await keep(database, "one", "b")
    assert await database.write(lambda tx: avatars.drop_all(tx, "b")) == 0
