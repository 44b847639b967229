"""The core: what a login is, how long a session lives, who may log in.

Owns the rules and the order of the ten steps. It does not know how a request
came in, where records are kept, or how WeChat is reached: `ports.py` says what
it asks of those who do. It imports the standard library and itself alone.
"""
