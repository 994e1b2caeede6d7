/* A circuit from wherever it may come: OpenQASM, a circuit stream, or a model with its trained
 * weights; and the numbers that may take the places of its parameters. */
#ifndef QF_MODEL_CIRCUIT_SOURCE_WIRE_H
#define QF_MODEL_CIRCUIT_SOURCE_WIRE_H

#include "model/model.h"
#include "quantum/circuit_wire.h"

typedef struct qf_circuit_source {
    qf_circuit *circuit;   /* `own`, or the model's */
    const double *trained; /* [circuit->weights], the model's; NULL where there is none */
    qf_circuit own;
    qf_model model; /* kind NULL: none */
} qf_circuit_source;

/* Reads a file as qf_circuit_read, which may also be a model stream: QF_DATA for a model without
 * circuit. The source points into itself. Free on success. */
qf_status qf_circuit_source_read(qf_session *session, const char *path,
                                 const qf_qasm_read_options *options, qf_circuit_source *source,
                                 qf_error *error);
void qf_circuit_source_free(qf_circuit_source *source);

typedef enum qf_weight_choice {
    QF_WEIGHTS_OPEN,
    QF_WEIGHTS_TRAINED,
    QF_WEIGHTS_RANDOM
} qf_weight_choice;
/* "open", "trained", "random"; NULL-terminated. */
extern const char *const qf_weight_choices[];

/* What takes the places of a circuit's parameters in an export. */
typedef struct qf_circuit_binding {
    qf_weight_choice weights;
    uint64_t seed; /* random weights are uniform in [0, 2 pi) */
    /* The inputs: what the model's dense layers make of a row of a table; without a model, its
     * columns as they are. `row` is the original row's number. NULL: open. */
    const qf_table *table;
    int64_t row;
    qf_simd simd;
} qf_circuit_binding;

/* Appends the circuit as OpenQASM of this version. QF_USAGE for trained weights without a model,
 * QF_MISMATCH for a table of other columns or without the row; else as qf_qasm_write. */
qf_status qf_circuit_source_export(const qf_circuit_source *source, int version,
                                   const qf_circuit_binding *binding, qf_bytes *program,
                                   qf_error *error);

#endif
