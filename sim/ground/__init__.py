"""What everything stands on: parameters, addressed draws, columns and their units, the integer grid, Parquet. No market, no state."""
