"""What a person reads: tables, pictures, words and pages of what was found. Nothing is played or worked out here."""
