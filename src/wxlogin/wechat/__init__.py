"""What WeChat says: every call to its servers, and every proof it signs or encrypts.

Owns the transport, the errcodes, the shared access_token, the breaker, and the
cryptography of open data and of message push. It implements the port `WeChat` of
`login/ports.py`; it keeps no records and decides about no login.
"""
