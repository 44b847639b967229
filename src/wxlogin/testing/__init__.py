"""The promises of this package as code, for whoever implements one of its ports or doors.

`stores/` holds a store, `wechat.py` a transport, `endpoints.py` an adapter to what
they must do; `pytest_plugin.py` logs a host's test users in without WeChat.
"""
