"""Studies: many runs of one question, how they are planned, kept and answered. No pictures, no pages."""
