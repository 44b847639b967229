"""What one walk knows on its way from step to step."""

from dataclasses import dataclass, field

from wxlogin_demo.phone import STORAGE_KEY, Exchange, Phone
from wxlogin_demo.stage import Stage

USER = "ann"


@dataclass(slots=True)
class Journey:
    """One person's way through a login, on a stage."""

    stage: Stage
    phone: Phone
    code: str = ""
    exchanges: dict[str, Exchange] = field(default_factory=dict)

    @property
    def login(self) -> Exchange:
        """The request of step 2; its answer is step 7's. KeyError before."""
        return self.exchanges["login"]

    @property
    def token(self) -> str:
        return self.phone.storage[STORAGE_KEY]

    @property
    def openid(self) -> str:
        return self.stage.simulator.openid(USER)

    @property
    def session_key(self) -> str:
        """The plain session_key, asked of the simulator only to prove where it is not."""
        key = self.stage.simulator.session_key(USER)
        if key is None:
            raise LookupError("WeChat holds no session_key of this person")
        return key

    def server_secrets(self) -> tuple[str, ...]:
        """What must never reach the phone."""
        simulator = self.stage.simulator
        unionid = simulator.unionid(USER)
        return (
            simulator.secret,
            self.session_key,
            self.openid,
            self.stage.sealing_key,
            *([unionid] if unionid else []),
        )
