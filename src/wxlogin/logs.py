"""How the server writes logs: JSON in production, readable lines in development.

A library is silent until its host configures logging, so this is called by the
commands alone. The redaction is a second fence: no code of ours hands a secret to a
logger, and the canary test looks at what comes out with this fence taken away too.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[bytes] = ContextVar("wxlogin_request_id", default=b"-")
"""The id of the request being answered, for every line written meanwhile."""

_SECRETS = re.compile(
    r"(wxl_[0-9a-f-]{36}\.)[\w-]+"
    r"|((?<![a-z])(?:(?:app)?secret|(?:js_)?code|(?:access_)?token|session_key)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',}]+",
    re.IGNORECASE,
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def redact(text: str) -> str:
    """`text` without what looks like a secret's value."""
    return _SECRETS.sub(lambda found: f"{found.group(1) or found.group(2)}***", text)


class JsonFormatter(logging.Formatter):
    """One line of JSON a record; newlines and control characters arrive escaped (D05)."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
            "request_id": request_id.get().decode(),
        }
        line.update({k: v for k, v in vars(record).items() if k not in _STANDARD})
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class LineFormatter(logging.Formatter):
    """For a terminal: time, level, what happened."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        text = redact(record.getMessage()).replace("\r", "\\r").replace("\n", "\\n")
        extras = " ".join(f"{k}={v}" for k, v in vars(record).items() if k not in _STANDARD)
        answered = request_id.get().decode()
        if answered != "-":
            extras = f"{extras} request_id={answered}"
        lines = [f"{time} {record.levelname:<7} {record.name}: {text} {extras.strip()}".rstrip()]
        if record.exc_info:
            lines.append(redact(self.formatException(record.exc_info)))
        return "\n".join(lines)


def configure(*, level: str, as_json: bool) -> None:
    """Send all logs of this process to standard error. Third parties speak from WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if as_json else LineFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("wxlogin").setLevel(level.upper())
