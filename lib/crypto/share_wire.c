#include "crypto/share_wire.h"

#include "base/number.h"
#include "crypto/bytes.h"
#include "crypto/fixed_point.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Writing ---- */

static qf_status set_hex(qf_record *record, const char *name, const unsigned char *bytes,
                         size_t length, qf_error *error) {
    char text[2 * QF_HASH_SIZE + 1];
    qf_hex_print(bytes, length, text);
    return qf_record_set_text(record, name, text, error);
}

static qf_status describe_sets(const qf_share *share, qf_record *parameters, qf_error *error) {
    char(*texts)[2 * QF_SET_NAME + 1] = qf_new_array(share->set_count, sizeof *texts, error);
    const char **pointers = qf_new_array(share->set_count, sizeof *pointers, error);
    qf_status status = texts && pointers ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < share->set_count; i++) {
        qf_hex_print(share->sets[i], QF_SET_NAME, texts[i]);
        pointers[i] = texts[i];
    }
    if (status == QF_OK) {
        status = qf_record_set_texts(parameters, "sets", pointers, share->set_count, error);
    }
    free(pointers);
    free(texts);
    return status;
}

static qf_status describe(const qf_share *share, qf_record *parameters, qf_error *error) {
    const qf_sharing *sharing = &share->sharing;
    char prime[24];
    snprintf(prime, sizeof prime, "%llu", (unsigned long long)sharing->prime);
    QF_TRY(qf_record_set_text(parameters, "secret", share->layout.type, error));
    QF_TRY(qf_record_set_integer(parameters, "index", share->index, error));
    QF_TRY(qf_record_set_integer(parameters, "threshold", (int64_t)sharing->threshold, error));
    QF_TRY(qf_record_set_integer(parameters, "parties", (int64_t)sharing->parties, error));
    QF_TRY(qf_record_set_text(parameters, "prime", prime, error));
    QF_TRY(qf_record_set_integer(parameters, "fraction_bits", sharing->fraction_bits, error));
    QF_TRY(qf_record_set_integer(parameters, "summands_limit", (int64_t)sharing->summands_limit,
                                 error));
    QF_TRY(describe_sets(share, parameters, error));
    if (share->set_count > 1) return QF_OK;
    return set_hex(parameters, "commitment", share->commitment, QF_HASH_SIZE, error);
}

static qf_status describe_layout(const qf_arrays *arrays, qf_record *layout, qf_error *error) {
    const size_t count = arrays->count;
    const char **texts = qf_new_array(2 * count, sizeof *texts, error);
    double *shape = qf_new_array(2 * count, sizeof *shape, error);
    qf_status status = texts && shape ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        texts[i] = arrays->items[i].name;
        texts[count + i] = qf_array_type_name(arrays->items[i].type);
        shape[i] = (double)arrays->items[i].rows;
        shape[count + i] = (double)arrays->items[i].columns;
    }
    if (status == QF_OK) status = qf_record_set_texts(layout, "names", texts, count, error);
    if (status == QF_OK) status = qf_record_set_texts(layout, "types", texts + count, count, error);
    if (status == QF_OK) status = qf_record_set_reals(layout, "rows", shape, count, error);
    if (status == QF_OK) {
        status = qf_record_set_reals(layout, "columns", shape + count, count, error);
    }
    free(texts);
    free(shape);
    return status;
}

static qf_status write_records(qf_writer *writer, const qf_share *share, qf_error *error) {
    const qf_array elements = {.name = "elements",
                               .type = QF_I64,
                               .rows = share->count,
                               .columns = 1,
                               .data = share->elements.data};
    qf_record layout = {0};
    qf_status status = describe_layout(&share->layout.arrays, &layout, error);
    if (status == QF_OK) status = qf_writer_record(writer, &share->layout.parameters, error);
    if (status == QF_OK) status = qf_writer_record(writer, &layout, error);
    for (size_t i = 0; status == QF_OK && i < share->layout.record_count; i++) {
        status = qf_writer_record(writer, &share->layout.records[i], error);
    }
    if (status == QF_OK) status = qf_writer_array(writer, &elements, error);
    qf_record_free(&layout);
    return status;
}

qf_status qf_share_write(qf_session *session, int fd, const char *name, const qf_share *share,
                         qf_error *error) {
    qf_writer writer = {0};
    qf_record parameters = {0};
    qf_status status = describe(share, &parameters, error);
    if (status == QF_OK) {
        status = qf_writer_open(&writer, session, fd, name, "share", &share->layout.schema,
                                &parameters, error);
    }
    if (status == QF_OK) status = write_records(&writer, share, error);
    if (status == QF_OK) status = qf_writer_close(&writer, error);
    qf_writer_free(&writer);
    qf_record_free(&parameters);
    return status;
}

qf_status qf_shares_write_files(qf_session *session, const qf_state *directory,
                                const qf_share *shares, size_t count, qf_error *error) {
    qf_state_file *files = qf_new_array(count, sizeof *files, error);
    if (!files) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) files[i].fd = -1;
    qf_status status = QF_OK;
    for (size_t i = 0; i < count && status == QF_OK; i++) {
        char name[32];
        snprintf(name, sizeof name, "share-%u.qf", shares[i].index);
        status = qf_state_file_open(&files[i], directory, name, error);
        if (status == QF_OK) status = qf_share_write(session, files[i].fd, name, &shares[i], error);
    }
    for (size_t i = 0; i < count && status == QF_OK; i++) {
        status = qf_state_file_commit(&files[i], error);
    }
    for (size_t i = 0; i < count; i++) qf_state_file_discard(&files[i]);
    free(files);
    return status;
}

/* ---- Reading ---- */

static qf_status read_integer(const qf_record *record, const char *name, double least,
                              double greatest, uint64_t *value, qf_error *error) {
    const double number = qf_record_number(record, name);
    if (!(number >= least && number <= greatest && number == floor(number))) {
        return qf_fail(error, QF_DATA, "a share has no right %s", name);
    }
    *value = (uint64_t)number;
    return QF_OK;
}

static qf_status read_sets(const qf_record *parameters, qf_share *share, qf_error *error) {
    const qf_field *field = qf_record_find(parameters, "sets");
    if (!field || field->kind != QF_FIELD_TEXTS || field->count < 1 ||
        field->count > share->sharing.summands_limit) {
        return qf_fail(error, QF_DATA, "a share does not say which set it is of");
    }
    share->sets = qf_new_array(field->count, sizeof *share->sets, error);
    if (!share->sets) return QF_MEMORY;
    share->set_count = field->count;
    for (size_t i = 0; i < field->count; i++) {
        if (!qf_hex_parse(field->texts[i], share->sets[i], QF_SET_NAME) ||
            (i > 0 && memcmp(share->sets[i - 1], share->sets[i], QF_SET_NAME) >= 0)) {
            return qf_fail(error, QF_DATA, "the sets of a share are malformed");
        }
    }
    if (share->set_count > 1 ||
        qf_hex_parse(qf_record_text(parameters, "commitment"), share->commitment, QF_HASH_SIZE)) {
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "a share has no commitment");
}

static qf_status read_parameters(const qf_record *parameters, qf_share *share, qf_error *error) {
    qf_sharing *sharing = &share->sharing;
    uint64_t number = 0;
    QF_TRY(read_integer(parameters, "parties", 1, QF_MAX_SHARES, &number, error));
    sharing->parties = (size_t)number;
    QF_TRY(read_integer(parameters, "threshold", 1, (double)sharing->parties, &number, error));
    sharing->threshold = (size_t)number;
    QF_TRY(read_integer(parameters, "index", 1, (double)sharing->parties, &number, error));
    share->index = (uint32_t)number;
    QF_TRY(read_integer(parameters, "fraction_bits", 0, QF_MAX_FRACTION_BITS, &number, error));
    sharing->fraction_bits = (unsigned)number;
    QF_TRY(read_integer(parameters, "summands_limit", 1, QF_MAX_SUMMANDS, &number, error));
    sharing->summands_limit = number;
    if (!qf_parse_uint64(qf_record_text(parameters, "prime"), &sharing->prime) ||
        (sharing->prime != QF_PRIME_61 && sharing->prime != QF_PRIME_PAPER) ||
        qf_fixed_limit(sharing) < 1) {
        return qf_fail(error, QF_DATA, "a share has an unknown prime, or one with no room");
    }
    share->layout.type = qf_copy_text(qf_record_text(parameters, "secret"), error);
    if (!share->layout.type) return QF_MEMORY;
    return read_sets(parameters, share, error);
}

static qf_status read_array(const qf_field *const fields[4], size_t i, qf_share *share,
                            qf_error *error) {
    int type = 0;
    while (type < QF_ARRAY_TYPES &&
           strcmp(qf_array_type_name((qf_array_type)type), fields[1]->texts[i]) != 0) {
        type++;
    }
    const double rows = fields[2]->reals[i], columns = fields[3]->reals[i];
    if (type == QF_ARRAY_TYPES ||
        !(rows >= 0 && rows < 0x1p40 && columns >= 0 && columns < 0x1p40)) {
        return qf_fail(error, QF_DATA, "the layout of a share is malformed");
    }
    return qf_contents_add_array(&share->layout, fields[0]->texts[i], (qf_array_type)type,
                                 (size_t)rows, (size_t)columns, error);
}

static qf_status read_layout(const qf_record *layout, qf_share *share, qf_error *error) {
    static const char *const names[] = {"names", "types", "rows", "columns"};
    const qf_field *fields[4];
    for (int i = 0; i < 4; i++) {
        fields[i] = qf_record_find(layout, names[i]);
        const qf_field_kind kind = i < 2 ? QF_FIELD_TEXTS : QF_FIELD_REALS;
        /* An empty list has no kind of its own. */
        if (!fields[i] || fields[i]->count != fields[0]->count ||
            (fields[i]->count > 0 && fields[i]->kind != kind)) {
            return qf_fail(error, QF_DATA, "the layout of a share is malformed");
        }
    }
    for (size_t i = 0; i < fields[0]->count; i++) QF_TRY(read_array(fields, i, share, error));
    return QF_OK;
}

static qf_status read_elements(const qf_arrays *arrays, qf_share *share, qf_error *error) {
    const qf_array *elements;
    QF_TRY(qf_share_count(&share->sharing, &share->layout, &share->count, error));
    QF_TRY(qf_arrays_find(arrays, "elements", QF_I64, share->count, 1, &elements, error));
    QF_TRY(qf_secret_new(share->count * sizeof(uint64_t), &share->elements, error));
    if (share->count) memcpy(share->elements.data, elements->data, share->elements.length);
    for (size_t i = 0; i < share->count; i++) {
        if (qf_share_elements(share)[i] < share->sharing.prime) continue;
        return qf_fail(error, QF_DATA, "element %zu of a share is not below the prime", i + 1);
    }
    return QF_OK;
}

/* The stream's records are the secret's parameters, its layout, and its records. */
static qf_status build(const qf_reader *reader, const qf_contents *stream, qf_share *share,
                       qf_error *error) {
    if (stream->record_count < 2) return qf_fail(error, QF_DATA, "a share lacks its layout");
    QF_TRY(read_parameters(&reader->parameters, share, error));
    QF_TRY(qf_record_copy(&reader->schema, &share->layout.schema, error));
    QF_TRY(qf_record_copy(&stream->records[0], &share->layout.parameters, error));
    QF_TRY(read_layout(&stream->records[1], share, error));
    for (size_t i = 2; i < stream->record_count; i++) {
        QF_TRY(qf_contents_add_record(&share->layout, &stream->records[i], error));
    }
    return read_elements(&stream->arrays, share, error);
}

static qf_status read_share(qf_reader *reader, qf_shares *shares, qf_error *error) {
    QF_TRY(qf_grow_array(&shares->items, &shares->capacity, shares->count + 1,
                         sizeof *shares->items, error));
    qf_share *share = &shares->items[shares->count++];
    *share = (qf_share){0};
    qf_contents stream = {0};
    qf_status status = qf_contents_read_rest(reader, &stream, error);
    if (status == QF_OK) {
        status = build(reader, &stream, share, error);
        if (status != QF_OK) qf_error_context(error, "%s: share %zu", reader->name, shares->count);
    }
    qf_contents_free(&stream);
    return status;
}

qf_status qf_shares_read(qf_session *session, const char *path, qf_shares *shares,
                         qf_error *error) {
    qf_reader reader;
    bool more = true;
    qf_status status = qf_reader_open(&reader, session, path, "share", error);
    while (status == QF_OK && more) {
        status = read_share(&reader, shares, error);
        if (status == QF_OK) status = qf_reader_next_stream(&reader, "share", &more, error);
    }
    qf_reader_close(&reader);
    return status;
}

void qf_shares_free(qf_shares *shares) {
    for (size_t i = 0; i < shares->count; i++) qf_share_free(&shares->items[i]);
    free(shares->items);
    *shares = (qf_shares){0};
}
