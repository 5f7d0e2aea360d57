"""What a study says: contrasts, verdicts, attributions, sensitivity, boxes; numbers, never pictures."""
