"""What operators ask for: the console's interface, served by a process of its own.

Its table is `routes.ADMIN_ROUTES`, which no public server ever mounts.
"""
