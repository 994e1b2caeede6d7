#include "data/table_wire.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_CELLS = 1 << 16, MIN_BLOCK_ROWS = 16, MAX_BLOCK_ROWS = 8192 };

size_t qf_table_block_rows(size_t columns) {
    const size_t rows = BLOCK_CELLS / columns;
    if (rows < MIN_BLOCK_ROWS) return MIN_BLOCK_ROWS;
    return rows < MAX_BLOCK_ROWS ? rows : MAX_BLOCK_ROWS;
}

qf_status qf_table_schema_decode(const qf_record *schema, qf_table *table, qf_error *error) {
    const qf_field *columns = qf_record_find(schema, "columns");
    const qf_field *target = qf_record_find(schema, "target");
    if (!columns || columns->kind != QF_FIELD_TEXTS || !target || target->kind != QF_FIELD_TEXT) {
        return qf_fail(error, QF_DATA, "header: the schema of a table is incomplete");
    }
    bool printable = qf_utf8_is_printable(target->text);
    for (size_t c = 0; c < columns->count && printable; c++) {
        printable = qf_utf8_is_printable(columns->texts[c]);
    }
    if (!printable) {
        return qf_fail(error, QF_DATA, "header: a column's name is not printable UTF-8");
    }
    return qf_table_init(table, columns->count, (const char *const *)columns->texts, target->text,
                         error);
}

qf_status qf_table_reader_open(qf_table_reader *reader, qf_session *session, const char *path,
                               qf_error *error) {
    reader->block = (qf_table){0};
    QF_TRY(qf_reader_open(&reader->reader, session, path, "table", error));
    const qf_status status = qf_table_schema_decode(&reader->reader.schema, &reader->block, error);
    return qf_reader_name(&reader->reader, status, error);
}

static qf_status decode_identity(const qf_message *message, qf_table *block, qf_error *error) {
    const size_t columns = block->columns;
    int64_t *labels = (int64_t *)(void *)block->origins; /* scratch that is large enough */
    QF_TRY(qf_message_integers(message, columns, 0, 1, labels, sizeof *labels, error));
    for (size_t r = 0; r < message->rows; r++) block->labels[r] = (uint8_t)labels[r];
    QF_TRY(qf_message_integers(message, columns + 1, 0, INT64_MAX, &block->origins->row,
                               sizeof *block->origins, error));
    return qf_message_integers(message, columns + 2, -1, INT64_MAX, &block->origins->neighbour,
                               sizeof *block->origins, error);
}

static qf_status decode_rows(const qf_message *message, qf_table *block, qf_error *error) {
    const size_t columns = block->columns;
    if (message->kind != QF_MESSAGE_ROWS) return qf_fail(error, QF_DATA, "expected rows");
    if (message->columns != columns + 3 || message->rows == 0 ||
        message->rows > qf_table_block_rows(columns)) {
        return qf_fail(error, QF_DATA, "a block of %zu rows by %zu columns does not fit the header",
                       message->rows, message->columns);
    }
    block->rows = 0;
    QF_TRY(qf_table_reserve(block, message->rows, error));
    for (size_t c = 0; c < columns; c++) {
        QF_TRY(qf_message_reals(message, c, block->values + c, columns * sizeof *block->values,
                                error));
    }
    QF_TRY(decode_identity(message, block, error));
    block->rows = message->rows;
    return QF_OK;
}

qf_status qf_table_reader_next(qf_table_reader *reader, bool *more, qf_error *error) {
    qf_message message;
    QF_TRY(qf_reader_next(&reader->reader, &message, error));
    *more = message.kind != QF_MESSAGE_END;
    reader->block.rows = 0;
    if (!*more || decode_rows(&message, &reader->block, error) == QF_OK) return QF_OK;
    return qf_error_context(error, "%s: record %llu", reader->reader.name,
                            (unsigned long long)reader->reader.records);
}

qf_status qf_table_reader_next_table(qf_table_reader *reader, bool *more, qf_error *error) {
    QF_TRY(qf_reader_next_stream(&reader->reader, "table", more, error));
    if (!*more) return QF_OK;
    qf_table_free(&reader->block);
    const qf_status status = qf_table_schema_decode(&reader->reader.schema, &reader->block, error);
    return qf_reader_name(&reader->reader, status, error);
}

void qf_table_reader_close(qf_table_reader *reader) {
    qf_table_free(&reader->block);
    qf_reader_close(&reader->reader);
}

/* Appends every block of the current table; the first table brings the columns. */
static qf_status read_one(qf_table_reader *reader, qf_table *table, qf_error *error) {
    const qf_table *block = &reader->block;
    if (table->columns == 0) {
        QF_TRY(qf_table_init(table, block->columns, (const char *const *)block->names,
                             block->target, error));
    }
    for (bool more = true; more;) {
        QF_TRY(qf_table_reader_next(reader, &more, error));
        const qf_status status = qf_table_append_table(table, block, error);
        QF_TRY(qf_reader_name(&reader->reader, status, error));
    }
    return QF_OK;
}

/* A row's identity is unique only within one origin. */
static qf_status check_origins(const qf_table_reader *reader, size_t first, qf_error *error) {
    const qf_input *inputs = reader->reader.session->inputs;
    if (qf_origins_equal(&inputs[first].origins, &inputs[reader->reader.input].origins)) {
        return QF_OK;
    }
    return qf_fail(error, QF_MISMATCH,
                   "%s: the concatenated tables come from different files; import them as one",
                   reader->reader.name);
}

static qf_status read_all(qf_table_reader *reader, qf_table *table, qf_origins *origins,
                          qf_error *error) {
    const qf_session *session = reader->reader.session;
    const size_t first = reader->reader.input;
    for (bool more = true; more;) {
        QF_TRY(read_one(reader, table, error));
        QF_TRY(check_origins(reader, first, error));
        QF_TRY(qf_table_reader_next_table(reader, &more, error));
    }
    for (size_t i = 0; origins && i < session->inputs[first].origins.count; i++) {
        QF_TRY(qf_origins_add(origins, &session->inputs[first].origins.digests[i], error));
    }
    return QF_OK;
}

qf_status qf_table_read(qf_session *session, const char *path, qf_table *table, qf_origins *origins,
                        qf_error *error) {
    qf_table_reader reader;
    *table = (qf_table){0};
    if (origins) *origins = (qf_origins){0};
    qf_status status = qf_table_reader_open(&reader, session, path, error);
    if (status == QF_OK) status = read_all(&reader, table, origins, error);
    qf_table_reader_close(&reader);
    if (status != QF_OK) {
        qf_table_free(table);
        if (origins) qf_origins_free(origins);
    }
    return status;
}

static qf_status spill_all(qf_table_reader *reader, const qf_table *like, qf_spill *spill,
                           qf_error *error) {
    const qf_table *block = &reader->block;
    const size_t first = reader->reader.input;
    for (bool more = true; more;) {
        const qf_status status =
            qf_table_check_columns(like->columns, (const char *const *)like->names, block, error);
        QF_TRY(qf_reader_name(&reader->reader, status, error));
        while (more) {
            QF_TRY(qf_table_reader_next(reader, &more, error));
            QF_TRY(qf_spill_append(spill, block, error));
        }
        QF_TRY(check_origins(reader, first, error));
        QF_TRY(qf_table_reader_next_table(reader, &more, error));
    }
    return qf_spill_seal(spill, error);
}

qf_status qf_table_reader_spill(qf_table_reader *reader, qf_spill *spill, qf_error *error) {
    const qf_table *block = &reader->block;
    const size_t columns = block->columns;
    qf_table like;
    QF_TRY(qf_table_init(&like, columns, (const char *const *)block->names, block->target, error));
    qf_status status = qf_spill_open(spill, columns, qf_table_block_rows(columns), error);
    if (status == QF_OK) status = spill_all(reader, &like, spill, error);
    qf_table_free(&like);
    return status;
}

qf_status qf_table_writer_open(qf_table_writer *writer, qf_session *session, int fd,
                               const char *name, const qf_table *like, qf_error *error) {
    *writer = (qf_table_writer){0};
    const char *const *names = (const char *const *)like->names;
    QF_TRY(qf_table_init(&writer->pending, like->columns, names, like->target, error));
    qf_record schema = {0};
    qf_status status = qf_record_set_texts(&schema, "columns", names, like->columns, error);
    if (status == QF_OK) status = qf_record_set_text(&schema, "target", like->target, error);
    if (status == QF_OK) {
        status = qf_writer_open(&writer->writer, session, fd, name, "table", &schema, NULL, error);
    }
    qf_record_free(&schema);
    return status;
}

static qf_status write_block(qf_table_writer *writer, const qf_table *table, size_t first,
                             size_t rows, qf_error *error) {
    const size_t columns = table->columns;
    qf_column *list = qf_new_array(columns + 3, sizeof *list, error);
    if (!list) return QF_MEMORY;
    for (size_t c = 0; c < columns; c++) {
        list[c] = (qf_column){QF_F64, table->values + first * columns + c,
                              columns * sizeof *table->values};
    }
    list[columns] = (qf_column){QF_U8, table->labels + first, 1};
    const qf_origin *origins = table->origins + first;
    list[columns + 1] = (qf_column){QF_I64, &origins->row, sizeof *origins};
    list[columns + 2] = (qf_column){QF_I64, &origins->neighbour, sizeof *origins};
    const qf_status status = qf_writer_rows(&writer->writer, rows, list, columns + 3, error);
    free(list);
    return status;
}

static qf_status keep_pending(qf_table *pending, const qf_table *table, size_t first, size_t rows,
                              qf_error *error) {
    const size_t columns = table->columns;
    QF_TRY(qf_table_reserve(pending, pending->rows + rows, error));
    memcpy(pending->values + pending->rows * columns, table->values + first * columns,
           rows * columns * sizeof *table->values);
    memcpy(pending->labels + pending->rows, table->labels + first, rows);
    memcpy(pending->origins + pending->rows, table->origins + first, rows * sizeof *table->origins);
    pending->rows += rows;
    return QF_OK;
}

qf_status qf_table_writer_write(qf_table_writer *writer, const qf_table *rows, qf_error *error) {
    qf_table *pending = &writer->pending;
    const size_t full = qf_table_block_rows(pending->columns);
    size_t first = 0;
    while (first < rows->rows) {
        const size_t left = rows->rows - first;
        if (pending->rows == 0 && left >= full) {
            QF_TRY(write_block(writer, rows, first, full, error));
            first += full;
            continue;
        }
        const size_t take = left < full - pending->rows ? left : full - pending->rows;
        QF_TRY(keep_pending(pending, rows, first, take, error));
        first += take;
        QF_TRY(qf_table_writer_settle(writer, error));
    }
    return QF_OK;
}

qf_status qf_table_writer_settle(qf_table_writer *writer, qf_error *error) {
    const size_t full = qf_table_block_rows(writer->pending.columns);
    if (writer->pending.rows < full) return QF_OK;
    QF_TRY(write_block(writer, &writer->pending, 0, full, error));
    writer->pending.rows = 0;
    return QF_OK;
}

qf_status qf_table_writer_close(qf_table_writer *writer, qf_error *error) {
    if (writer->pending.rows) {
        QF_TRY(write_block(writer, &writer->pending, 0, writer->pending.rows, error));
    }
    return qf_writer_close(&writer->writer, error);
}

void qf_table_writer_free(qf_table_writer *writer) {
    qf_writer_free(&writer->writer);
    qf_table_free(&writer->pending);
}

qf_status qf_table_write(qf_session *session, const qf_table *table, qf_error *error) {
    qf_table_writer writer;
    qf_status status =
        qf_table_writer_open(&writer, session, STDOUT_FILENO, "standard output", table, error);
    if (status == QF_OK) status = qf_table_writer_write(&writer, table, error);
    if (status == QF_OK) status = qf_table_writer_close(&writer, error);
    qf_table_writer_free(&writer);
    return status;
}
