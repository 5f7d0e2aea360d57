"""Mesa's agents: firms are real objects, customers are handles on rows of the market's table."""

from sim.agents.customer import Customer, CustomerSet
from sim.agents.firm import Firm

__all__ = ["Customer", "CustomerSet", "Firm"]
