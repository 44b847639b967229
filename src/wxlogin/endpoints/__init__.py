"""The HTTP face: what comes in, what goes out, and in which words.

Owns the route table, validation, the OpenAPI document, problem documents, and one
adapter per door (`asgi.py`, `fastapi.py`). Handlers know no framework; adapters
convert and decide nothing. It knows `login/` and neither stores nor WeChat.
"""
