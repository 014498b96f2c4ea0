"""Known before Django is set up. Another name lets two runs go on at the same time."""

import os


DATABASE = os.environ.get("BENCH_DATABASE") or "bench_engine"
