"""What we remember: the ports of `login/ports/`, in SQL.

Owns the tables, their migrations, the sealing of what must not lie there in the
clear, and the ways to a database. It keeps records and decides nothing about
them. Start at `opening.open_store`.
"""
