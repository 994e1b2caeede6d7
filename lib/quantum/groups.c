#include "quantum/groups.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static qf_group group_of(const qf_measurement *m) {
    const bool pauli = m->kind == QF_MEASURE_PAULI;
    return (qf_group){.x = pauli ? m->x : 0, .z = pauli ? m->z : m->wires};
}

/* Whether on every wire that both measure they ask for the same letter. */
static bool fits(const qf_group *a, const qf_group *b) {
    const uint64_t both = (a->x | a->z) & (b->x | b->z);
    return ((a->x ^ b->x) & both) == 0 && ((a->z ^ b->z) & both) == 0;
}

static void list_wires(qf_group *group, size_t wires) {
    for (size_t w = 0; w < wires; w++) {
        if ((group->x | group->z) >> w & 1) group->wires[group->wire_count++] = w;
    }
}

qf_status qf_groups_make(const qf_circuit *circuit, qf_groups *groups, qf_error *error) {
    groups->group_of = qf_new_array(circuit->measurement_count, sizeof *groups->group_of, error);
    if (!groups->group_of) return QF_MEMORY;
    for (size_t m = 0; m < circuit->measurement_count; m++) {
        const qf_group own = group_of(&circuit->measurements[m]);
        size_t g = 0;
        while (g < groups->count && !fits(&own, &groups->items[g])) g++;
        if (g == groups->count) {
            QF_TRY(qf_grow_array(&groups->items, &groups->capacity, groups->count + 1,
                                 sizeof *groups->items, error));
            groups->items[groups->count++] = (qf_group){0};
        }
        groups->items[g].x |= own.x;
        groups->items[g].z |= own.z;
        groups->group_of[m] = g;
    }
    for (size_t g = 0; g < groups->count; g++) list_wires(&groups->items[g], circuit->wires);
    return QF_OK;
}

void qf_groups_free(qf_groups *groups) {
    free(groups->items);
    free(groups->group_of);
    *groups = (qf_groups){0};
}

/* The outcome's bits on these wires, the first listed the highest. */
static size_t bits_on(const qf_group *group, uint64_t wires, size_t outcome) {
    size_t bits = 0;
    for (size_t i = 0; i < group->wire_count; i++) {
        if (!(wires >> group->wires[i] & 1)) continue;
        bits = bits << 1 | (outcome >> (group->wire_count - 1 - i) & 1);
    }
    return bits;
}

void qf_group_outputs(const qf_circuit *circuit, const qf_groups *groups, size_t group,
                      const double *chances, double *outputs) {
    const qf_group *own = &groups->items[group];
    const size_t outcomes = (size_t)1 << own->wire_count;
    size_t output = 0;
    for (size_t m = 0; m < circuit->measurement_count; m++) {
        const qf_measurement *at = &circuit->measurements[m];
        const bool pauli = at->kind == QF_MEASURE_PAULI;
        const size_t count = pauli ? 1 : (size_t)1 << __builtin_popcountll(at->wires);
        double *to = outputs + output;
        output += count;
        if (groups->group_of[m] != group) continue;
        memset(to, 0, count * sizeof *to);
        for (size_t k = 0; k < outcomes; k++) {
            const size_t bits = bits_on(own, pauli ? at->x | at->z : at->wires, k);
            if (pauli) {
                to[0] += __builtin_parityll(bits) ? -chances[k] : chances[k];
            } else {
                to[bits] += chances[k];
            }
        }
    }
}

/* Level after level of a tree whose leaves are the outcomes: node 1 has all shots, and those of
 * node k are divided between 2k and 2k + 1. */
void qf_group_draw(size_t wires, size_t shots, qf_random *random, double *chances, double *sums) {
    const size_t outcomes = (size_t)1 << wires;
    for (size_t k = 0; k < outcomes; k++) sums[outcomes + k] = chances[k] > 0 ? chances[k] : 0;
    for (size_t k = outcomes; k-- > 1;) sums[k] = sums[2 * k] + sums[2 * k + 1];
    double all = (double)shots; /* of node 1 */
    for (size_t k = 1; k < outcomes; k++) {
        const double here = k == 1 ? all : sums[k]; /* its shots, in place of its chance */
        const double left = sums[2 * k], right = sums[2 * k + 1], both = left + right;
        const uint64_t to_right =
            both > 0 ? qf_random_binomial(random, (uint64_t)here, right / both) : 0;
        sums[2 * k] = here - (double)to_right;
        sums[2 * k + 1] = (double)to_right;
    }
    if (outcomes == 1) sums[1] = all;
    for (size_t k = 0; k < outcomes; k++) chances[k] = sums[outcomes + k] / (double)shots;
}

void qf_group_misread(const qf_group *group, const double (*misread)[2], double *chances) {
    const size_t outcomes = (size_t)1 << group->wire_count;
    for (size_t i = 0; i < group->wire_count; i++) {
        const double *of = misread[group->wires[i]];
        const size_t bit = (size_t)1 << (group->wire_count - 1 - i);
        for (size_t k = 0; k < outcomes; k++) {
            if (k & bit) continue;
            const double zero = chances[k], one = chances[k | bit];
            chances[k] = (1 - of[0]) * zero + of[1] * one;
            chances[k | bit] = of[0] * zero + (1 - of[1]) * one;
        }
    }
}
