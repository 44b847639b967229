"""`make docs`: the pages as a site in `site/`.

Zensical is needed by nobody who uses wxlogin, so it lives in an environment of its own,
made the first time. A link that leaves `docs/` has nowhere to go on the site: there its
words stand alone.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENVIRONMENT = ROOT / ".venv-docs"
SITE = ROOT / "site"
BIN = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin")
ZENSICAL = "zensical==0.0.73"
READY = ENVIRONMENT / ".ready"

LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)#\s]+)(#[^)]*)?\)")


def main() -> None:
    if not READY.is_file() or READY.read_text("utf-8") != ZENSICAL:
        install()
    with tempfile.TemporaryDirectory(prefix="wxlogin-docs-") as folder:
        stage(Path(folder))
        build = [BIN / "zensical", "build", "--clean"]
        if subprocess.run(build, cwd=folder, check=False).returncode:  # noqa: S603
            sys.exit("文档没有建成，原因见上 (the site was not built, see above)")
        shutil.rmtree(SITE, ignore_errors=True)
        shutil.copytree(Path(folder) / "site", SITE)
    ignore(SITE)
    sys.stdout.write(f"文档 the documentation: {SITE / 'index.html'}\n")


def install() -> None:
    """Zensical into its own environment; a message in plain words where that cannot be."""
    sys.stdout.write(f"安装 installing {ZENSICAL}\n")
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    ignore(ENVIRONMENT)
    pip = [BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, ZENSICAL], check=False).returncode:  # noqa: S603
        sys.exit(
            f"无法安装 {ZENSICAL}：请检查 pip 的网络或镜像设置 "
            f"(could not be installed: look at pip's network or mirror settings)"
        )
    READY.write_text(ZENSICAL, "utf-8")


def stage(folder: Path) -> None:
    """What the site is made of: `mkdocs.yml`, and `docs/` without links out of it."""
    shutil.copy(ROOT / "mkdocs.yml", folder)
    docs = folder / "docs"
    shutil.copytree(ROOT / "docs", docs, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for page in docs.rglob("*.md"):
        page.write_text(without_links_out(page, docs), "utf-8")


def without_links_out(page: Path, docs: Path) -> str:
    def keep(link: re.Match[str]) -> str:
        words, target = link.group(1), link.group(2)
        is_inside = (page.parent / target).resolve().is_relative_to(docs.resolve())
        return link.group(0) if ":" in target or is_inside else words

    return LINK.sub(keep, page.read_text("utf-8"))


def ignore(folder: Path) -> None:
    """What is made here is nobody's to commit."""
    (folder / ".gitignore").write_text("*\n", "utf-8")


if __name__ == "__main__":
    main()
