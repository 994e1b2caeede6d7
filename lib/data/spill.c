#include "data/spill.h"

#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char spill_name[] = "temporary file";

qf_status qf_spill_open(qf_spill *spill, size_t columns, size_t block_rows, qf_error *error) {
    *spill = (qf_spill){.fd = -1, .columns = columns, .block_rows = block_rows};
    spill->origins_at = columns * block_rows * sizeof(double);
    spill->labels_at = spill->origins_at + block_rows * sizeof(qf_origin);
    spill->block_size = spill->labels_at + block_rows;
    spill->block = qf_new_array(spill->block_size, 1, error);
    if (!spill->block) return QF_MEMORY;
    const qf_status status = qf_open_spill(&spill->fd, error);
    if (status != QF_OK) qf_spill_close(spill);
    return status;
}

void qf_spill_close(qf_spill *spill) {
    if (spill->block && spill->fd >= 0) close(spill->fd);
    free(spill->block);
    *spill = (qf_spill){.fd = -1};
}

static qf_status flush(qf_spill *spill, qf_error *error) {
    QF_TRY(qf_write_all(spill->fd, spill->block, spill->block_size, spill_name, error));
    spill->filled = 0;
    return QF_OK;
}

qf_status qf_spill_append(qf_spill *spill, const qf_table *rows, qf_error *error) {
    double *values = (double *)(void *)spill->block;
    qf_origin *origins = (qf_origin *)(void *)(spill->block + spill->origins_at);
    for (size_t first = 0; first < rows->rows;) {
        const size_t room = spill->block_rows - spill->filled, left = rows->rows - first;
        const size_t take = left < room ? left : room;
        for (size_t r = 0; r < take; r++) {
            const double *from = rows->values + (first + r) * spill->columns;
            double *to = values + spill->filled + r;
            for (size_t c = 0; c < spill->columns; c++) to[c * spill->block_rows] = from[c];
        }
        memcpy(origins + spill->filled, rows->origins + first, take * sizeof *origins);
        memcpy(spill->block + spill->labels_at + spill->filled, rows->labels + first, take);
        spill->filled += take;
        spill->rows += take;
        first += take;
        if (spill->filled == spill->block_rows) QF_TRY(flush(spill, error));
    }
    return QF_OK;
}

qf_status qf_spill_seal(qf_spill *spill, qf_error *error) {
    return spill->filled ? flush(spill, error) : QF_OK;
}

static qf_status read_at(const qf_spill *spill, size_t offset, void *to, size_t length,
                         qf_error *error) {
    unsigned char *at = to;
    while (length) {
        const ssize_t got = pread(spill->fd, at, length, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return qf_fail(error, QF_IO, "%s: %s", spill_name, strerror(errno));
        if (got == 0) return qf_fail(error, QF_IO, "%s: cut off", spill_name);
        at += got;
        offset += (size_t)got;
        length -= (size_t)got;
    }
    return QF_OK;
}

size_t qf_spill_blocks(const qf_spill *spill) {
    return spill->rows / spill->block_rows + (spill->rows % spill->block_rows != 0);
}

static size_t rows_of(const qf_spill *spill, size_t b) {
    const size_t left = spill->rows - b * spill->block_rows;
    return left < spill->block_rows ? left : spill->block_rows;
}

qf_status qf_spill_read_block(qf_spill *spill, size_t b, const double **values, size_t *rows,
                              qf_error *error) {
    *values = (const double *)(const void *)spill->block;
    *rows = rows_of(spill, b);
    return read_at(spill, b * spill->block_size, spill->block, spill->block_size, error);
}

qf_status qf_spill_read_rows(qf_spill *spill, size_t b, qf_table *table, qf_error *error) {
    const double *values;
    size_t rows;
    table->rows = 0;
    QF_TRY(qf_spill_read_block(spill, b, &values, &rows, error));
    QF_TRY(qf_table_reserve(table, rows, error));
    for (size_t r = 0; r < rows; r++) {
        double *to = table->values + r * spill->columns;
        for (size_t c = 0; c < spill->columns; c++) to[c] = values[c * spill->block_rows + r];
    }
    memcpy(table->origins, spill->block + spill->origins_at, rows * sizeof *table->origins);
    memcpy(table->labels, spill->block + spill->labels_at, rows);
    table->rows = rows;
    return QF_OK;
}

qf_status qf_spill_read_columns(qf_spill *spill, size_t first, size_t count, double *values,
                                qf_error *error) {
    const size_t pitch = spill->block_rows * sizeof *values;
    const double *from = (const double *)(const void *)spill->block;
    for (size_t b = 0; b < qf_spill_blocks(spill); b++) {
        const size_t rows = rows_of(spill, b);
        QF_TRY(read_at(spill, b * spill->block_size + first * pitch, spill->block, count * pitch,
                       error));
        for (size_t c = 0; c < count; c++) {
            memcpy(values + c * spill->rows + b * spill->block_rows, from + c * spill->block_rows,
                   rows * sizeof *values);
        }
    }
    return QF_OK;
}
