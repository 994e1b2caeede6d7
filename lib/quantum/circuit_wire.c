#include "quantum/circuit_wire.h"

#include "quantum/qasm_write.h"
#include "stream/writer.h"

#include <stdlib.h>
#include <string.h>

qf_status qf_circuit_print(const qf_circuit *circuit, qf_bytes *program, qf_bytes *measure,
                           qf_error *error) {
    const qf_qasm_write_options options = {.version = 3};
    QF_TRY(qf_qasm_write(circuit, &options, program, error));
    return qf_circuit_measure_print(circuit, measure, error);
}

/* ---- Writing ---- */

static qf_status describe(const qf_circuit *circuit, qf_record *parameters, qf_error *error) {
    QF_TRY(qf_record_set_integer(parameters, "wires", (int64_t)circuit->wires, error));
    QF_TRY(qf_record_set_integer(parameters, "inputs", (int64_t)circuit->inputs, error));
    QF_TRY(qf_record_set_integer(parameters, "weights", (int64_t)circuit->weights, error));
    return qf_record_set_integer(parameters, "outputs", (int64_t)circuit->outputs, error);
}

static qf_status make_record(const qf_circuit *circuit, qf_record *record, qf_error *error) {
    qf_bytes program = {0}, measure = {0};
    qf_status status = qf_circuit_print(circuit, &program, &measure, error);
    if (status == QF_OK) {
        status = qf_record_set_text(record, "program", (const char *)program.data, error);
    }
    if (status == QF_OK) {
        status = qf_record_set_text(record, "measure", (const char *)measure.data, error);
    }
    free(program.data);
    free(measure.data);
    return status;
}

qf_status qf_circuit_write(qf_session *session, int fd, const char *name, const qf_circuit *circuit,
                           qf_error *error) {
    qf_writer writer = {0};
    qf_record parameters = {0}, record = {0};
    qf_status status = describe(circuit, &parameters, error);
    if (status == QF_OK) status = make_record(circuit, &record, error);
    if (status == QF_OK) {
        status = qf_writer_open(&writer, session, fd, name, "circuit", NULL, &parameters, error);
    }
    if (status == QF_OK) status = qf_writer_record(&writer, &record, error);
    if (status == QF_OK) status = qf_writer_close(&writer, error);
    qf_writer_free(&writer);
    qf_record_free(&record);
    qf_record_free(&parameters);
    return status;
}

/* ---- Reading ---- */

static qf_status read_program(qf_reader *reader, const qf_qasm_read_options *options,
                              qf_circuit *circuit, qf_error *error) {
    qf_bytes text = {0};
    qf_status status = qf_reader_foreign(reader, "circuit", QF_PROGRAM_SIZE, &text, error);
    if (status == QF_OK) {
        status = qf_qasm_read((const char *)text.data, text.length, options, circuit, error);
        status = qf_reader_name(reader, status, error);
    }
    free(text.data);
    return status;
}

/* The record's circuit; what it says is data, whatever is wrong with it. */
static qf_status decode(const qf_record *record, const qf_record *parameters, qf_circuit *circuit,
                        qf_error *error) {
    const char *program = qf_record_text(record, "program");
    const qf_qasm_read_options options = {.measure = qf_record_text(record, "measure")};
    if (qf_qasm_read(program, strlen(program), &options, circuit, error) != QF_OK) {
        if (error->status == QF_USAGE) error->status = QF_DATA;
        return error->status;
    }
    qf_record actual = {0};
    qf_status status = describe(circuit, &actual, error);
    for (size_t i = 0; i < actual.count && status == QF_OK; i++) {
        const qf_field *field = &actual.fields[i];
        if (qf_record_number(parameters, field->name) == (double)field->integer) continue;
        status = qf_fail(error, QF_DATA, "the header says another number of %s than the program",
                         field->name);
    }
    qf_record_free(&actual);
    if (status != QF_OK) qf_circuit_free(circuit);
    return status;
}

static qf_status read_stream(qf_reader *reader, qf_circuit *circuit, qf_error *error) {
    qf_message message;
    qf_record record = {0};
    QF_TRY(qf_reader_next(reader, &message, error));
    qf_status status = message.kind == QF_MESSAGE_RECORD
                           ? qf_message_record(&message, &record, error)
                           : qf_fail(error, QF_DATA, "no record of a circuit");
    if (status == QF_OK) status = decode(&record, &reader->parameters, circuit, error);
    qf_record_free(&record);
    QF_TRY(qf_reader_name(reader, status, error));
    status = qf_reader_next(reader, &message, error);
    if (status == QF_OK && message.kind != QF_MESSAGE_END) {
        status = qf_fail(error, QF_DATA, "%s: more than one circuit", reader->name);
    }
    if (status == QF_OK) status = qf_reader_expect_end(reader, error);
    if (status != QF_OK) qf_circuit_free(circuit);
    return status;
}

qf_status qf_circuit_read_open(qf_reader *reader, bool is_stream,
                               const qf_qasm_read_options *options, qf_circuit *circuit,
                               qf_error *error) {
    if (!is_stream) return read_program(reader, options, circuit, error);
    if (strcmp(reader->type, "circuit") != 0) {
        return qf_fail(error, QF_DATA, "%s: expected OpenQASM or a circuit stream, got a %s stream",
                       reader->name, reader->type);
    }
    if (options->features) {
        return qf_fail(error, QF_USAGE, "%s: the inputs of a circuit stream are settled",
                       reader->name);
    }
    QF_TRY(read_stream(reader, circuit, error));
    if (!options->measure) return QF_OK;
    const qf_status status = qf_circuit_measure_text(circuit, options->measure, error);
    if (status != QF_OK) qf_circuit_free(circuit);
    return status;
}

qf_status qf_circuit_read(qf_session *session, const char *path,
                          const qf_qasm_read_options *options, qf_circuit *circuit,
                          qf_error *error) {
    qf_reader reader;
    bool is_stream;
    qf_status status = qf_reader_open_any(&reader, session, path, "circuit", &is_stream, error);
    if (status == QF_OK) {
        status = qf_circuit_read_open(&reader, is_stream, options, circuit, error);
    }
    qf_reader_close(&reader);
    return status;
}
