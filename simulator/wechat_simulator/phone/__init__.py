"""The phone in the browser: pages of a mini program, run against this simulator.

Owns what a server has to answer for it (`PhoneDoor`, `Gateway`), and the compiler that makes a
mini program's folder fit for it (`compiling`). What runs in the browser is built beforehand and
lies in `static/`; nothing here needs Node but the compiler.
"""

from wechat_simulator.phone.door import PhoneConfig, PhoneDoor

__all__ = ["PhoneConfig", "PhoneDoor"]
