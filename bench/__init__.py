"""Fleet simulator, load generator and published benchmarks. May import all; nobody imports it."""
