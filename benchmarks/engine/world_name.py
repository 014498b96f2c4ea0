"""Known before Django is set up."""

DATABASE = "bench_engine"
