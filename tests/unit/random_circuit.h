/* Circuits of random gates, angles and measurements, for tests. */
#ifndef QF_TESTS_RANDOM_CIRCUIT_H
#define QF_TESTS_RANDOM_CIRCUIT_H

#include "base/random.h"
#include "quantum/circuit.h"

#include <assert.h>

static qf_angle random_angle(qf_random *random, const qf_circuit *c) {
    qf_angle angle = qf_angle_constant(4 * qf_random_normal(random));
    const uint64_t choice = qf_random_below(random, 5);
    if (choice == 0) return angle;
    angle.source = choice < 3 ? QF_ANGLE_INPUT : QF_ANGLE_WEIGHT;
    angle.index = qf_random_below(random, choice < 3 ? c->inputs : c->weights);
    angle.scale = qf_random_normal(random);
    return angle;
}

static void random_gate(qf_random *random, qf_circuit *c) {
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
    for (size_t i = 0; i < form->angles; i++) angles[i] = random_angle(random, c);
    const qf_status status = qf_circuit_add(c, kind, wires, angles, &error);
    assert(status == QF_OK);
    (void)status;
}

/* With some 1 + wires inputs, gates/2 weights, three Pauli strings and probabilities. */
static void random_circuit(qf_random *random, size_t wires, size_t gates, qf_circuit *c) {
    qf_error error;
    qf_status status = qf_circuit_new(c, wires, 1 + wires, gates / 2 + 1, &error);
    for (size_t i = 0; i < gates; i++) random_gate(random, c);
    for (size_t i = 0; i < 3; i++) {
        char string[QF_MAX_WIRES + 1] = {0};
        for (size_t w = 0; w < wires; w++) {
            string[w] =
                "IXYZ"[i == 0 ? 3 * qf_random_below(random, 2) : qf_random_below(random, 4)];
        }
        if (status == QF_OK) status = qf_circuit_measure_pauli(c, string, &error);
    }
    const uint64_t all = ((uint64_t)1 << wires) - 1;
    const uint64_t some = qf_random_u64(random) & all;
    if (status == QF_OK) status = qf_circuit_measure_probabilities(c, some ? some : all, &error);
    assert(status == QF_OK);
}

#endif
