"""What leaving a provider costs: the trouble of changing, and what a contract asks of whoever breaks it.

The trouble is paid once, whenever the firm bought from is not the firm of the purchase before::

    V_if <- V_if - cost [f is not the last provider]

so that with two firms and appeals V_1, V_2 the last provider follows a Markov chain, whose stationary share of firm 1
is p_21 / (p_12 + p_21) with p_12 = exp(V_2 - cost) / (1 + exp(V_1) + exp(V_2 - cost)). A contract asks for money
instead, of whoever is bound, to be paid to the firm that is left.
Sources: Klemperer (1987), Markets with consumer switching costs, Quarterly J. Economics 102, 375-394; Klemperer (1995),
Competition when consumers have switching costs, Review of Economic Studies 62, 515-539, who counts transaction costs
and contractual costs as two kinds of one thing. Implements D5, F2 and D7.
"""

from sim.science.rules import rule


@rule
def cost_of_leaving(tie, firm, cost):
    """Cost of buying from `firm` for a customer tied to the firm `tie`, negative for none [unit of cost].

    >>> cost_of_leaving(2, 3, 0.5), cost_of_leaving(2, 2, 0.5), cost_of_leaving(-1, 3, 0.5)
    (0.5, 0.0, 0.0)
    """
    return cost if (tie >= 0) & (tie != firm) else cost - cost
