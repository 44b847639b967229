"""`wxlogin demo`: a whole WeChat Mini Program login on this machine, with no AppID and no network.

Owns the stage (simulator and server on one clock) and the walk through the ten steps that is
shown on a terminal. The only program that knows the others; nothing here is faked: real HTTP over
loopback, a real SQLite file, and each claim it prints was checked the moment before.
"""
