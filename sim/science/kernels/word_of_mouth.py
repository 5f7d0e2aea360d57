"""Reports between contacts of a network in compressed sparse rows."""

import numpy as np

from sim.ground.grid import NOBODY
from sim.science.kernels import kernel
from sim.science.kernels.row import row_of
from sim.science.rules import rule
from sim.science.rules.complaint import SILENT
from sim.science.rules.numeric import from_grid, to_grid
from sim.science.rules.philox import philox
from sim.science.rules.satisfaction import smooth
from sim.science.rules.window import frequency
from sim.science.rules.word_of_mouth import telling_chance, told

HALF, CHANCES, ALL = np.float32(0.5), np.float32(65536), np.float32(65535)
ZERO, ONE, THREE, FOUR, SEVEN, EIGHT = (np.uint32(k) for k in (0, 1, 3, 4, 7, 8))
TOGETHER = 256  # customers whose contacts are listed at once
LISTED = 8 * TOGETHER
LOW, SIXTEEN = np.uint32(0xFFFF), np.uint32(16)
TALK, BAD_REACH, BAD_WEIGHT, RATE = range(4)


@rule
def may(bits, reach, place):
    """Bit `place` if sixteen bits of chance are small enough for anybody to tell."""
    return np.uint32(np.uint32(bits <= reach) << np.uint32(place))


@rule
def half_of(word, k):
    """The sixteen bits of chance of contact k in its word: the lower half for an even one."""
    return np.uint32(np.uint32(word >> np.uint32(np.uint32(k & ONE) << FOUR)) & LOW)


@kernel
def note_reports(node, alive, provider, before, mood, satisfaction, out_firm, out_value):
    """Write down what each customer could tell: the firm last used and the satisfaction with it, in 1/1024 utils.

    mood : what customers did about the last service, who are silent tell nothing, or no rows; satisfaction : (firms, rows); out_firm, out_value : by node of the network.
    """
    for i in range(node.size):
        f = provider[i] if provider[i] >= 0 else before[i]
        n = node[i]
        quiet = mood.size > 0 and mood[i] == SILENT
        out_firm[n] = f if alive[i] and not quiet else NOBODY
        if f >= 0:
            out_value[n] = satisfaction[f, i]


@rule
def hear(j, bits, firm, value, terms, i, out_hearsay, out_told):
    """Let customer i hear of contact j, if j tells by these sixteen bits of chance."""
    f = firm[j]
    if f >= 0:
        satisfaction = from_grid(value[j])
        if (np.float32(bits) + HALF) / CHANCES < telling_chance(satisfaction, terms[TALK], terms[BAD_REACH]):
            report = told(satisfaction, terms[BAD_WEIGHT])
            out_hearsay[f, i] = to_grid(smooth(from_grid(out_hearsay[f, i]), report, terms[RATE]))
            if out_told.size:
                out_told[f, i] = max(out_told[f, i], np.uint8(1))


@kernel
def draw_chances(identity, period, k0, k1, terms, out_words, out_speak):
    """Draw for each customer which of the first eight contacts may tell; sixteen bits of chance a contact.

    terms : see `hear_reports`; out_words : (4, rows) uint32, two contacts a word; out_speak : uint8, a bit a contact.
    """
    most = max(terms[TALK], terms[TALK] * terms[BAD_REACH])
    reach = np.uint32(np.ceil(min(most, ALL / CHANCES) * CHANCES))
    one, two = row_of(out_words, 0), row_of(out_words, 1)
    three, four = row_of(out_words, 2), row_of(out_words, 3)
    for i in range(identity.size):
        one[i], two[i], three[i], four[i] = philox(identity[i], period, ZERO, ZERO, k0, k1)
    for i in range(identity.size):
        a, b, c, d = one[i], two[i], three[i], four[i]
        out_speak[i] = np.uint8(
            may(a & LOW, reach, 0) | may(a >> SIXTEEN, reach, 1) | may(b & LOW, reach, 2) | may(b >> SIXTEEN, reach, 3)
            | may(c & LOW, reach, 4) | may(c >> SIXTEEN, reach, 5) | may(d & LOW, reach, 6) | may(d >> SIXTEEN, reach, 7)
        )  # fmt: skip


@kernel
def list_chances(speak, first, last, out_chance):
    """List the contacts that may tell, customer by customer from `first` to before `last`: 8 * row + contact.

    The bits of four customers are looked through at once. Returns how many they are.
    """
    count = 0
    for i in range(first, last, 4):
        left = ZERO
        for b in range(min(4, last - i)):
            left |= np.uint32(np.uint32(speak[i + b]) << np.uint32(8 * b))
        while left:
            out_chance[count] = np.uint32(8 * i) + frequency(np.uint32(np.uint32(left & np.uint32(~left + ONE)) - ONE))
            left &= np.uint32(left - ONE)
            count += 1
    return count


@kernel
def hear_reports(node, starts, contacts, firm, value, words, speak, terms, room, report, out_hearsay, out_told):
    """Let each customer hear what the first eight contacts tell, in the order of the network.

    starts, contacts : rows of the network; firm, value : what each node has to tell; words, speak : scratch, from
    `draw_chances`; terms : (4,) float32, chance to tell, reach and weight of bad reports, part of a report that enters
    the opinion; room : (3, LISTED) uint32 scratch; report : float32 scratch of that length;
    out_hearsay : (firms, rows) int16 in 1/1024 utils; out_told : (firms, rows) uint8, raised to 1 where the firm was
    mentioned, or no rows to leave it out.
    """
    chance, teller, told_of = room[0], room[1], room[2]
    for i in range(node.size):
        degree = np.uint32(starts[node[i] + 1] - starts[node[i]])
        speak[i] = np.uint8(np.uint32(speak[i]) & np.uint32(np.uint32(ONE << min(degree, EIGHT)) - ONE))
    for first in range(0, node.size, TOGETHER):
        count = list_chances(speak, first, min(first + TOGETHER, node.size), chance)
        for c in range(count):
            i, k = chance[c] >> THREE, chance[c] & SEVEN
            teller[c] = contacts[starts[node[i]] + k]
            told_of[c] = half_of(words[k >> ONE, i], k)
        for c in range(count):
            report[c] = from_grid(value[teller[c]])
        for c in range(count):
            teller[c] = np.uint32(np.int32(firm[teller[c]]))
        for c in range(count):
            heard = (np.float32(told_of[c]) + HALF) / CHANCES < telling_chance(report[c], terms[TALK], terms[BAD_REACH])
            told_of[c] = np.uint32(heard & (np.int32(teller[c]) >= 0))
            report[c] = told(report[c], terms[BAD_WEIGHT])
        heard = 0
        for c in range(count):  # only those that are told
            tells = told_of[c]
            chance[heard], teller[heard], report[heard] = chance[c] >> THREE, teller[c], report[c]
            heard += tells
        for c in range(heard):
            f, i = teller[c], chance[c]
            out_hearsay[f, i] = to_grid(smooth(from_grid(out_hearsay[f, i]), report[c], terms[RATE]))
        for c in range(heard if out_told.size else 0):
            out_told[teller[c], chance[c]] = max(out_told[teller[c], chance[c]], np.uint8(1))


@kernel
def hear_more_reports(
    identity, period, k0, k1, node, starts, contacts, firm, value, terms, out_hearsay, out_told
):  # fmt: skip
    """Let who has more than eight contacts hear the others, too; after `hear_reports`, and as there."""
    for i in range(identity.size):
        n = node[i]
        degree = np.uint32(starts[n + 1] - starts[n])
        for k in range(EIGHT, degree):
            more = philox(identity[i], period, np.uint32(k >> 3), ZERO, k0, k1)
            pair = (np.uint32(k) >> ONE) & THREE
            word = more[0] if pair == 0 else more[1] if pair == 1 else more[2] if pair == 2 else more[3]
            bits = word & LOW if k & 1 == 0 else word >> SIXTEEN
            hear(contacts[starts[n] + k], bits, firm, value, terms, i, out_hearsay, out_told)
