"""The lines of the audit log: kept as they were written, sealed once, dropped from the front."""

import asyncio

from wxlogin.login.ports import HOST, AuditHead, AuditLine, AuditQuery, Point, Store
from wxlogin.testing.stores.samples import NOW, SECOND, log_in
from wxlogin.testing.stores.suite import Suite


def head(position: int, *, base: int = 0, mac: int = 1) -> AuditHead:
    return AuditHead(_point(position), _point(base), bytes([mac]) * 32)


def _point(position: int) -> Point:
    return Point(position, position.to_bytes(32, "big"))


async def _write(store: Store, count: int) -> None:
    for number in range(count):
        await store.add_audit(AuditLine(NOW + number * SECOND, "sessions_ended", HOST))


async def _seal(store: Store, *, head: AuditHead, before: AuditHead | None) -> bool:
    lines = await store.list_unsealed(limit=100)
    start = before.end.position if before else 0
    places = [(line.id, _point(start + n)) for n, line in enumerate(lines, 1)]
    return await store.keep_sealed(places, head=head, before=before)


class AuditLines(Suite):
    async def test_a_line_is_kept_word_for_word(self, store: Store) -> None:
        line = AuditLine(NOW, "kind_a", HOST, None, "wx-a", "a reason: 原因", {"n": 1, "t": "文"})
        await store.add_audit(line)
        (kept,) = await store.search_audit(AuditQuery(), limit=9)
        assert (kept.at, kept.kind, kept.actor_kind) == (NOW, "kind_a", "host")
        assert (kept.subject, kept.account_id, kept.app_id) == (None, None, "wx-a")
        assert (kept.reason, kept.data) == ("a reason: 原因", '{"n":1,"t":"文"}')
        assert (kept.position, kept.link) == (None, None)

    async def test_lines_are_found_newest_first_and_a_page_at_a_time(self, store: Store) -> None:
        await _write(store, 5)
        first = await store.search_audit(AuditQuery(), limit=3)
        rest = await store.search_audit(AuditQuery(before=first[-1].id), limit=3)
        assert [line.at for line in (*first, *rest)] == [
            NOW + number * SECOND for number in (4, 3, 2, 1, 0)
        ]

    async def test_lines_are_found_by_each_of_their_fields(self, store: Store) -> None:
        session = await log_in(store)
        account_id = session.account_id
        await _write(store, 3)
        await store.add_audit(AuditLine(NOW - SECOND, "kind_b", HOST, account_id))
        for query in (
            AuditQuery(kind="kind_b"),
            AuditQuery(account_id=account_id),
            AuditQuery(until=NOW),
            AuditQuery(kind="kind_b", account_id=account_id, actor_kind="host", until=NOW),
        ):
            (found,) = await store.search_audit(query, limit=9)
            assert (found.kind, found.account_id) == ("kind_b", account_id)
        for empty in (
            AuditQuery(kind="kind_c"),
            AuditQuery(account_id="nobody"),
            AuditQuery(actor_kind="operator"),
            AuditQuery(actor_id="x"),
            AuditQuery(kind="kind_b", since=NOW),
        ):
            assert list(await store.search_audit(empty, limit=9)) == []
        assert list(await store.list_audit_kinds()) == ["kind_b", "sessions_ended"]

    async def test_lines_are_listed_in_the_order_they_were_written(self, store: Store) -> None:
        await _write(store, 5)
        first = await store.list_audit(after=0, since=None, until=None, limit=3)
        rest = await store.list_audit(after=first[-1].id, since=None, until=None, limit=3)
        assert [line.at for line in (*first, *rest)] == [NOW + n * SECOND for n in range(5)]
        some = await store.list_audit(after=0, since=NOW + SECOND, until=NOW + 3 * SECOND, limit=9)
        assert [line.at for line in some] == [NOW + SECOND, NOW + 2 * SECOND]

    async def test_a_sealed_line_has_its_place_and_waits_no_more(self, store: Store) -> None:
        assert await store.find_audit_head() is None
        await _write(store, 3)
        assert await _seal(store, head=head(3), before=None)
        assert await store.find_audit_head() == head(3)
        assert await store.count_unsealed() == 0
        sealed = await store.list_sealed(after=None, limit=9)
        assert [(line.position, line.link) for line in sealed] == [
            (n, _point(n).link) for n in (1, 2, 3)
        ]
        assert list(await store.list_sealed(after=2, limit=9)) == [sealed[2]]

    async def test_whoever_seals_from_an_old_head_writes_nothing(self, store: Store) -> None:
        await _write(store, 1)
        assert await _seal(store, head=head(1), before=None)
        await _write(store, 1)
        for stale in (None, head(1, mac=9)):
            assert not await _seal(store, head=head(2, mac=2), before=stale)
        assert await store.find_audit_head() == head(1)
        assert await store.count_unsealed() == 1

    async def test_of_many_sealers_one_wins(self, store: Store) -> None:
        await _write(store, 3)
        lines = await store.list_unsealed(limit=9)
        places = [(line.id, _point(n)) for n, line in enumerate(lines, 1)]
        won = await asyncio.gather(
            *(store.keep_sealed(places, head=head(3, mac=n), before=None) for n in range(1, 9))
        )
        assert sum(won) == 1
        assert await store.find_audit_head() == head(3, mac=1 + won.index(True))

    async def test_the_front_is_dropped_with_its_head(self, store: Store) -> None:
        await _write(store, 5)
        await _seal(store, head=head(5), before=None)
        shorter = head(5, base=2, mac=2)
        assert not await store.drop_sealed(head=shorter, before=head(5, mac=9))
        assert len(await store.list_sealed(after=None, limit=9)) == 5
        assert await store.drop_sealed(head=shorter, before=head(5))
        kept = await store.list_sealed(after=None, limit=9)
        assert [line.position for line in kept] == [3, 4, 5]
        assert await store.find_audit_head() == shorter
