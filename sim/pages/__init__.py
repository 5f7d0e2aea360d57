"""What a person reads after a run: pictures, tables, words, a page."""
