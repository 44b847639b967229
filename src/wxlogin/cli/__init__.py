"""The command `wxlogin`: what an operator types.

Owns words on a terminal and exit codes; every act itself is a method of `WxLogin` or
of a store. Other programs add commands through the entry point group `wxlogin.commands`.
"""

import sys


def main() -> None:
    """The console script. Without the extra `[server]` it says which line to type."""
    try:
        import click  # noqa: F401
    except ModuleNotFoundError:
        sys.exit(
            '命令行需要附加依赖 (the command line needs an extra): pip install "wxlogin[server]"'
        )
    from wxlogin.cli.commands import commands

    commands(prog_name="wxlogin")
