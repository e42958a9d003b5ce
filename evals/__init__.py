"""The developer's harness: suites, scorers, benchmarks."""
