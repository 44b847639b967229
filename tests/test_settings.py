"""All mistakes at once, each in Chinese and English and by the name of its variable."""

import base64
import json
import sys
from datetime import timedelta

import pytest

from wxlogin.settings import Settings, SettingsInvalid, why_ignored

KEYS = "k1:" + base64.b64encode(bytes(32)).decode()
SECRET = "s3cr3t-of-nobody"


def load(tmp_path=None, *, env=None, toml=None, **environ):
    """Settings from variables, a `.env` and a TOML file with these contents."""
    paths = {"env_file": None, "toml_file": None}
    for name, content in (("env_file", env), ("toml_file", toml)):
        if content is not None:
            paths[name] = tmp_path / name
            paths[name].write_bytes(content if isinstance(content, bytes) else content.encode())
    named = {f"WXLOGIN_{name}": value for name, value in environ.items()}
    return Settings.load(environ=named, **paths)


def mistakes(*arguments, **how):
    with pytest.raises(SettingsInvalid) as refused:
        load(*arguments, **how)
    for one in refused.value.mistakes:
        assert any("\u4e00" <= character <= "\u9fff" for character in one.zh), one
        assert one.en.isascii(), one
    return {one.name: one for one in refused.value.mistakes}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "prod"),
        ("DATABASE_URL", "postgresql://u:p@h/d"),
        ("DATABASE_URL", "sqlite:///a.db?x=1"),
        ("DATABASE_URL", "nonsense"),
        ("TABLE_PREFIX", "1-"),
        ("AUTO_MIGRATE", "maybe"),
        ("KEYS", "abc"),
        ("KEYS", "k1:!!"),
        ("KEYS", "k1:AAAA"),
        ("KEYS", f"{KEYS},{KEYS}"),
        ("WECHAT_API_BASE", "https://proxy/wx"),
        ("WECHAT_API_BASE", "https://proxy?x=1"),
        ("WECHAT_API_BASE", "https://proxy#x"),
        ("WECHAT_API_BASE", "https://user@proxy"),
        ("WECHAT_API_BASE", "https://proxy:99999"),
        ("WECHAT_API_BASE", "https://[::1"),
        ("WECHAT_API_BASE", "https://a b"),
        ("WECHAT_API_BASE", "proxy"),
        ("HTTP_CLIENT", "curl"),
        ("CONTENT_CHECK", "on"),
        ("AVATARS", "disk"),
        ("AVATARS_S3_BUCKET", "UPPER"),
        ("AVATARS_S3_BUCKET", "../other"),
        ("AVATARS_S3_ENDPOINT", "minio:9000"),
        ("AVATARS_S3_ENDPOINT", "https://[::1"),
        ("AVATARS_S3_PUBLIC_URL", "https://user@cdn"),
        ("AVATARS_S3_PUBLIC_URL", "https://cdn?x=1"),
        ("AVATARS_S3_PUBLIC_URL", "javascript:alert(1)"),
        ("AVATARS_S3_REGION", "cn north"),
        ("AVATARS_S3_PATH_STYLE", "maybe"),
        ("SMS", "twilio"),
        ("SMS_COUNTRIES", "china"),
        ("SMS_COUNTRIES", "86,"),
        ("SMS_COUNTRIES", "086"),
        ("SMS_COUNTRIES", "８６"),
        ("SMS_COUNTRIES", "86,881"),
        ("SMS_HOURLY_BUDGET", "0"),
        ("SMS_SIGN_NAME", "x" * 33),
        ("SMS_SIGN_NAME", "a\x00b"),
        ("SMS_TEMPLATE_ID", "a b"),
        ("SMS_SECRET_KEY", "密钥"),
        ("SESSION_TTL", "3651d"),
        ("SESSION_TTL", "0"),
        ("SESSION_IDLE_TTL", "999999999d"),
        ("MAX_SESSIONS", "0"),
        ("TRUSTED_PROXIES", "²"),
        pytest.param("TRUSTED_PROXIES", "9" * 5000, id="long"),
        ("PUBLIC_DOCS", "2"),
        ("LOG_LEVEL", "loud"),
        ("APPS", "{"),
        pytest.param("APPS", "[" * 100_000, id="deep"),
    ],
)
def test_a_value_that_cannot_be_used_is_a_mistake_in_both_languages(name, value):
    found = mistakes(**{"ENV": "development", name: value})
    assert set(found) == {f"WXLOGIN_{name}"}


def test_a_number_says_its_range():
    one = mistakes(ENV="development", TRUSTED_PROXIES="²")["WXLOGIN_TRUSTED_PROXIES"]
    assert "0 到 20" in one.zh
    assert "from 0 to 20" in one.en


def test_an_address_with_a_closing_slash_is_one():
    assert load(WECHAT_API_BASE="https://proxy:8443/").wechat_api_base == "https://proxy:8443"


def test_ten_years_are_still_a_duration():
    assert load(SESSION_TTL="3650d").session_ttl == timedelta(days=3650)


def test_what_production_forbids_is_told_with_the_other_mistakes():
    found = mistakes(SESSION_TTL="soon", DATABASE_URL="sqlite://")
    assert set(found) == {"WXLOGIN_SESSION_TTL", "WXLOGIN_KEYS", "WXLOGIN_DATABASE_URL"}


def test_what_is_mistaken_is_not_told_twice():
    assert list(mistakes(KEYS="abc")) == ["WXLOGIN_KEYS"]


def test_what_is_unsafe_and_nothing_else_is_loaded():
    assert [one.name for one in load().unsafe()] == ["WXLOGIN_KEYS"]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"app_id": 5, "secret": SECRET}, "app_id"),
        ({"app_id": "wx1"}, "secret"),
        ({"app_id": "wx1", "secret": 5}, "secret"),
        ({"app_id": "wx1", "secret": SECRET, "pool": 5}, "pool"),
        ({"app_id": "wx1", "secret": SECRET, "pool": ""}, "pool"),
        ({"app_id": "wx1", "secret": SECRET, "kind": {}}, "kind"),
        ({"app_id": "wx1", "secret": SECRET, "registration": ["auto"]}, "registration"),
        ({"app_id": "wx1", "secret": SECRET, "phone_conflict": None}, "phone_conflict"),
        ({"app_id": "wx1", "secret": SECRET, "push_token": 5}, "push_token"),
        ({"app_id": "wx1", "secret": SECRET, "encoding_aes_key": []}, "encoding_aes_key"),
        ({"app_id": "wx1", "secret": SECRET, "cors_origins": ["https://[::1"]}, "cors_origins"),
        ({"app_id": "wx1", "secret": SECRET, "cors_origins": "x"}, "cors_origins"),
        ({"app_id": "wx1", "secret": SECRET, "secrte": "x"}, "secrte"),
    ],
)
def test_a_mistake_in_an_app_names_its_place_and_field(entry, field):
    good = {"app_id": "wx0", "secret": SECRET}
    found = mistakes(ENV="development", APPS=json.dumps([good, entry]))
    assert set(found) == {f"WXLOGIN_APPS[1].{field}"}
    assert SECRET not in str(found)


def test_an_entry_that_is_no_object_is_named_by_its_place():
    assert set(mistakes(ENV="development", APPS='["wx1"]')) == {"WXLOGIN_APPS[0]"}


def test_of_the_single_app_the_variable_is_named():
    assert set(mistakes(ENV="development", APP_ID="wx1")) == {"WXLOGIN_APP_SECRET"}
    assert set(mistakes(ENV="development", APP_SECRET=SECRET)) == {"WXLOGIN_APP_ID"}


def test_a_client_that_is_not_installed_is_told_with_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreqwest", None)
    found = mistakes(ENV="development", HTTP_CLIENT="pyreqwest")
    assert 'pip install "wxlogin[fast]"' in found["WXLOGIN_HTTP_CLIENT"].zh
    assert 'pip install "wxlogin[fast]"' in found["WXLOGIN_HTTP_CLIENT"].en


# Pictures


def test_pictures_are_in_the_database_and_unchecked_unless_told_otherwise():
    read = load()
    assert (read.avatars.storage, read.content_check) == ("sql", "off")


def test_a_bucket_is_read_whole_and_its_secret_is_not_shown():
    read = load(
        AVATARS="s3",
        AVATARS_S3_BUCKET="faces-1250000000",
        AVATARS_S3_ENDPOINT="https://cos.ap-shanghai.myqcloud.com/",
        AVATARS_S3_REGION="ap-shanghai",
        AVATARS_S3_ACCESS_KEY_ID="AKID",
        AVATARS_S3_SECRET_ACCESS_KEY=SECRET,
        AVATARS_S3_PUBLIC_URL="https://cdn.example.com/faces/",
        AVATARS_S3_PATH_STYLE="on",
    ).avatars
    assert (read.storage, read.bucket, read.region) == ("s3", "faces-1250000000", "ap-shanghai")
    assert read.endpoint == "https://cos.ap-shanghai.myqcloud.com"
    assert read.public_url == "https://cdn.example.com/faces"
    assert (read.access_key_id, read.path_style) == ("AKID", True)
    assert read.secret_access_key is not None
    assert read.secret_access_key.reveal() == SECRET
    assert SECRET not in repr(read)


def test_a_bucket_needs_its_name():
    assert list(mistakes(ENV="development", AVATARS="s3")) == ["WXLOGIN_AVATARS_S3_BUCKET"]
    told = mistakes(ENV="development", AVATARS="s3", AVATARS_S3_BUCKET="UPPER")
    assert list(told) == ["WXLOGIN_AVATARS_S3_BUCKET"]


def test_half_an_access_key_is_a_mistake():
    first = mistakes(ENV="development", AVATARS_S3_ACCESS_KEY_ID="AKID")
    other = mistakes(ENV="development", AVATARS_S3_SECRET_ACCESS_KEY=SECRET)
    assert list(first) == ["WXLOGIN_AVATARS_S3_SECRET_ACCESS_KEY"]
    assert list(other) == ["WXLOGIN_AVATARS_S3_ACCESS_KEY_ID"]
    assert SECRET not in str(other)


def test_a_bucket_without_boto3_is_told_with_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    found = mistakes(ENV="development", AVATARS="s3", AVATARS_S3_BUCKET="faces")
    assert 'pip install "wxlogin[s3]"' in found["WXLOGIN_AVATARS"].zh
    assert 'pip install "wxlogin[s3]"' in found["WXLOGIN_AVATARS"].en


# Text messages

SMS = {
    "SMS_SIGN_NAME": "【某某科技】",
    "SMS_TEMPLATE_ID": "449739",
    "SMS_SDK_APP_ID": "1400006666",
    "SMS_SECRET_ID": "AKIDxxxx",
    "SMS_SECRET_KEY": SECRET,
}


def test_no_message_is_sent_and_none_abroad_unless_told_otherwise():
    read = load().sms
    assert (read.provider, read.countries, read.hourly_budget) == ("off", ("86",), 1000)


def test_an_account_at_a_vendor_is_read_whole_and_its_secret_is_not_shown():
    read = load(SMS="tencent", SMS_COUNTRIES="86, +852,86", SMS_REGION="ap-beijing", **SMS).sms
    assert (read.provider, read.sign_name, read.region) == ("tencent", "某某科技", "ap-beijing")
    assert read.countries == ("86", "852")
    assert (read.template_id, read.sdk_app_id) == ("449739", "1400006666")
    assert (read.secret_id, read.secret_key.reveal()) == ("AKIDxxxx", SECRET)
    assert SECRET not in repr(read)


def test_what_an_account_at_a_vendor_lacks_is_told_all_at_once():
    assert set(mistakes(ENV="development", SMS="tencent")) == {f"WXLOGIN_{name}" for name in SMS}
    without = {name: value for name, value in SMS.items() if name != "SMS_SECRET_KEY"}
    assert set(mistakes(ENV="development", SMS="alibaba", **without)) == {"WXLOGIN_SMS_SECRET_KEY"}
    assert load(SMS="alibaba", **{**SMS, "SMS_SDK_APP_ID": ""}).sms.missing() == []


def test_what_is_mistaken_in_an_account_is_not_told_as_missing():
    found = mistakes(ENV="development", SMS="tencent", **{**SMS, "SMS_TEMPLATE_ID": "a b"})
    assert "128" in found.pop("WXLOGIN_SMS_TEMPLATE_ID").en
    assert found == {}


def test_production_refuses_the_simulators_inbox():
    read = load(SMS="simulator", WECHAT_API_BASE="https://simulator.example", KEYS=KEYS)
    assert [one.name for one in read.unsafe()] == ["WXLOGIN_SMS"]
    calm = load(ENV="development", SMS="simulator", WECHAT_API_BASE="http://127.0.0.1:9180")
    assert calm.unsafe() == []


def test_messages_for_the_simulator_never_go_to_wechat():
    """Number and code would be posted to WeChat's own host."""
    found = mistakes(ENV="development", SMS="simulator")
    assert set(found) == {"WXLOGIN_WECHAT_API_BASE"}


@pytest.mark.parametrize(
    ("vendor", "package"),
    [("tencent", "tencentcloud"), ("alibaba", "alibabacloud_dysmsapi20170525")],
)
def test_a_vendor_without_its_sdk_is_told_with_the_line_to_type(vendor, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    found = mistakes(ENV="development", SMS=vendor, **SMS)
    assert f'pip install "wxlogin[sms-{vendor}]"' in found["WXLOGIN_SMS"].zh
    assert f'pip install "wxlogin[sms-{vendor}]"' in found["WXLOGIN_SMS"].en


# Names nobody reads


def test_a_variable_that_nothing_reads_is_named():
    read = load(SESION_TTL="1d", KEYS_FILE="", TEST_SEED="1", BENCH_X="1", CONFIG="x")
    assert read.ignored == ("WXLOGIN_SESION_TTL",)
    assert "WXLOGIN_SESSION_TTL" in why_ignored("WXLOGIN_SESION_TTL")[1]


@pytest.mark.parametrize("name", ["REDIS_URL", "BUS_URL"])
def test_a_variable_of_a_later_version_says_so(name):
    assert load(**{name: "x"}).ignored == (f"WXLOGIN_{name}",)
    zh, en = why_ignored(f"WXLOGIN_{name}")
    assert "后续版本支持" in zh
    assert "comes with a later version" in en


def test_what_kubernetes_says_of_a_service_named_wxlogin_is_no_typo():
    read = load(SERVICE_HOST="10.0.0.1", PORT="tcp://10.0.0.1:80", PORT_80_TCP_ADDR="10.0.0.1")
    assert read.ignored == ()
    assert load(PORT="9000").ignored == ("WXLOGIN_PORT",)


def test_a_file_for_a_name_nobody_reads_is_not_opened(tmp_path):
    assert load(KEYZ_FILE=str(tmp_path / "none")).ignored == ("WXLOGIN_KEYZ_FILE",)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('sesion_ttl = "1d"', "sesion_ttl"),
        ("[session]\nttl = 1", "session"),
        ('[apps]\napp_id = "wx1"', "apps"),
        ("max_sessions = [1]", "max_sessions"),
        ('config = "x"', "config"),
        ('redis_url = "redis://"', "redis_url"),
    ],
)
def test_an_unknown_name_or_table_in_toml_is_a_mistake(tmp_path, line, named):
    found = mistakes(tmp_path, toml=line, ENV="development")
    assert [name.rpartition(": ")[2] for name in found] == [named]


# Files


def test_the_first_line_behind_a_byte_order_mark_is_read(tmp_path):
    read = load(tmp_path, env=b"\xef\xbb\xbfWXLOGIN_MAX_SESSIONS=3\r\nWXLOGIN_ENV=development\r\n")
    assert (read.max_sessions, read.env) == (3, "development")


def test_an_env_file_that_is_no_text_is_a_mistake(tmp_path):
    found = mistakes(tmp_path, env="WXLOGIN_ENV=开发".encode("gbk"), ENV="development")
    assert len(found) == 1
    assert "UTF-8" in next(iter(found.values())).en


def test_a_secret_file_that_is_no_text_is_a_mistake(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"\xff\xfe")
    assert "WXLOGIN_KEYS_FILE" in mistakes(ENV="development", KEYS_FILE=str(path))
    assert "WXLOGIN_KEYS_FILE" in mistakes(ENV="development", KEYS_FILE=str(tmp_path))


def test_a_line_that_is_no_assignment_is_named_by_its_number_alone(tmp_path):
    text = f"# comment\n\nWXLOGIN_ENV=development\nWXLOGIN_APP_SECRET {SECRET}\n"
    found = mistakes(tmp_path, env=text)
    assert [name.rpartition(":")[2] for name in found] == ["4"]
    assert SECRET not in str(found)
