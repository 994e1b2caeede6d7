/* Built-in circuits: feature maps, ansatz layers, and circuits put together from them. */
#ifndef QF_QUANTUM_BUILTIN_H
#define QF_QUANTUM_BUILTIN_H

#include "quantum/circuit.h"

typedef struct qf_builtin {
    const char *name;
    const char *summary; /* one line */
    size_t least_wires;
    size_t layers; /* when none are asked for; 0: the circuit has no layers to repeat */
} qf_builtin;

/* Those that turn weights into gates, and those that turn inputs into gates (feature maps).
 * The item at `index`, NULL past the last. */
const qf_builtin *qf_ansatz_at(size_t index);
const qf_builtin *qf_feature_map_at(size_t index);
/* Appends a line for each of them. */
qf_status qf_builtins_print(qf_bytes *text, qf_error *error);

/* What to put together: a feature map, then an ansatz. */
typedef struct qf_recipe {
    const char *ansatz;      /* a name, or NULL for the feature map alone */
    const char *feature_map; /* a name; NULL: "rx" */
    const char *paulis;      /* of feature map "pauli": strings with commas, the first letter on the
                              * lowest wire; NULL: "Z,YY" */
    const char *measure; /* as qf_circuit_measure_text; NULL: <Z> of all wires, or of all but the
                          * last for short and long */
    size_t wires;
    size_t layers;     /* of the ansatz; 0: its default */
    size_t map_layers; /* how often the feature map is repeated before the ansatz; 0: its default */
    size_t uploads; /* how often feature map and ansatz alternate, each time with weights of their
                     * own; 0: once (data re-uploading: Perez-Salinas et al. 2020) */
    uint64_t seed;  /* of the axes of pauli-two-design */
} qf_recipe;

/* The circuit; weights and inputs in the order in which the gates use them. The caller frees it.
 * QF_USAGE for an unknown name, too few wires, or amplitudes that are uploaded twice.
 *
 * Sources: short and long, after the paper's circuits of four wires, which take these very gates
 * (so one weight more is declared than used); basic and strong: PennyLane's BasicEntanglerLayers
 * (RX) and StronglyEntanglingLayers (Schuld et al. 2020), real-amplitudes, efficient-su2,
 * two-local, pauli-two-design (McClean et al. 2018) and the maps z, zz, pauli (Havlicek et al.
 * 2019): Qiskit's with their default entanglement; iqp: PennyLane's IQPEmbedding; sim1 .. sim19:
 * Sim, Johnson and Aspuru-Guzik 2019, Figure 2, generalised as in its Table 1. */
qf_status qf_builtin_build(const qf_recipe *recipe, qf_circuit *circuit, qf_error *error);

#endif
