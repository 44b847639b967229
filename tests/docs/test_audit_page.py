"""docs/audit.md and its twin name every kind of line that the code can write, and no other."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from wxlogin.login.ports.logins import AUDITED

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "wxlogin"
PAGES = [ROOT / "docs" / "audit.md", ROOT / "docs" / "audit.zh-CN.md"]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[ast.Module]:
    return [
        ast.parse(path.read_text("utf-8"))
        for path in SOURCE.rglob("*.py")
        if "testing" not in path.parts
    ]


def name_of(call: ast.Call) -> str:
    function = call.func
    return getattr(function, "attr", None) or getattr(function, "id", "")


def argument(call: ast.Call, place: int) -> ast.expr | None:
    by_name = next((each.value for each in call.keywords if each.arg == "kind"), None)
    return by_name or (call.args[place] if place < len(call.args) else None)


def is_kind(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "kind"


def written(functions: list[Function]) -> dict[str, int]:
    """What writes a line of the kind it is given, and which of its arguments that is: the two
    that do by themselves, and every function that hands its own `kind` to one of these."""
    found = {"told": 0, "AuditLine": 1}
    while True:
        grown = dict(found)
        for function in functions:
            parameters = [*function.args.args, *function.args.kwonlyargs]
            names = [each.arg for each in parameters]
            inside = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            if "kind" in names and any(
                name_of(call) in found and is_kind(argument(call, found[name_of(call)]))
                for call in inside
            ):
                grown[function.name] = names.index("kind") - (names[0] == "self")
        if grown == found:
            return found
        found = grown


def assigned(name: str, scope: ast.AST) -> Iterator[ast.expr]:
    """What a name is set to, directly in this module or anywhere in this function."""
    nodes = scope.body if isinstance(scope, ast.Module) else ast.walk(scope)
    for node in nodes:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if value is not None and any(getattr(each, "id", None) == name for each in targets):
            yield value


def patterns(node: ast.expr | None, *, scopes: Sequence[ast.AST]) -> Iterator[str]:
    """Every text that the expression can come to, as regular expressions."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.escape(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z]+"
            for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from patterns(node.body, scopes=scopes)
        yield from patterns(node.orelse, scopes=scopes)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from patterns(value, scopes=scopes)
    elif isinstance(node, ast.Subscript):
        yield from patterns(node.value, scopes=scopes)
    elif isinstance(node, ast.Call) and name_of(node) == "get":
        yield from patterns(getattr(node.func, "value", None), scopes=scopes)
    elif isinstance(node, ast.Name):
        for scope in scopes:
            for value in assigned(node.id, scope):
                yield from patterns(value, scopes=scopes)


def kinds_of_the_code() -> set[str]:
    trees = modules()
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = [node for node in nodes if isinstance(node, Function)]
    writers = written(functions)
    found = {re.escape(kind) for kind in AUDITED}
    for tree in trees:
        for function in [node for node in ast.walk(tree) if isinstance(node, Function)]:
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            for call in calls:
                if name_of(call) in writers:
                    kind = argument(call, writers[name_of(call)])
                    found |= set(patterns(kind, scopes=(function, tree)))
    return found


def kinds_of(page: Path) -> list[str]:
    return re.findall(r"^\| `([a-z_]+)` \|", page.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_kind_of_line_stands_on_the_page_once(page: Path) -> None:
    listed, known = kinds_of(page), kinds_of_the_code()
    assert len(set(listed)) == len(listed)
    fits = {pattern: [kind for kind in listed if re.fullmatch(pattern, kind)] for pattern in known}
    assert [pattern for pattern, kinds in fits.items() if not kinds] == [], "not on the page"
    assert set(listed) - {kind for kinds in fits.values() for kind in kinds} == set()


def test_the_kinds_that_everybody_knows_are_found() -> None:
    """The search itself: constants, keywords, choices, and kinds handed on."""
    assert kinds_of_the_code() >= {
        "account_disabled",
        "accounts_imported",
        "password_reset",
        "sessions_ended",
    }
