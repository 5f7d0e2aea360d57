"""The plan of a period in words: what happens, in this order and no other."""

PLAN = (  # phase, who acts, what happens, hooks of mechanisms in it
    (
        "decide",
        "firms",
        "firms come and go; all look at last period, then all decide: nobody sees a rival's move of the same period",
        ("on_open", "on_leave", "on_report"),
    ),
    (
        "offer",
        "firms",
        "the board is cleared; mechanisms post service levels and bill costs; pricing rules post fares",
        ("on_offer", "on_post", "on_show"),
    ),
    ("hear", "customers", "a month begins; mechanisms bring occasions and news", ("on_hear",)),
    (
        "choose",
        "customers",
        "per occasion: every firm's appeal plus its keyed shock against staying out; the best is bought",
        ("on_occasion", "on_weigh", "on_consider", "on_ration"),
    ),
    (
        "experience",
        "customers",
        "per occasion: service is delivered and paid; customers make something of it",
        ("on_serve", "on_experience"),
    ),
    (
        "bond",
        "customers",
        "per occasion: habits and points are updated; purchases are counted and remembered",
        ("on_bond",),
    ),
    (
        "turn",
        "customers",
        "the month ends: what time does to customers; who bought from whom in a year is counted",
        ("on_turn",),
    ),
    (
        "settle",
        "firms",
        "mechanisms close what they kept, customers come and go; every firm's books are closed",
        ("on_settle",),
    ),
)
