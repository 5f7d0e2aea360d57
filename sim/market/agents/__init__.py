"""Mesa's agents: firms are real objects, customers are handles on rows, institutions on the accounts of their tenders. No rules."""

from sim.market.agents.customer import Customer, CustomerSet
from sim.market.agents.firm import Firm
from sim.market.agents.institution import Institution, institutions_of

__all__ = ["Customer", "CustomerSet", "Firm", "Institution", "institutions_of"]
