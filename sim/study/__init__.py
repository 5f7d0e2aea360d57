"""Studies: many runs of one question, where they are played, how they are kept, and what they say."""
