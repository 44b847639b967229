"""wechat-simulator: stands where WeChat and the phone stand, for Mini Program logins.

Owns the platform's endpoints that a login needs, the phone's `wx.*` side, a clock, and scripted
faults. It shares no code with any server under test: it is an independent witness. Not affiliated
with Tencent (微信小程序登录模拟器，非腾讯官方项目).
"""

from wechat_simulator.handling import LineCut
from wechat_simulator.in_process import InProcessTransport
from wechat_simulator.people import App, User
from wechat_simulator.problems import Problem
from wechat_simulator.settings import Settings
from wechat_simulator.simulator import Simulator
from wechat_simulator.wire import Answer

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "App",
    "InProcessTransport",
    "LineCut",
    "Problem",
    "Settings",
    "Simulator",
    "User",
]
