"""The audit log from the console: filtered, paged, verified, carried out."""

import asyncio
import csv
import io
import json

import pytest

from tests.console.desk import WHY


async def items(desk, **params):
    answer = await desk.get("/audit", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_line_says_who_did_what_to_whom_and_why(admin, people):
    ann = await people.add("王芳")
    await admin.post(f"/accounts/{ann.account_id}/disable", WHY)
    (item,) = (await items(admin, kind="account_disabled"))["items"]
    subject = item.pop("subject")
    assert len(subject) == 32
    assert item == {
        "id": item["id"],
        "at": "2026-03-01T08:00:00Z",
        "kind": "account_disabled",
        "actor": {"kind": "operator", "id": "li.lei", "name": "li.lei"},
        "account_id": ann.account_id,
        "app_id": None,
        "reason": "工单 1024",
        "data": item["data"],
        "sealed": False,
    }


async def test_filters_leave_the_others_out(admin, support, people, clock):
    ann, bob = await people.add("王芳"), await people.add("李雷")
    await admin.post(f"/accounts/{ann.account_id}/disable", WHY)
    clock.advance(60)
    await support.post(f"/accounts/{bob.account_id}/disable", WHY)

    async def kinds(**params):
        return [item["kind"] for item in (await items(admin, **params))["items"]]

    assert await kinds(account_id=ann.account_id) == ["account_disabled"]
    assert await kinds(account_id="nobody") == []
    assert set(await kinds(actor="han.meimei")) == {"account_disabled", "operator_signed_in"}
    assert await kinds(actor="operator:han.meimei", kind="account_disabled") == ["account_disabled"]
    assert "account_disabled" not in await kinds(actor="system")
    assert await kinds(**{"from": "2026-03-01T08:00:30Z"}) == ["account_disabled"]
    assert len(await kinds(kind="account_disabled", to="2026-03-01T16:00:30+08:00")) == 1
    assert "account_disabled" in (await admin.get("/audit/kinds")).json()["items"]
    bad = await admin.get("/audit", params={"from": "yesterday"})
    assert bad.json()["errors"][0]["field"] == "from"


async def test_pages_hold_still_while_lines_come(admin, people):
    ann = await people.add("王芳")
    path = f"/accounts/{ann.account_id}"
    for _ in range(4):
        await admin.post(f"{path}/disable", WHY)
        await admin.post(f"{path}/enable", WHY)
    whole = [item["id"] for item in (await items(admin, account_id=ann.account_id))["items"]]
    seen, cursor = [], None
    while True:
        page = await items(
            admin, account_id=ann.account_id, limit=3, **({"cursor": cursor} if cursor else {})
        )
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        await admin.post(f"{path}/disable", WHY)
        if cursor is None:
            break
    assert seen == whole


async def test_an_altered_line_is_found_from_the_console(admin, people, house, database):
    import sqlite3
    from contextlib import closing

    ann = await people.add("王芳")
    await admin.post(f"/accounts/{ann.account_id}/disable", WHY)
    await (await house.wx.audit_log()).seal()
    verdict = (await admin.get("/audit/verify")).json()
    assert verdict["ok"] is True
    assert verdict["lines"] == verdict["sealed"] > 0
    assert verdict["first_bad"] is None
    (item,) = (await items(admin, kind="account_disabled"))["items"]
    assert item["sealed"] is True
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        connection.execute("UPDATE wxlogin_audit SET reason = 'other' WHERE id = ?", [item["id"]])
        connection.commit()
    verdict = (await admin.get("/audit/verify")).json()
    assert (verdict["ok"], verdict["first_bad"]) == (False, item["id"])


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_an_export_is_a_file_and_a_line_of_its_own(admin, people, form, lines):
    ann = await people.add("王芳")
    await admin.post(f"/accounts/{ann.account_id}/disable", {"reason": "=HYPERLINK(1)"})
    answer = await admin.get("/audit/export", params={"format": form})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="audit.{form}"'
    assert answer.headers["cache-control"] == "no-store"
    if form == "csv":
        table = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        (row,) = [row for row in table if row["kind"] == "account_disabled"]
        assert row["reason"] == "'=HYPERLINK(1)"
    else:
        table = [json.loads(line) for line in answer.text.splitlines()]
        (row,) = [row for row in table if row["kind"] == "account_disabled"]
        assert row["reason"] == "=HYPERLINK(1)"
    assert len(await lines("audit_exported")) == 1


async def test_an_export_of_a_time_or_of_a_format_that_is_none(admin, clock, lines):
    empty = await admin.get("/audit/export", params={"from": "2030-01-01T00:00:00Z"})
    assert len(empty.text.splitlines()) == 1
    for params in ({"format": "xml"}, {"from": "2026-01-01"}):
        assert (await admin.get("/audit/export", params=params)).status_code == 400
    assert len(await lines("audit_exported")) == 1


async def test_thousands_of_lines_are_streamed(admin, house, clock):
    from wxlogin.login.ports import SYSTEM, AuditLine

    store = await house.wx.open_store()
    for n in range(1200):
        await store.add_audit(AuditLine(clock(), "noted", SYSTEM, data={"n": n}))
    answer = await admin.get("/audit/export", params={"format": "jsonl"})
    kinds = [json.loads(line)["kind"] for line in answer.text.splitlines()]
    assert kinds.count("noted") == 1200
    assert "content-length" not in answer.headers


async def test_the_head_of_an_export_is_no_export(admin, lines):
    answer = await admin.http.head("/v1/admin/audit/export")
    assert answer.status_code == 200
    assert await lines("audit_exported") == []
    await admin.get("/audit/export")
    assert len(await lines("audit_exported")) == 1


async def test_the_log_is_verified_one_at_a_time(admin):
    """It walks the whole chain: many at once would be the way to stop the server."""
    answers = await asyncio.gather(*(admin.get("/audit/verify") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers)[0] == 200
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) > 0
    assert (await admin.get("/audit/verify")).status_code == 200


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
async def test_a_time_at_the_edge_of_time_is_refused(admin, at):
    for path in ("/audit", "/audit/export"):
        for name in ("from", "to"):
            answer = await admin.get(path, params={name: at})
            assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")
