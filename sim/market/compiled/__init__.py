"""A period of customers as compiled data: steps recorded from hooks, played over all rows without the interpreter; no economics."""
