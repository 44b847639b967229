"""The auditor: looks at a database file and says what cannot be true. Shares no code with wxlogin.

python auditor.py wxlogin.db [witness.json]

The witness is what others saw: {"exchanges": {code: count at WeChat}, "people": how many
different people logged in, "history": the login results that clients received}.
"""

import json
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

ORPHANS = {
    "account that nothing leads to": """
        SELECT id FROM wxlogin_account WHERE phone_hash IS NULL AND username_key IS NULL
        AND id NOT IN (SELECT account_id FROM wxlogin_identity)""",
    "identity without account": """
        SELECT openid FROM wxlogin_identity
        WHERE account_id NOT IN (SELECT id FROM wxlogin_account)""",
    "session without account": """
        SELECT id FROM wxlogin_session
        WHERE account_id NOT IN (SELECT id FROM wxlogin_account)""",
    "session without identity": """
        SELECT id FROM wxlogin_session s
        WHERE s.openid IS NOT NULL AND s.ended_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM wxlogin_identity i
            WHERE i.openid = s.openid AND i.app_id = s.app_id AND i.account_id = s.account_id)""",
    "unionid without account": """
        SELECT unionid FROM wxlogin_unionid
        WHERE account_id NOT IN (SELECT id FROM wxlogin_account)""",
    "identity that appears twice": """
        SELECT openid FROM wxlogin_identity GROUP BY app_id, openid HAVING count(*) > 1""",
    "login event without session": """
        SELECT session_id FROM wxlogin_login_event
        WHERE session_id NOT IN (SELECT id FROM wxlogin_session)""",
    "session without login event": """
        SELECT id FROM wxlogin_session
        WHERE id NOT IN (SELECT session_id FROM wxlogin_login_event)""",
    "agreement without account": """
        SELECT account_id FROM wxlogin_agreement
        WHERE account_id NOT IN (SELECT id FROM wxlogin_account)""",
}


def look(
    path: Path | str,
    *,
    exchanges: Mapping[str, int] | None = None,
    history: Sequence[Mapping[str, Any]] = (),
    people: int | None = None,
) -> list[str]:
    """Every finding, in words; nothing where all is well."""
    found = []
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        broken = connection.execute("PRAGMA integrity_check").fetchall()
        if broken != [("ok",)]:
            found.append(f"the file is damaged: {broken}")
        for name, sql in ORPHANS.items():
            found += [f"{name}: {row[0]}" for row in connection.execute(sql)]
        accounts = connection.execute("SELECT count(*) FROM wxlogin_account").fetchone()[0]
        if people is not None and accounts != people:
            found.append(f"{accounts} accounts of {people} people")
        for told in history:
            kept = connection.execute(
                "SELECT account_id FROM wxlogin_session WHERE id = ?", (told["session_id"],)
            ).fetchall()
            if kept != [(told["account"]["id"],)]:
                found.append(f"a login the client saw is not there: {told['session_id']}")
    for code, count in (exchanges or {}).items():
        if count > 1:
            found.append(f"a code went to WeChat {count} times: {code[:6]}…")
    return found


if __name__ == "__main__":
    witness = json.loads(Path(sys.argv[2]).read_text("utf-8")) if len(sys.argv) > 2 else {}
    findings = look(sys.argv[1], **witness)
    sys.stdout.write("\n".join(findings or ["clean"]) + "\n")
    sys.exit(bool(findings))
