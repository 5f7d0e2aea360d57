"""What happened, as declared data: customers, firms, offers, counts, features. No rule, no decision, and nothing that plays."""
