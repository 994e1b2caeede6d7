/* Random gates, angles and measurements, for tests. */
#ifndef QF_TESTS_RANDOM_CIRCUIT_H
#define QF_TESTS_RANDOM_CIRCUIT_H

#include "base/random.h"
#include "quantum/circuit.h"

#include <assert.h>

/* One in five is constant; of the rest, half are inputs' if inputs may be used. */
static qf_angle random_angle(qf_random *random, const qf_circuit *c, bool inputs) {
    qf_angle angle = qf_angle_constant(4 * qf_random_normal(random));
    const uint64_t choice = qf_random_below(random, 5);
    if (choice == 0) return angle;
    const bool input = inputs && choice < 3;
    angle.source = input ? QF_ANGLE_INPUT : QF_ANGLE_WEIGHT;
    angle.index = qf_random_below(random, input ? c->inputs : c->weights);
    angle.scale = qf_random_normal(random);
    return angle;
}

static void random_gate(qf_random *random, qf_circuit *c, bool inputs) {
    qf_error error;
    const qf_gate_form *form;
    qf_gate_kind kind;
    do {
        kind = (qf_gate_kind)qf_random_below(random, QF_GATE_KINDS);
        form = qf_gate_form_of(kind);
    } while (form->wires > c->wires);
    size_t wires[QF_MAX_WIRES];
    qf_angle angles[QF_GATE_ANGLES];
    for (size_t i = 0; i < c->wires; i++) wires[i] = i;
    qf_random_shuffle(random, wires, c->wires);
    for (size_t i = 0; i < form->angles; i++) angles[i] = random_angle(random, c, inputs);
    const qf_status status = qf_circuit_add(c, kind, wires, angles, &error);
    assert(status == QF_OK);
    (void)status;
}

static inline void random_strings(qf_random *random, size_t count, qf_circuit *c) {
    qf_error error;
    for (size_t i = 0; i < count; i++) {
        char string[QF_MAX_WIRES + 1] = {0};
        for (size_t w = 0; w < c->wires; w++) {
            string[w] =
                "IXYZ"[i == 0 ? 3 * qf_random_below(random, 2) : qf_random_below(random, 4)];
        }
        const qf_status status = qf_circuit_measure_pauli(c, string, &error);
        assert(status == QF_OK);
        (void)status;
    }
}

#endif
