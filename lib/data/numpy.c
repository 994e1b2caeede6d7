#include "data/numpy.h"

#include "base/file.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { COPY_SIZE = 1 << 18, X = 0, Y, ORIGIN, COLUMNS, TARGET, PARTS };

static const char *const part_names[PARTS] = {"x.npy", "y.npy", "origin.npy", "columns.npy",
                                              "target.npy"};

/* One array: its header and then its data, in a file or (names) in memory. */
typedef struct part {
    qf_bytes header, data;
    int spill;       /* -1 when not open */
    uint64_t size;   /* of the data */
    uLong crc;       /* of the data */
    uint64_t offset; /* of the entry in the archive */
} part;

struct qf_numpy_writer {
    const qf_table *like;
    qf_numpy_format format;
    uint64_t rows;
    part parts[PARTS];
    double *wide; /* .npy: rows with their label, grows */
    size_t capacity;
};

/* ---- Collecting ---- */

static size_t spilled_parts(const qf_numpy_writer *writer) {
    return writer->format == QF_NPY ? 1 : 3;
}

qf_status qf_numpy_open(const qf_table *like, qf_numpy_format format, qf_numpy_writer **writer,
                        qf_error *error) {
    *writer = NULL;
    qf_numpy_writer *opened = qf_new_array(1, sizeof *opened, error);
    if (!opened) return QF_MEMORY;
    opened->like = like;
    opened->format = format;
    for (size_t p = 0; p < PARTS; p++) opened->parts[p].spill = -1;
    qf_status status = QF_OK;
    for (size_t p = 0; status == QF_OK && p < spilled_parts(opened); p++) {
        status = qf_open_spill(&opened->parts[p].spill, error);
    }
    if (status != QF_OK) {
        qf_numpy_free(opened);
        return status;
    }
    *writer = opened;
    return QF_OK;
}

static qf_status spill(part *to, const void *data, size_t size, qf_error *error) {
    to->size += size;
    to->crc = crc32_z(to->crc, data, size);
    return qf_write_all(to->spill, data, size, "a temporary file", error);
}

static qf_status spill_wide(qf_numpy_writer *writer, const qf_table *rows, qf_error *error) {
    const size_t columns = rows->columns, width = columns + 1;
    QF_TRY(qf_grow_array(&writer->wide, &writer->capacity, rows->rows * width, sizeof *writer->wide,
                         error));
    for (size_t r = 0; r < rows->rows; r++) {
        memcpy(writer->wide + r * width, rows->values + r * columns,
               columns * sizeof *writer->wide);
        writer->wide[r * width + columns] = rows->labels[r];
    }
    return spill(&writer->parts[X], writer->wide, rows->rows * width * sizeof *writer->wide, error);
}

qf_status qf_numpy_add(qf_numpy_writer *writer, const qf_table *rows, qf_error *error) {
    const size_t columns = writer->like->columns;
    QF_TRY(qf_table_check_columns(columns, (const char *const *)writer->like->names, rows, error));
    if (rows->rows == 0) return QF_OK;
    writer->rows += rows->rows;
    if (writer->format == QF_NPY) return spill_wide(writer, rows, error);
    part *parts = writer->parts;
    QF_TRY(spill(&parts[X], rows->values, rows->rows * columns * sizeof *rows->values, error));
    QF_TRY(spill(&parts[Y], rows->labels, rows->rows * sizeof *rows->labels, error));
    return spill(&parts[ORIGIN], rows->origins, rows->rows * sizeof *rows->origins, error);
}

/* ---- The .npy format, version 1.0 (numpy/lib/format.py documents it) ---- */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ORDER "<"
#else
#define ORDER ">"
#endif

static qf_status put_header(part *to, const char *type, const char *shape, qf_error *error) {
    static const unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 0, 0};
    qf_bytes *header = &to->header;
    QF_TRY(qf_bytes_append(header, magic, sizeof magic, error));
    QF_TRY(qf_bytes_print(header, error, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                          type, shape));
    while (header->length % 64 != 63) QF_TRY(qf_bytes_append(header, " ", 1, error));
    QF_TRY(qf_bytes_append(header, "\n", 1, error));
    const size_t length = header->length - sizeof magic;
    header->data[8] = (unsigned char)length;
    header->data[9] = (unsigned char)(length >> 8);
    return QF_OK;
}

/* [rows][columns], or [rows] for columns 0. */
static qf_status put_array_header(part *to, const char *type, uint64_t rows, size_t columns,
                                  qf_error *error) {
    qf_bytes shape = {0};
    qf_status status = qf_bytes_print(&shape, error, "(%llu,", (unsigned long long)rows);
    if (status == QF_OK && columns) status = qf_bytes_print(&shape, error, " %zu", columns);
    if (status == QF_OK) status = qf_bytes_append(&shape, ")", 1, error);
    if (status == QF_OK) status = put_header(to, type, (const char *)shape.data, error);
    free(shape.data);
    return status;
}

/* The code points of UTF-8 text, U+FFFD for what is not; returns their number. */
static size_t decode_utf8(const char *text, uint32_t *points) {
    size_t count = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        const unsigned char lead = *at++;
        const int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
        int left = lead >= 0xc0 ? more : 0;
        for (; left > 0 && (*at & 0xc0) == 0x80; left--) point = point << 6 | (*at++ & 0x3f);
        const bool valid = left == 0 && (lead < 0x80 || (lead >= 0xc2 && point < 0x110000));
        points[count++] = valid ? point : 0xfffd;
    }
    return count;
}

/* An array of texts, each of as many code points as the longest needs; `shape` as in a header. */
static qf_status put_texts(part *to, char *const *texts, size_t count, const char *shape,
                           qf_error *error) {
    size_t longest = 1;
    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(texts[i]);
        if (length > longest) longest = length;
    }
    uint32_t *points = qf_new_array(longest, sizeof *points, error);
    if (!points) return QF_MEMORY;
    size_t width = 1;
    for (size_t i = 0; i < count; i++) {
        const size_t length = decode_utf8(texts[i], points);
        if (length > width) width = length;
    }
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        memset(points, 0, longest * sizeof *points);
        decode_utf8(texts[i], points);
        status = qf_bytes_append(&to->data, points, width * sizeof *points, error);
    }
    free(points);
    QF_TRY(status);
    to->size = to->data.length;
    to->crc = crc32_z(0, to->data.data, to->data.length);
    qf_bytes type = {0};
    status = qf_bytes_print(&type, error, ORDER "U%zu", width);
    if (status == QF_OK) status = put_header(to, (const char *)type.data, shape, error);
    free(type.data);
    return status;
}

/* ---- Writing ---- */

static qf_status copy_part(const part *from, int fd, const char *name, qf_error *error) {
    QF_TRY(qf_write_all(fd, from->header.data, from->header.length, name, error));
    if (from->spill < 0) return qf_write_all(fd, from->data.data, from->data.length, name, error);
    if (lseek(from->spill, 0, SEEK_SET) != 0) {
        return qf_fail(error, QF_IO, "a temporary file cannot be read again");
    }
    char *buffer = qf_new_array(COPY_SIZE, 1, error);
    if (!buffer) return QF_MEMORY;
    qf_status status;
    size_t length;
    do {
        status = qf_read_some(from->spill, buffer, COPY_SIZE, "a temporary file", &length, error);
        if (status == QF_OK) status = qf_write_all(fd, buffer, length, name, error);
    } while (status == QF_OK && length > 0);
    free(buffer);
    return status;
}

static qf_status put_number(qf_bytes *to, uint64_t value, int bytes, qf_error *error) {
    unsigned char little[8];
    for (int b = 0; b < bytes; b++) little[b] = (unsigned char)(value >> (8 * b));
    return qf_bytes_append(to, little, (size_t)bytes, error);
}

typedef struct field {
    uint64_t value;
    int bytes;
} field;

static qf_status put_fields(qf_bytes *to, const field *fields, size_t count, qf_error *error) {
    for (size_t i = 0; i < count; i++) {
        QF_TRY(put_number(to, fields[i].value, fields[i].bytes, error));
    }
    return QF_OK;
}

/* A stored entry's header (APPNOTE.TXT 6.3, 4.3.7), or in the directory (4.3.12): the same fields
 * in the middle, dated 1980-01-01, with sizes and offset in a zip64 field. */
static qf_status put_entry(qf_bytes *to, const part *from, const char *name, bool directory,
                           qf_error *error) {
    const uint64_t size = from->header.length + from->size;
    uLong crc = crc32_z(0, from->header.data, from->header.length);
    crc = crc32_combine(crc, from->crc, (z_off_t)from->size);
    const field start[] = {{directory ? 0x02014b50 : 0x04034b50, 4}, {45, 2}};
    QF_TRY(put_fields(to, start, directory ? 2 : 1, error));
    const field middle[] = {{45, 2},
                            {0, 2},
                            {0, 2},
                            {0, 2},
                            {0x21, 2},
                            {crc, 4},
                            {UINT32_MAX, 4},
                            {UINT32_MAX, 4},
                            {strlen(name), 2},
                            {directory ? 28 : 20, 2}};
    QF_TRY(put_fields(to, middle, sizeof middle / sizeof *middle, error));
    const field place[] = {{0, 2}, {0, 2}, {0, 2}, {0, 4}, {UINT32_MAX, 4}};
    if (directory) QF_TRY(put_fields(to, place, sizeof place / sizeof *place, error));
    QF_TRY(qf_bytes_append(to, name, strlen(name), error));
    const field extra[] = {
        {1, 2}, {directory ? 24 : 16, 2}, {size, 8}, {size, 8}, {from->offset, 8}};
    return put_fields(to, extra, directory ? 5 : 4, error);
}

/* The ends of the directory: zip64 (4.3.14), its locator (4.3.15) and the old one (4.3.16). */
static qf_status put_ends(qf_bytes *to, uint64_t offset, uint64_t size, qf_error *error) {
    const field ends[] = {{0x06064b50, 4},
                          {44, 8},
                          {45, 2},
                          {45, 2},
                          {0, 4},
                          {0, 4},
                          {PARTS, 8},
                          {PARTS, 8},
                          {size, 8},
                          {offset, 8},
                          {0x07064b50, 4},
                          {0, 4},
                          {offset + size, 8},
                          {1, 4},
                          {0x06054b50, 4},
                          {0, 2},
                          {0, 2},
                          {PARTS, 2},
                          {PARTS, 2},
                          {UINT32_MAX, 4},
                          {UINT32_MAX, 4},
                          {0, 2}};
    return put_fields(to, ends, sizeof ends / sizeof *ends, error);
}

static qf_status write_archive(qf_numpy_writer *writer, int fd, const char *name, qf_bytes *text,
                               qf_error *error) {
    uint64_t offset = 0;
    for (size_t p = 0; p < PARTS; p++) {
        part *from = &writer->parts[p];
        from->offset = offset;
        text->length = 0;
        QF_TRY(put_entry(text, from, part_names[p], false, error));
        QF_TRY(qf_write_all(fd, text->data, text->length, name, error));
        QF_TRY(copy_part(from, fd, name, error));
        offset += text->length + from->header.length + from->size;
    }
    text->length = 0;
    for (size_t p = 0; p < PARTS; p++) {
        QF_TRY(put_entry(text, &writer->parts[p], part_names[p], true, error));
    }
    QF_TRY(put_ends(text, offset, text->length, error));
    return qf_write_all(fd, text->data, text->length, name, error);
}

qf_status qf_numpy_finish(qf_numpy_writer *writer, int fd, const char *name, qf_error *error) {
    const qf_table *like = writer->like;
    part *parts = writer->parts;
    const size_t width = like->columns + (writer->format == QF_NPY);
    QF_TRY(put_array_header(&parts[X], ORDER "f8", writer->rows, width, error));
    if (writer->format == QF_NPY) return copy_part(&parts[X], fd, name, error);
    QF_TRY(put_array_header(&parts[Y], "|u1", writer->rows, 0, error));
    QF_TRY(put_array_header(&parts[ORIGIN], ORDER "i8", writer->rows, 2, error));
    qf_bytes text = {0};
    qf_status status = qf_bytes_print(&text, error, "(%zu,)", like->columns);
    if (status == QF_OK) {
        status =
            put_texts(&parts[COLUMNS], like->names, like->columns, (const char *)text.data, error);
    }
    if (status == QF_OK) status = put_texts(&parts[TARGET], &like->target, 1, "()", error);
    if (status == QF_OK) status = write_archive(writer, fd, name, &text, error);
    free(text.data);
    return status;
}

void qf_numpy_free(qf_numpy_writer *writer) {
    if (!writer) return;
    for (size_t p = 0; p < PARTS; p++) {
        if (writer->parts[p].spill >= 0) close(writer->parts[p].spill);
        free(writer->parts[p].header.data);
        free(writer->parts[p].data.data);
    }
    free(writer->wide);
    free(writer);
}
