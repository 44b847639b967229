"""`wxlogin dev`: the simulator and the phone around a developer's own server and mini program.

Owns what is found out about the project, what its server is told in the environment, and the
life of the server's process. Knows nothing of how that server is written.
"""
