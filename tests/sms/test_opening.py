"""From settings to the sender they ask for."""

from dataclasses import replace

import pytest

from tests.sms.vendors import SECRET_KEY
from wxlogin.login.secret import Secret
from wxlogin.sms.alibaba import AlibabaSender
from wxlogin.sms.opening import SmsSettings, make_sender
from wxlogin.sms.simulator import SimulatorSender
from wxlogin.sms.tencent import TencentSender

WHOLE = SmsSettings(
    sign_name="某某科技",
    template_id="449739",
    sdk_app_id="1400006666",
    secret_id="AKID-of-nobody",
    secret_key=Secret(SECRET_KEY),
)


def test_off_is_no_sender() -> None:
    assert make_sender(SmsSettings(), base_url="http://127.0.0.1:1") is None


@pytest.mark.parametrize(
    ("provider", "kind"),
    [("simulator", SimulatorSender), ("tencent", TencentSender), ("alibaba", AlibabaSender)],
)
async def test_each_provider_has_its_sender(provider: str, kind: type) -> None:
    sender = make_sender(replace(WHOLE, provider=provider), base_url="http://127.0.0.1:1")
    assert isinstance(sender, kind)
    assert SECRET_KEY not in repr(sender)
    assert sender is not None
    await sender.close()


@pytest.mark.parametrize("provider", ["tencent", "alibaba"])
@pytest.mark.parametrize("field", ["sign_name", "template_id", "secret_id", "secret_key"])
def test_a_vendor_without_one_of_its_fields_is_refused(provider: str, field: str) -> None:
    settings = replace(WHOLE, provider=provider, **{field: None})
    assert settings.missing() == [field]
    with pytest.raises(ValueError, match="not complete"):
        make_sender(settings, base_url="http://127.0.0.1:1")
