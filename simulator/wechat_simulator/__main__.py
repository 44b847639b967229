"""`python -m wechat_simulator` is the command `wechat-simulator`."""

from wechat_simulator.cli import main

main()
