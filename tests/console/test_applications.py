"""Enterprises: listed, let in, sent away; decided once."""

import pytest

from tests.console.desk import WHY


async def listed(desk, **params):
    answer = await desk.get("/applications", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_application_says_who_asks(support, apply):
    application, account = await apply()
    (item,) = (await listed(support, status="pending"))["items"]
    assert item["id"] == application.id
    assert item["account_id"] == account.id
    assert item["contact_name"] == "王小明"
    assert item["phone"] == account.phone.masked
    assert item["status"] == "pending"
    person = (await support.get(f"/accounts/{account.id}")).json()
    assert person["applications"] == [item]


async def test_approval_lets_the_account_in_and_rejection_says_why(support, apply, lines):
    (one, first), (two, second) = await apply(), await apply("另一家公司")
    approved = await support.post(f"/applications/{one.id}/approve", WHY)
    assert approved.json()["status"] == "approved"
    assert approved.json()["decided_by"] == "han.meimei"
    body = {**WHY, "reason_for_user": "执照照片不清晰"}
    rejected = await support.post(f"/applications/{two.id}/reject", body)
    assert (rejected.json()["status"], rejected.json()["reason"]) == (
        "rejected",
        "执照照片不清晰",
    )
    status = (await support.get(f"/accounts/{first.id}")).json()["account"]["status"]
    assert status == "active"
    other = (await support.get(f"/accounts/{second.id}")).json()["account"]
    assert (other["status"], other["reason"]) == ("rejected", "执照照片不清晰")
    kinds = [line.kind for line in await lines() if line.kind.startswith("application_")]
    assert kinds == ["application_approved", "application_rejected"]


async def test_nobody_decides_twice(support, apply, lines):
    application, _ = await apply()
    await support.post(f"/applications/{application.id}/approve", WHY)
    for act, more in (("approve", {}), ("reject", {"reason_for_user": "no"})):
        answer = await support.post(f"/applications/{application.id}/{act}", {**WHY, **more})
        assert answer.status_code == 400
        assert answer.json()["errors"] == [{"field": "status", "reason": "already decided"}]
    assert len(await lines("application_approved", "application_rejected")) == 1
    assert (await support.post("/applications/nothing/approve", WHY)).status_code == 404


async def test_pages_of_applications_hold_still(support, apply, clock):
    made = []
    for n in range(7):
        made.append((await apply(f"公司{n}"))[0].id)
        if n % 2:
            clock.advance(1)  # some came at the very same moment
    seen, cursor = [], None
    while True:
        page = await listed(support, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        clock.advance(1)
        await apply("后来的公司")
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "WyJhIiwiYiJd"])
async def test_a_cursor_of_another_list(support, cursor):
    answer = await support.get("/applications", params={"cursor": cursor})
    assert answer.json()["errors"][0]["field"] == "cursor"
