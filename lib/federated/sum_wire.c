/* Sums: header as in subject_wire.h; a record of the contributors: parties, weights, digests; the
 * ciphertexts; a record with the digest. */
#include "base/memory.h"
#include "crypto/bytes.h"
#include "federated/federated_wire.h"
#include "federated/subject_wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Writing ---- */

static qf_status describe_contributors(const qf_sum *sum, qf_record *record, qf_error *error) {
    typedef char hex[2 * QF_ID_SIZE + 1];
    const size_t count = sum->contributor_count;
    double *numbers = qf_new_array(2 * count, sizeof *numbers, error);
    hex *digests = qf_new_array(count, sizeof *digests, error);
    const char **texts = qf_new_array(count, sizeof *texts, error);
    qf_status status = numbers && digests && texts ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        numbers[i] = sum->contributors[i].party;
        numbers[count + i] = (double)sum->contributors[i].weight;
        qf_hex_print(sum->contributors[i].digest.bytes, QF_ID_SIZE, digests[i]);
        texts[i] = digests[i];
    }
    if (status == QF_OK) status = qf_record_set_reals(record, "parties", numbers, count, error);
    if (status == QF_OK) {
        status = qf_record_set_reals(record, "weights", numbers + count, count, error);
    }
    if (status == QF_OK) status = qf_record_set_texts(record, "digests", texts, count, error);
    free(texts);
    free(digests);
    free(numbers);
    return status;
}

static qf_status write_contributors(qf_writer *writer, const qf_sum *sum, qf_error *error) {
    qf_record record = {0};
    qf_status status = describe_contributors(sum, &record, error);
    if (status == QF_OK) status = qf_writer_record(writer, &record, error);
    qf_record_free(&record);
    return status;
}

static qf_status write_end(qf_writer *writer, const qf_sum *sum, qf_error *error) {
    qf_record end = {0};
    qf_status status = qf_field_set_id(&end, "digest", &sum->digest, error);
    if (status == QF_OK) status = qf_writer_record(writer, &end, error);
    qf_record_free(&end);
    return status == QF_OK ? qf_writer_close(writer, error) : status;
}

static qf_status write_body(qf_writer *writer, const qf_ckks *ckks, const qf_sum *sum,
                            qf_error *error) {
    QF_TRY(qf_subject_write(writer, &sum->subject, error));
    QF_TRY(write_contributors(writer, sum, error));
    for (size_t i = 0; i < sum->piece_count; i++) {
        QF_TRY(qf_ciphertext_write(writer, ckks, &sum->pieces[i], error));
    }
    return write_end(writer, sum, error);
}

qf_status qf_sum_write(qf_session *session, int fd, const char *name, const qf_ckks *ckks,
                       const qf_sum *sum, qf_error *error) {
    qf_writer writer = {0};
    qf_record schema = {0}, header = {0};
    qf_status status = qf_subject_describe(ckks, &sum->subject, &schema, &header, error);
    if (status == QF_OK) {
        status = qf_writer_open(&writer, session, fd, name, "sum", &schema, &header, error);
    }
    if (status == QF_OK) status = write_body(&writer, ckks, sum, error);
    qf_writer_free(&writer);
    qf_record_free(&header);
    qf_record_free(&schema);
    return status;
}

/* ---- Reading ---- */

static qf_status parse_contributor(const qf_field *parties, const qf_field *weights,
                                   const qf_field *digests, size_t i, qf_contributor *c,
                                   qf_error *error) {
    const double party = parties->reals[i], weight = weights->reals[i];
    if (party >= 1 && party <= QF_MAX_PARTY && party == floor(party) && weight >= 1 &&
        weight <= (double)QF_MAX_WEIGHT && weight == floor(weight) &&
        qf_hex_parse(digests->texts[i], c->digest.bytes, QF_ID_SIZE)) {
        c->party = (uint32_t)party;
        c->weight = (int64_t)weight;
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "contributor %zu is malformed", i + 1);
}

static qf_status parse_contributors(const qf_record *record, qf_sum *sum, qf_error *error) {
    const qf_terms *terms = &sum->subject.terms;
    const qf_field *parties = qf_record_find(record, "parties");
    const qf_field *weights = qf_record_find(record, "weights");
    const qf_field *digests = qf_record_find(record, "digests");
    if (!parties || parties->kind != QF_FIELD_REALS || !weights ||
        weights->kind != QF_FIELD_REALS || !digests || digests->kind != QF_FIELD_TEXTS ||
        parties->count < 1 || parties->count > terms->most_contributors ||
        weights->count != parties->count || digests->count != parties->count) {
        return qf_fail(error, QF_DATA, "the contributors are not listed as they should be");
    }
    for (size_t i = 0; i < parties->count; i++) {
        qf_contributor c = {0};
        QF_TRY(parse_contributor(parties, weights, digests, i, &c, error));
        if (i > 0 && c.party <= sum->contributors[i - 1].party) {
            return qf_fail(error, QF_DATA, "the contributors are not in the order of numbers");
        }
        if (qf_sum_add_contributor(sum, &c, error) != QF_OK) return error->status = QF_DATA;
    }
    if (sum->weight <= terms->weight) return QF_OK;
    return qf_fail(error, QF_DATA, "weights add up to more than the terms'");
}

static qf_status read_contributors(qf_reader *reader, qf_sum *sum, qf_error *error) {
    qf_record record = {0};
    qf_status status = qf_reader_record(reader, &record, error);
    if (status == QF_OK && parse_contributors(&record, sum, error) != QF_OK) {
        status = qf_error_context(error, "%s", reader->name);
    }
    qf_record_free(&record);
    return status;
}

/* Bounds are set by the terms, so that those that were read do not matter; but a digest is only
 * right with the same. */
static qf_status read_piece(qf_reader *reader, const qf_ckks *ckks, size_t piece, qf_sum *sum,
                            qf_error *error) {
    qf_ciphertext *c = &sum->pieces[piece];
    bool more = false;
    QF_TRY(qf_ciphertext_next(reader, ckks, c, &more, error));
    if (more && qf_id_equal(&c->key, &sum->subject.key) && c->packing == QF_COEFFICIENTS &&
        c->level == ckks->primes - 1 && !c->seeded && c->parties == sum->subject.terms.parties &&
        c->count == qf_subject_piece_size(&sum->subject, ckks->n, piece)) {
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "%s: ciphertext %zu is not as the terms have it", reader->name,
                   piece + 1);
}

static qf_status read_pieces(qf_reader *reader, const qf_ckks *ckks, qf_sum *sum, qf_error *error) {
    sum->piece_count = qf_subject_pieces(&sum->subject, ckks->n);
    sum->pieces = qf_new_array(sum->piece_count, sizeof *sum->pieces, error);
    if (!sum->pieces) return QF_MEMORY;
    for (size_t i = 0; i < sum->piece_count; i++) {
        QF_TRY(read_piece(reader, ckks, i, sum, error));
    }
    return QF_OK;
}

static qf_status read_end(qf_reader *reader, const qf_sum *sum, qf_error *error) {
    qf_record end = {0};
    qf_id digest;
    qf_status status = qf_reader_record(reader, &end, error);
    if (status == QF_OK && (qf_field_id(&end, "digest", &digest, error) != QF_OK ||
                            !qf_id_equal(&digest, &sum->digest))) {
        status = qf_fail(error, QF_DATA, "%s: the digest is not that of the sum", reader->name);
    }
    qf_record_free(&end);
    QF_TRY(status);
    qf_message message;
    QF_TRY(qf_reader_next(reader, &message, error));
    if (message.kind == QF_MESSAGE_END) return qf_reader_expect_end(reader, error);
    return qf_fail(error, QF_DATA, "%s: something follows the sum", reader->name);
}

static qf_status read_sum(qf_reader *reader, qf_simd simd, qf_ckks *ckks, qf_sum *sum,
                          qf_error *error) {
    qf_plan plan;
    if (qf_ckks_from_header(&reader->parameters, simd, ckks, error) != QF_OK) {
        return qf_error_context(error, "%s", reader->name);
    }
    QF_TRY(qf_subject_read(reader, &sum->subject, error));
    if (qf_terms_plan(ckks, &sum->subject.terms, &plan, error) != QF_OK) {
        return qf_error_context(error, "%s", reader->name);
    }
    QF_TRY(read_contributors(reader, sum, error));
    QF_TRY(read_pieces(reader, ckks, sum, error));
    QF_TRY(qf_sum_finish(ckks, &plan, sum, error));
    return read_end(reader, sum, error);
}

qf_status qf_sum_read(qf_session *session, const char *path, qf_simd simd, qf_ckks *ckks,
                      qf_sum *sum, qf_error *error) {
    qf_reader reader;
    *ckks = (qf_ckks){0};
    *sum = (qf_sum){0};
    qf_status status = qf_reader_open(&reader, session, path, "sum", error);
    if (status == QF_OK) status = read_sum(&reader, simd, ckks, sum, error);
    qf_reader_close(&reader);
    if (status != QF_OK) {
        qf_sum_free(sum);
        qf_ckks_free(ckks);
    }
    return status;
}
