"""Keep as many processes busy as asked, each with the same work: ``python bench/busy.py COUNT``.

What a second core is worth on this machine just now: on a free one, two take as long as one.
"""

import subprocess
import sys

WORK = "sum(number * number for number in range(10_000_000))"

if __name__ == "__main__":
    processes = [subprocess.Popen([sys.executable, "-c", WORK]) for _ in range(int(sys.argv[1]))]
    sys.exit(max(process.wait() for process in processes))
