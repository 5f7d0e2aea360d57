"""One market played, period by period, and written down. No economics of its own, no study of many runs."""
