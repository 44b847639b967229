"""XML as message push uses it: elements and text, and nothing that can do harm.

A DTD is where entity bombs and file reads come from (security.md A18); WeChat sends
none, so the first sign of one ends the reading.
"""

from typing import Any
from xml.parsers import expat

MAX_DEPTH = 8


def read_xml(body: bytes) -> dict[str, Any]:
    """The children of the root element: text, or the like of it for an element with children;
    a list for a name that stands more than once. Raises ValueError."""
    reader = _Reader()
    # The encoding is ours to say: a declared one could smuggle a DTD past a filter.
    parser = expat.ParserCreate(encoding="utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        reader.root = None
    if not isinstance(reader.root, dict):
        raise ValueError("not the XML of a message")
    return reader.root


def _refuse(*declaration: object) -> int:
    raise ValueError("XML with declarations")


class _Reader:
    def __init__(self) -> None:
        self.root: dict[str, Any] | str | None = None
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise ValueError("XML nested too deep")
        self._open.append((name, {}, []))

    def text(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, name: str) -> None:
        _, children, texts = self._open.pop()
        found = children or "".join(texts).strip()
        if not self._open:
            self.root = found
            return
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = found
        elif isinstance(siblings[name], list):
            siblings[name].append(found)
        else:
            siblings[name] = [siblings[name], found]
