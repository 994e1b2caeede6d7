#include "model/circuit_source_wire.h"

#include "base/random.h"
#include "model/model_wire.h"
#include "model/qnn_net.h"
#include "quantum/qasm_write.h"

#include <stdlib.h>
#include <string.h>

/* ---- Reading ---- */

static qf_status use_model(qf_circuit_source *source, const char *name,
                           const qf_qasm_read_options *options, qf_error *error) {
    qf_status status = qf_qnn_circuit(&source->model, &source->circuit, &source->trained, error);
    if (status != QF_OK) {
        qf_error_context(error, "%s", name);
    } else if (options->features) {
        status = qf_fail(error, QF_USAGE, "%s: the inputs of a model's circuit are settled", name);
    } else if (options->measure) {
        status = qf_circuit_measure_text(source->circuit, options->measure, error);
    }
    if (status != QF_OK) qf_model_free(&source->model);
    return status;
}

static qf_status read_open(qf_reader *reader, bool is_stream, const qf_qasm_read_options *options,
                           qf_circuit_source *source, qf_error *error) {
    if (is_stream && strcmp(reader->type, "model") == 0) {
        QF_TRY(qf_model_read_open(reader, &source->model, error));
        return use_model(source, reader->name, options, error);
    }
    source->circuit = &source->own;
    return qf_circuit_read_open(reader, is_stream, options, &source->own, error);
}

qf_status qf_circuit_source_read(qf_session *session, const char *path,
                                 const qf_qasm_read_options *options, qf_circuit_source *source,
                                 qf_error *error) {
    qf_reader reader;
    bool is_stream;
    *source = (qf_circuit_source){0};
    qf_status status = qf_reader_open_any(&reader, session, path, "circuit", &is_stream, error);
    if (status == QF_OK) status = read_open(&reader, is_stream, options, source, error);
    qf_reader_close(&reader);
    return status;
}

void qf_circuit_source_free(qf_circuit_source *source) {
    qf_circuit_free(&source->own);
    if (source->model.kind) qf_model_free(&source->model);
    *source = (qf_circuit_source){0};
}

/* ---- Values of parameters ---- */

const char *const qf_weight_choices[] = {"open", "trained", "random", NULL};

/* NULL for open ones; the caller frees. */
static qf_status choose_weights(const qf_circuit_source *source, const qf_circuit_binding *binding,
                                double **weights, qf_error *error) {
    const double turn = 6.28318530717958647692;
    const size_t count = source->circuit->weights;
    const bool trained = binding->weights == QF_WEIGHTS_TRAINED;
    if (binding->weights == QF_WEIGHTS_OPEN) return QF_OK;
    if (trained && !source->trained) {
        return qf_fail(error, QF_USAGE, "only a model has trained weights");
    }
    *weights = trained ? qf_copy_array(source->trained, count, sizeof **weights, error)
                       : qf_new_array(count, sizeof **weights, error);
    if (!*weights) return QF_MEMORY;
    qf_random random = qf_random_stream(binding->seed, "circuit weights", 0);
    for (size_t i = 0; i < count && !trained; i++) {
        (*weights)[i] = turn * qf_random_uniform(&random);
    }
    return QF_OK;
}

/* NULL where there is none. */
static const double *find_row(const qf_table *table, int64_t row) {
    for (size_t i = 0; i < table->rows; i++) {
        const qf_origin *origin = &table->origins[i];
        if (origin->row == row && origin->neighbour < 0) return table->values + i * table->columns;
    }
    return NULL;
}

static qf_status choose_inputs(const qf_circuit_source *source, const qf_circuit_binding *binding,
                               double **inputs, qf_error *error) {
    const qf_model *model = source->model.kind ? &source->model : NULL;
    const qf_table *table = binding->table;
    const size_t count = source->circuit->inputs;
    if (!table) return QF_OK;
    if (model) {
        QF_TRY(qf_table_check_columns(model->columns, (const char *const *)model->names, table,
                                      error));
    } else if (table->columns != count) {
        return qf_fail(error, QF_MISMATCH,
                       "the circuit takes %zu inputs, the table has %zu columns", count,
                       table->columns);
    }
    const double *row = find_row(table, binding->row);
    if (!row) {
        return qf_fail(error, QF_MISMATCH, "the table has no original row %lld",
                       (long long)binding->row);
    }
    *inputs = qf_new_array(count, sizeof **inputs, error);
    if (!*inputs) return QF_MEMORY;
    if (model) return qf_qnn_circuit_inputs(model, binding->simd, row, 1, *inputs, error);
    memcpy(*inputs, row, count * sizeof **inputs);
    return QF_OK;
}

qf_status qf_circuit_source_export(const qf_circuit_source *source, int version,
                                   const qf_circuit_binding *binding, qf_bytes *program,
                                   qf_error *error) {
    double *inputs = NULL, *weights = NULL;
    qf_status status = choose_weights(source, binding, &weights, error);
    if (status == QF_OK) status = choose_inputs(source, binding, &inputs, error);
    if (status == QF_OK) {
        const qf_qasm_write_options how = {version, inputs, weights};
        status = qf_qasm_write(source->circuit, &how, program, error);
    }
    free(inputs);
    free(weights);
    return status;
}
