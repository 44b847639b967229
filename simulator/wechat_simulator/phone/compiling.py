"""From a mini program's folder to what the phone runs: finds Node, and lets the compiler work.

The compiler is JavaScript and lies beside this file. In a checkout its packages are those of the
workspace; in an installed copy they are fetched once, into the user's cache folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

COMPILER = Path(__file__).parent / "compiler"
TAGS = "static/tags.json"
"""What the compiler reads beside its own folder: the tags that this phone has."""
LEAST_NODE = (20, 19)
COMPILE_SECONDS = 120
FETCH_SECONDS = 600

Tell = Callable[[str], None]
_LEFT_OUT = shutil.ignore_patterns("node_modules")


class CompilingFailed(Exception):
    """The mini program could not be compiled. `lines`: what is wrong, and where."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class CompilerMissing(CompilingFailed):
    """There is no compiler to ask: no Node, or the compiler's packages cannot be had."""


def is_source(folder: Path) -> bool:
    """Whether a folder is a mini program as it is written, and not one compiled already."""
    return any((folder / name).is_file() for name in ("app.json", "project.config.json"))


def compile_app(
    source: Path, target: Path, *, is_dev: bool = False, tell: Tell = lambda line: None
) -> None:
    """Compiles a mini program into `target`; raises CompilingFailed. `tell` hears of waiting.

    is_dev: an error of the script then names the line as it was written.
    """
    node = find_node()
    compiler = ready_compiler(tell=tell)
    command = [node, str(compiler / "compile.mjs"), str(source), str(target)]
    done = _run([*command, "--dev"] if is_dev else command, seconds=COMPILE_SECONDS)
    if done.returncode != 0:
        told = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise CompilingFailed(*(told or [f"compile.mjs: exit {done.returncode}"]))


def find_node() -> str:
    """Where Node is; raises CompilerMissing."""
    wanted = ".".join(map(str, LEAST_NODE))
    install = (
        f"请安装 Node {wanted} 或更新版本 / install Node {wanted} or newer: https://nodejs.org"
    )
    node = shutil.which("node")
    if node is None:
        raise CompilerMissing(
            f"编译小程序需要 Node / compiling a mini program needs Node. {install}"
        )
    version = _run([node, "--version"], seconds=30).stdout.strip()
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < LEAST_NODE:
        raise CompilerMissing(f"Node {version} 太旧 / is too old. {install}")
    return node


def ready_compiler(*, tell: Tell, compiler: Path = COMPILER, cache: Path | None = None) -> Path:
    """The folder of a compiler that has its packages; fetches them where nobody did before."""
    needed = json.loads((compiler / "package.json").read_text())["dependencies"]
    if all(_is_installed(name, compiler) for name in needed):
        return compiler
    ready = (cache or _cache_folder()) / f"compiler-{_digest(compiler)}"
    if not ready.exists():
        _fetch(compiler, ready, tell=tell)
    return ready / "compiler"


def _fetch(compiler: Path, ready: Path, *, tell: Tell) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise CompilerMissing(
            "没有找到 npm，它随 Node 一起安装 / npm is missing: it comes with Node"
        )
    tell(f"首次使用，正在安装编译器 / the first time: fetching the compiler into {ready}")
    ready.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ready.parent, prefix="fetching-") as folder:
        work = Path(folder, "ready")
        shutil.copytree(compiler, work / "compiler", ignore=_LEFT_OUT)
        (work / TAGS).parent.mkdir()
        shutil.copyfile(compiler.parent / TAGS, work / TAGS)
        # Scripts of packages stay off: none of ours needs one, and a stranger's might do harm.
        command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = _run([*command, "--loglevel=error"], seconds=FETCH_SECONDS, folder=work / "compiler")
        if done.returncode != 0:
            raise CompilerMissing(
                "编译器的依赖安装失败，需要能访问 npm 源 / the compiler's packages could not be "
                "fetched, which takes an npm registry:",
                *done.stderr.strip().splitlines(),
            )
        try:
            work.rename(ready)
        except OSError:
            # Another process was faster, and what it made is the same.
            if not ready.exists():
                raise


def _run(
    command: list[str], *, seconds: float, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        name = Path(command[0]).name
        raise CompilingFailed(f"{name}: {seconds:g} 秒内没有完成 / not done in that time") from None


def _is_installed(package: str, compiler: Path) -> bool:
    """Whether Node would find the package from there: in node_modules of a folder or above."""
    return any(
        (above / "node_modules" / package).is_dir() for above in [compiler, *compiler.parents]
    )


def _digest(compiler: Path) -> str:
    digest = hashlib.sha256()
    for path in [*sorted(compiler.rglob("*")), compiler.parent / TAGS]:
        name = path.relative_to(compiler.parent)
        if path.is_file() and "node_modules" not in name.parts:
            digest.update(f"{name.as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "wechat-simulator"
