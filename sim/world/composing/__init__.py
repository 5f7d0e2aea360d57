"""From files and words to a checked scenario: what is read, refused, composed and chosen. Files are data here, never code."""
