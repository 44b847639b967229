"""What it costs, as ratios measured side by side in one run: `make bench`.

CPU time per request of the server's own process, from the operating system; rounds of
the contestants alternate, and the median round counts. A wall time on a shared machine
says little, a ratio of CPU times in one run says most of what there is to know.
"""
