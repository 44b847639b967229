"""Text messages with verification codes: the simulator's inbox, two vendors, or the host.

Each sender implements the port `SmsSender` of `login/sms.py`, and does nothing beside:
whether, how often and to whom a message may go is decided by the core, before.
"""
