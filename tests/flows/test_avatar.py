"""Pictures of people: uploaded, drawn anew, judged, served, and dropped."""

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from wxlogin.avatars.calling import CallingAvatarStorage
from wxlogin.login import errors


def picture(colour="blue", kind="PNG", side=64):
    made = BytesIO()
    Image.new("RGB", (side, side), colour).save(made, kind)
    return made.getvalue()


async def upload(house, token, content=None, *, name="file", **fields):
    files = {name: ("a.html", picture() if content is None else content, "text/html")}
    return await house.ask("POST", "/v1/me/avatar", token, files=files, data=fields)


def code_of(answer):
    return answer.status_code, answer.json().get("code")


async def me(house, token):
    return (await house.get("/v1/me", token)).json()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_is_drawn_anew_and_served_to_everybody(house, kind):
    token = await house.token()
    answer = await upload(house, token, picture(kind=kind))
    assert answer.status_code == 200
    path = answer.json()["avatar_url"]
    assert path.startswith("/v1/avatars/")
    assert (await me(house, token))["avatar_url"] == path
    served = await house.http.get(path)
    assert served.status_code == 200
    assert served.headers["content-type"] == "image/jpeg"
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["content-security-policy"] == "default-src 'none'; sandbox"
    with Image.open(BytesIO(served.content)) as image:
        assert (image.format, image.size) == ("JPEG", (64, 64))


async def test_who_has_it_already_is_not_sent_it_again(house):
    path = (await upload(house, await house.token())).json()["avatar_url"]
    first = await house.http.get(path)
    again = await house.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    head = await house.http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == first.headers["content-length"]


async def test_the_address_is_whole_where_we_know_our_own(houses):
    house = houses(settings={"public_url": "https://login.example.com/auth"})
    answer = await upload(house, await house.token())
    assert answer.json()["avatar_url"].startswith("https://login.example.com/auth/v1/avatars/")


async def test_the_former_picture_is_gone(house, rows):
    token = await house.token()
    first = (await upload(house, token)).json()["avatar_url"]
    second = (await upload(house, token, picture("green"))).json()["avatar_url"]
    assert (await house.http.get(first)).status_code == 404
    assert (await house.http.get(second)).status_code == 200
    assert len(rows("SELECT id FROM wxlogin_avatar")) == 1


async def test_of_many_uploads_at_once_one_picture_is_left(house, rows):
    token = await house.token()
    answers = await asyncio.gather(*(upload(house, token) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    kept = rows("SELECT id FROM wxlogin_avatar")
    assert rows("SELECT avatar_id FROM wxlogin_account") == kept
    assert len(kept) == 1


async def test_wechats_picture_takes_the_place_of_an_uploaded_one(house, wechat, rows):
    wechat.settings(profile="real")
    token = await house.token()
    await upload(house, token)
    told = wechat.user_info("ann")
    body = {"raw_data": told["rawData"], "signature": told["signature"]}
    await house.ask("POST", "/v1/me/wechat-profile", token, json=body)
    assert (await me(house, token))["avatar_url"] == told["userInfo"]["avatarUrl"]
    assert rows("SELECT id FROM wxlogin_avatar") == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(100),
        b"<html><script>alert(1)</script>",
        picture()[:40],
    ],
)
async def test_what_is_no_picture_is_refused(house, content):
    token = await house.token()
    answer = await upload(house, token, content)
    assert code_of(answer) == (400, "request_invalid")
    assert answer.json()["errors"][0]["field"] == "file"
    assert (await me(house, token))["avatar_url"] is None


async def test_what_hides_in_a_picture_is_left_behind(house):
    hidden = picture() + b"<script>alert(1)</script>"
    path = (await upload(house, await house.token(), hidden)).json()["avatar_url"]
    assert b"script" not in (await house.http.get(path)).content


async def test_a_file_over_two_mebibytes_is_413_and_one_of_just_that_is_read(house):
    token = await house.token()
    limit = 2 * 1024 * 1024
    padded = picture() + bytes(limit - len(picture()))
    assert (await upload(house, token, padded)).status_code == 200
    for more in (1, 200_000):
        answer = await upload(house, token, padded + bytes(more))
        assert code_of(answer) == (413, "body_too_large")


async def test_what_is_no_form_is_415_and_a_form_without_the_file_400(house):
    token = await house.token()
    answer = await house.ask("POST", "/v1/me/avatar", token, json={"file": "x"})
    assert code_of(answer) == (415, "media_type_unsupported")
    assert code_of(await upload(house, token, name="picture")) == (400, "request_invalid")


async def test_without_a_session_nothing_is_read(house):
    assert (await upload(house, None)).status_code == 401


@pytest.mark.parametrize(
    "avatar_id", ["x", "A" * 24, "..%2f..%2fetc%2fpasswd", "A" * 23 + "%00", "a" * 500]
)
async def test_an_id_that_is_none_is_404(house, avatar_id):
    assert code_of(await house.http.get(f"/v1/avatars/{avatar_id}")) == (404, "not_found")


async def test_a_refused_picture_is_not_kept(houses, rows):
    house = houses(settings={"content_check": "wechat"})
    token = await house.token()
    assert (await upload(house, token)).status_code == 200
    assert code_of(await upload(house, token, picture("red"))) == (422, "content_rejected")
    assert len(rows("SELECT id FROM wxlogin_avatar")) == 1


async def test_thirty_pictures_an_hour(house):
    token = await house.token()
    answers = [await upload(house, token) for _ in range(31)]
    assert [answer.status_code for answer in answers].count(200) == 30
    assert code_of(answers[-1]) == (429, "rate_limited")
    house.clock.advance(120)
    assert (await upload(house, token)).status_code == 200


async def test_other_fields_of_the_form_have_no_effect(house, rows):
    """D01."""
    token = await house.token()
    columns = "id, user_id, status, epoch, claims, username, nickname, phone"
    before = rows(f"SELECT {columns} FROM wxlogin_account")
    answer = await upload(
        house,
        token,
        status="disabled",
        openid="x",
        phone="13800006666",
        nickname="x",
        avatar_id="x",
    )
    assert answer.status_code == 200
    assert rows(f"SELECT {columns} FROM wxlogin_account") == before


async def test_a_hosts_own_storage_gives_the_address_and_drops_what_is_replaced(houses):
    kept = {}

    async def keep(avatar_id, content, media_type):
        kept[avatar_id] = (content, media_type)
        return f"https://cdn.example.com/{avatar_id}.jpg"

    async def drop(avatar_id):
        del kept[avatar_id]

    house = houses(avatar_storage=CallingAvatarStorage(keep=keep, drop=drop))
    token = await house.token()
    for _ in range(2):
        answer = await upload(house, token)
        assert answer.json()["avatar_url"].startswith("https://cdn.example.com/")
        assert len(kept) == 1


class Failing:
    """A bucket that does not answer."""

    async def keep(self, avatar_id, content, **how):
        raise errors.StoreUnavailable

    async def find(self, avatar_id):
        raise errors.StoreUnavailable

    async def drop(self, avatar_id):
        raise errors.StoreUnavailable


async def test_a_storage_that_does_not_answer_is_503_and_changes_nothing(houses):
    house = houses(avatar_storage=Failing())
    token = await house.token()
    assert code_of(await upload(house, token)) == (503, "store_unavailable")
    assert (await me(house, token))["avatar_url"] is None
    assert (await house.http.get("/v1/avatars/" + "A" * 24)).status_code == 503


async def test_a_host_calls_the_same_acts_without_http(house):
    session = await house.wx.check(await house.token())
    account = await house.wx.put_avatar(session, picture())
    found = await house.wx.find_avatar(account.avatar_id)
    assert found is not None
    assert found[1] == "image/jpeg"
