"""What a world is made of, frozen and checked: scenario, population, strategies, pricing and revision rules, mechanisms. Nothing is played here."""
