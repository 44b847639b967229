"""`wxlogin demo`: a whole WeChat Mini Program login on this machine, with no AppID and no network.

Owns the stage (simulator and server on one clock), the walk through the ten steps that is shown
on a terminal, and the page `/demo/`: a phone, the ten steps as they are taken, and levers. The
only program that knows the others; nothing here is faked: real HTTP over loopback, a real SQLite
file, and each claim it prints was checked the moment before.
"""
