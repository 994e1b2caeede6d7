#include "stream/writer.h"

#include "base/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

enum { FLUSH_SIZE = 1 << 18, ARRAY_PIECE = 1 << 20, COLUMN_GROUP = 8, AHEAD = 8 };

static qf_status flush(qf_writer *writer, qf_error *error) {
    const qf_bytes *buffer = &writer->buffer;
    if (!EVP_DigestUpdate(writer->digest_context, buffer->data, buffer->length)) {
        return qf_fail(error, QF_INTERNAL, "SHA-256 failed");
    }
    QF_TRY(qf_write_all(writer->fd, buffer->data, buffer->length, writer->name, error));
    writer->buffer.length = 0;
    return QF_OK;
}

static qf_status finish_record(qf_writer *writer, const qf_pack *pack, qf_error *error) {
    if (pack->status != QF_OK) return pack->status;
    writer->records++;
    return writer->buffer.length >= FLUSH_SIZE ? flush(writer, error) : QF_OK;
}

qf_status qf_writer_open(qf_writer *writer, qf_session *session, int fd, const char *name,
                         const char *type, const qf_record *schema, const qf_record *parameters,
                         qf_error *error) {
    static const qf_record empty = {0};
    *writer = (qf_writer){.session = session, .fd = fd, .name = name};
    if (isatty(fd)) {
        return qf_fail(error, QF_USAGE,
                       "a %s stream is binary and %s is a terminal: redirect it, or pipe it into "
                       "qf-view",
                       type, name);
    }
    writer->digest_context = EVP_MD_CTX_new();
    if (!writer->digest_context) return qf_fail(error, QF_MEMORY, "out of memory");
    if (!EVP_DigestInit_ex(writer->digest_context, EVP_sha256(), NULL)) {
        return qf_fail(error, QF_INTERNAL, "SHA-256 is not available");
    }
    qf_pack pack;
    qf_pack_init(&pack, &writer->buffer, error);
    qf_pack_map(&pack, 5);
    qf_pack_text(&pack, "qf-stream");
    qf_pack_unsigned(&pack, QF_STREAM_VERSION);
    qf_pack_text(&pack, "type");
    qf_pack_text(&pack, type);
    qf_pack_text(&pack, "schema");
    qf_pack_record(&pack, schema ? schema : &empty);
    qf_pack_text(&pack, "parameters");
    qf_pack_record(&pack, parameters ? parameters : &empty);
    qf_pack_text(&pack, "provenance");
    qf_pack_provenance(&pack, &session->self);
    return pack.status;
}

static qf_array_type narrowest(int64_t least, int64_t greatest) {
    if (least >= INT8_MIN && greatest <= INT8_MAX) return QF_I8;
    if (least >= INT16_MIN && greatest <= INT16_MAX) return QF_I16;
    return least >= INT32_MIN && greatest <= INT32_MAX ? QF_I32 : QF_I64;
}

static inline void put_integer(unsigned char *to, size_t size, int64_t value) {
    for (size_t b = 0; b < size; b++) to[b] = (unsigned char)((uint64_t)value >> (8 * b));
}

/* What decides how narrowly each column of a group can be written. */
typedef struct group_range {
    uint64_t changed[COLUMN_GROUP]; /* not 0 where a value is no whole number, or is -0 */
    double least[COLUMN_GROUP], greatest[COLUMN_GROUP];
} group_range;

static inline void widen_range(group_range *range, const double *row) {
    const double shift = 0x1.8p52; /* adding it rounds what is below 2^51 to a whole number */
    for (size_t c = 0; c < COLUMN_GROUP; c++) {
        const double rounded = (row[c] + shift) - shift;
        uint64_t bits, rounded_bits;
        memcpy(&bits, &row[c], sizeof bits);
        memcpy(&rounded_bits, &rounded, sizeof rounded_bits);
        range->changed[c] |= bits ^ rounded_bits;
        range->least[c] = row[c] < range->least[c] ? row[c] : range->least[c];
        range->greatest[c] = row[c] > range->greatest[c] ? row[c] : range->greatest[c];
    }
}

/* Gathers `count` <= COLUMN_GROUP columns of doubles that lie side by side, rows `stride` bytes
 * apart, into values[count][rows]. All eight of a full group go in one step. */
static void gather_reals(const char *from, size_t stride, size_t count, size_t rows, double *values,
                         group_range *range) {
    double row[COLUMN_GROUP] = {0};
    for (size_t r = 0; r < rows; r++, from += stride) {
        if (r + AHEAD < rows) {
            __builtin_prefetch(from + AHEAD * stride);
            __builtin_prefetch(from + AHEAD * stride + (count - 1) * sizeof *row);
        }
        if (count == COLUMN_GROUP) {
            memcpy(row, from, sizeof row);
            for (size_t c = 0; c < COLUMN_GROUP; c++) values[c * rows + r] = row[c];
        } else {
            memcpy(row, from, count * sizeof *row);
            for (size_t c = 0; c < count; c++) values[c * rows + r] = row[c];
        }
        widen_range(range, row);
    }
}

static qf_array_type narrowest_of_reals(const group_range *range, size_t c) {
    if (range->changed[c] || range->least[c] < INT32_MIN || range->greatest[c] > INT32_MAX) {
        return QF_F64;
    }
    return narrowest((int64_t)range->least[c], (int64_t)range->greatest[c]);
}

static qf_array_type gather_integers(const qf_column *column, size_t rows, int64_t *values) {
    int64_t least = 0, greatest = 0;
    const char *from = column->data;
    for (size_t r = 0; r < rows; r++, from += column->stride) {
        if (column->type == QF_U8) {
            values[r] = *(const unsigned char *)from;
        } else {
            memcpy(&values[r], from, sizeof *values);
        }
        if (values[r] < least) least = values[r];
        if (values[r] > greatest) greatest = values[r];
    }
    return narrowest(least, greatest);
}

static inline void store_integers(unsigned char *to, size_t size, const double *reals,
                                  const int64_t *integers, size_t rows) {
    for (size_t r = 0; r < rows; r++, to += size) {
        put_integer(to, size, reals ? (int64_t)reals[r] : integers[r]);
    }
}

/* The size is constant in each call, so that compilers make it one store a value. */
static void write_little_endian(unsigned char *to, qf_array_type type, const double *reals,
                                const int64_t *integers, size_t rows) {
    switch (type) {
    case QF_I8:
        store_integers(to, 1, reals, integers, rows);
        break;
    case QF_I16:
        store_integers(to, 2, reals, integers, rows);
        break;
    case QF_I32:
        store_integers(to, 4, reals, integers, rows);
        break;
    case QF_I64:
        store_integers(to, 8, NULL, integers, rows);
        break;
    default:
        for (size_t r = 0; r < rows; r++, to += 8) {
            int64_t bits;
            memcpy(&bits, &reals[r], sizeof bits);
            put_integer(to, 8, bits);
        }
    }
}

static void pack_column(qf_pack *pack, qf_array_type type, const double *reals,
                        const int64_t *integers, size_t rows, unsigned char *scratch) {
    write_little_endian(scratch, type, reals, integers, rows);
    qf_pack_list(pack, 2);
    qf_pack_text(pack, qf_array_type_name(type));
    qf_pack_binary(pack, scratch, rows * qf_array_type_size(type));
}

/* How many columns from the first on lie side by side in memory, as those of a table do. */
static size_t count_adjacent(const qf_column *columns, size_t count) {
    size_t adjacent = 1;
    while (adjacent < count && columns[adjacent].type == QF_F64 &&
           columns[adjacent].stride == columns->stride &&
           columns[adjacent].data == (const double *)columns->data + adjacent) {
        adjacent++;
    }
    return adjacent;
}

/* Packs columns[0 .. count) in groups, so that a row's cache line is read once for a group.
 * `values` has room for a group and one column more. */
static void pack_columns(qf_pack *pack, const qf_column *columns, size_t count, size_t rows,
                         double *values) {
    unsigned char *scratch = (unsigned char *)(values + COLUMN_GROUP * rows);
    size_t group;
    for (size_t c = 0; c < count; c += group) {
        group = 1;
        if (columns[c].type != QF_F64) {
            int64_t *integers = (int64_t *)(void *)values;
            const qf_array_type type = gather_integers(&columns[c], rows, integers);
            pack_column(pack, type, NULL, integers, rows, scratch);
            continue;
        }
        const size_t most = count - c < COLUMN_GROUP ? count - c : COLUMN_GROUP;
        group = count_adjacent(&columns[c], most);
        group_range range = {0};
        gather_reals(columns[c].data, columns[c].stride, group, rows, values, &range);
        for (size_t g = 0; g < group; g++) {
            pack_column(pack, narrowest_of_reals(&range, g), values + g * rows, NULL, rows,
                        scratch);
        }
    }
}

qf_status qf_writer_rows(qf_writer *writer, size_t rows, const qf_column *columns, size_t count,
                         qf_error *error) {
    QF_TRY(qf_grow_array(&writer->scratch, &writer->scratch_capacity, rows * (COLUMN_GROUP + 1),
                         sizeof *writer->scratch, error));
    qf_pack pack;
    qf_pack_init(&pack, &writer->buffer, error);
    qf_pack_list(&pack, 3);
    qf_pack_text(&pack, "rows");
    qf_pack_unsigned(&pack, rows);
    qf_pack_list(&pack, count);
    pack_columns(&pack, columns, count, rows, writer->scratch);
    return finish_record(writer, &pack, error);
}

qf_status qf_writer_array(qf_writer *writer, const qf_array *array, qf_error *error) {
    const size_t elements = array->rows * array->columns;
    const size_t size = qf_array_type_size(array->type);
    size_t first = 0;
    do {
        const size_t piece = elements - first < ARRAY_PIECE ? elements - first : ARRAY_PIECE;
        qf_pack pack;
        qf_pack_init(&pack, &writer->buffer, error);
        qf_pack_list(&pack, 7);
        qf_pack_text(&pack, "array");
        qf_pack_text(&pack, array->name);
        qf_pack_text(&pack, qf_array_type_name(array->type));
        qf_pack_unsigned(&pack, array->rows);
        qf_pack_unsigned(&pack, array->columns);
        qf_pack_unsigned(&pack, first);
        qf_pack_binary(&pack, (const char *)array->data + first * size, piece * size);
        QF_TRY(finish_record(writer, &pack, error));
        first += piece;
    } while (first < elements);
    return QF_OK;
}

qf_status qf_writer_arrays(qf_writer *writer, const qf_arrays *arrays, qf_error *error) {
    for (size_t i = 0; i < arrays->count; i++) {
        QF_TRY(qf_writer_array(writer, &arrays->items[i], error));
    }
    return QF_OK;
}

qf_status qf_writer_record(qf_writer *writer, const qf_record *record, qf_error *error) {
    qf_pack pack;
    qf_pack_init(&pack, &writer->buffer, error);
    qf_pack_list(&pack, 2);
    qf_pack_text(&pack, "record");
    qf_pack_record(&pack, record);
    return finish_record(writer, &pack, error);
}

static void pack_origins(qf_pack *pack, const qf_origins *origins) {
    qf_pack_text(pack, "origins");
    qf_pack_list(pack, origins->count);
    for (size_t i = 0; i < origins->count; i++) {
        qf_pack_binary(pack, origins->digests[i].bytes, QF_DIGEST_SIZE);
    }
}

static void pack_inputs(qf_pack *pack, const qf_session *session) {
    qf_pack_text(pack, "inputs");
    qf_pack_list(pack, session->input_count);
    for (size_t i = 0; i < session->input_count; i++) {
        const qf_input *input = &session->inputs[i];
        qf_pack_map(pack, 3);
        qf_pack_text(pack, "type");
        qf_pack_text(pack, input->type);
        qf_pack_text(pack, "sha256");
        qf_pack_binary(pack, input->digest.bytes, QF_DIGEST_SIZE);
        pack_origins(pack, &input->origins);
    }
}

/* No row of an output comes from a circuit or from a key. */
static bool has_rows(const qf_input *input) {
    static const char *const without[] = {"circuit", "public-key", "identity"};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        if (strcmp(input->type, without[i]) == 0) return false;
    }
    return true;
}

static qf_status unite_origins(const qf_session *session, qf_origins *all, qf_error *error) {
    for (size_t i = 0; i < session->input_count; i++) {
        const qf_input *input = &session->inputs[i];
        if (!input->complete) {
            return qf_fail(error, QF_INTERNAL, "an input %s was not read to its end", input->type);
        }
        for (size_t j = 0; has_rows(input) && j < input->origins.count; j++) {
            QF_TRY(qf_origins_add(all, &input->origins.digests[j], error));
        }
    }
    return QF_OK;
}

qf_status qf_writer_close(qf_writer *writer, qf_error *error) {
    qf_origins origins = {0};
    const qf_status united = unite_origins(writer->session, &origins, error);
    qf_pack pack;
    qf_pack_init(&pack, &writer->buffer, error);
    qf_pack_map(&pack, 4);
    qf_pack_text(&pack, "records");
    qf_pack_unsigned(&pack, writer->records);
    pack_inputs(&pack, writer->session);
    pack_origins(&pack, &origins);
    qf_origins_free(&origins);
    QF_TRY(united);
    qf_pack_text(&pack, "sha256");
    msgpack_pack_bin(&pack.packer, QF_DIGEST_SIZE);
    QF_TRY(pack.status);
    QF_TRY(flush(writer, error));
    if (!EVP_DigestFinal_ex(writer->digest_context, writer->digest.bytes, NULL)) {
        return qf_fail(error, QF_INTERNAL, "SHA-256 failed");
    }
    return qf_write_all(writer->fd, writer->digest.bytes, QF_DIGEST_SIZE, writer->name, error);
}

void qf_writer_free(qf_writer *writer) {
    EVP_MD_CTX_free(writer->digest_context);
    if (writer->buffer.data) OPENSSL_cleanse(writer->buffer.data, writer->buffer.capacity);
    free(writer->buffer.data);
    free(writer->scratch);
    *writer = (qf_writer){0};
}

qf_status qf_arrays_write(qf_session *session, int fd, const char *name, const char *type,
                          const qf_record *schema, const qf_record *parameters,
                          const qf_arrays *arrays, qf_error *error) {
    qf_writer writer = {0};
    qf_status status = qf_writer_open(&writer, session, fd, name, type, schema, parameters, error);
    if (status == QF_OK) status = qf_writer_arrays(&writer, arrays, error);
    if (status == QF_OK) status = qf_writer_close(&writer, error);
    qf_writer_free(&writer);
    return status;
}
