#include "learn/scores_wire.h"

#include <math.h>
#include <stdlib.h>

static const char *const columns[] = {"probability", "seen"};
enum { PROBABILITY, SEEN, LABEL, ROW, NEIGHBOUR, COLUMNS };

qf_status qf_scores_writer_open(qf_writer *writer, qf_session *session, int fd, const char *name,
                                const qf_record *parameters, qf_error *error) {
    qf_record schema = {0};
    qf_status status = qf_record_set_texts(&schema, "columns", columns, 2, error);
    if (status == QF_OK) status = qf_record_set_text(&schema, "target", "label", error);
    if (status == QF_OK) {
        status = qf_writer_open(writer, session, fd, name, "scores", &schema, parameters, error);
    }
    qf_record_free(&schema);
    return status;
}

qf_status qf_scores_write(qf_writer *writer, const qf_scores *block, qf_error *error) {
    const size_t width = sizeof *block->origins;
    const qf_column list[COLUMNS] = {
        [PROBABILITY] = {QF_F64, block->probabilities, sizeof *block->probabilities},
        [SEEN] = {QF_U8, block->seen, 1},
        [LABEL] = {QF_U8, block->labels, 1},
        [ROW] = {QF_I64, &block->origins->row, width},
        [NEIGHBOUR] = {QF_I64, &block->origins->neighbour, width},
    };
    return block->count ? qf_writer_rows(writer, block->count, list, COLUMNS, error) : QF_OK;
}

static qf_status read_bytes(const qf_message *message, size_t column, int64_t maximum, uint8_t *to,
                            qf_error *error) {
    int64_t *values = qf_new_array(message->rows, sizeof *values, error);
    if (!values) return QF_MEMORY;
    const qf_status status =
        qf_message_integers(message, column, 0, maximum, values, sizeof *values, error);
    for (size_t r = 0; status == QF_OK && r < message->rows; r++) to[r] = (uint8_t)values[r];
    free(values);
    return status;
}

static qf_status read_block(const qf_message *message, qf_scores *scores, qf_error *error) {
    if (message->kind != QF_MESSAGE_ROWS || message->columns != COLUMNS) {
        return qf_fail(error, QF_DATA, "expected rows of %d columns", COLUMNS);
    }
    const size_t first = scores->count;
    QF_TRY(qf_scores_reserve(scores, first + message->rows, error));
    QF_TRY(qf_message_reals(message, PROBABILITY, scores->probabilities + first, sizeof(double),
                            error));
    QF_TRY(read_bytes(message, SEEN, QF_SEEN_BITS, scores->seen + first, error));
    QF_TRY(read_bytes(message, LABEL, 1, scores->labels + first, error));
    qf_origin *origins = scores->origins + first;
    QF_TRY(qf_message_integers(message, ROW, 0, INT64_MAX, &origins->row, sizeof *origins, error));
    QF_TRY(qf_message_integers(message, NEIGHBOUR, -1, INT64_MAX, &origins->neighbour,
                               sizeof *origins, error));
    for (size_t r = 0; r < message->rows; r++) {
        const double p = scores->probabilities[first + r];
        if (p < 0 || p > 1) return qf_fail(error, QF_DATA, "a probability outside 0 to 1");
    }
    scores->count += message->rows;
    return QF_OK;
}

qf_status qf_scores_read(qf_reader *reader, qf_scores *scores, qf_error *error) {
    *scores = (qf_scores){.threshold = qf_record_number(&reader->parameters, "threshold")};
    if (!(scores->threshold >= 0 && scores->threshold <= 1)) {
        return qf_fail(error, QF_DATA, "%s: header: no threshold from 0 to 1", reader->name);
    }
    for (;;) {
        qf_message message;
        QF_TRY(qf_reader_next(reader, &message, error));
        if (message.kind == QF_MESSAGE_END) return QF_OK;
        if (read_block(&message, scores, error) != QF_OK) {
            return qf_error_context(error, "%s: record %llu", reader->name,
                                    (unsigned long long)reader->records);
        }
    }
}
