"""Questions put to many runs: sweep, compare, explain."""
