/* Contributions: header as in subject_wire.h, with party and weight; the ciphertexts; a record with
 * the digest and, where it is signed, the signature. */
#include "base/memory.h"
#include "ckks/evaluate.h"
#include "ckks/packed.h"
#include "crypto/bytes.h"
#include "crypto/secret.h"
#include "federated/federated_wire.h"
#include "federated/subject_wire.h"
#include "model/model_wire.h"

#include <stdlib.h>
#include <string.h>

/* What a sender signs is the digest, under this label. */
static const char label[] = "qf contribute 1";

/* ---- Writing ---- */

/* A contribution in the making. */
typedef struct making {
    const qf_joint_key *key;
    const qf_contribution_options *options;
    qf_model model;
    qf_provenance *provenance; /* of the model */
    qf_origins origins;
    qf_subject subject;
    int64_t *integers; /* [subject.count], secret */
    qf_id *pieces;     /* [piece_count] */
    size_t piece_count;
    qf_contributor contributor;
    qf_sampler sampler;
} making;

static void free_making(making *m) {
    if (m->integers) qf_secret_wipe(m->integers, m->subject.count * sizeof *m->integers);
    free(m->integers);
    free(m->pieces);
    qf_sampler_free(&m->sampler);
    qf_subject_free(&m->subject);
    qf_provenance_release(m->provenance);
    qf_origins_free(&m->origins);
    if (m->model.kind) qf_model_free(&m->model);
}

/* In a session of its own: the model's digest would let anyone confirm a guess of it, and its
 * provenance and origins say what the party trained on. */
static qf_status read_model(const char *path, making *m, qf_error *error) {
    qf_session apart = {0};
    qf_reader reader;
    qf_status status = qf_reader_open(&reader, &apart, path, "model", error);
    if (status == QF_OK) {
        status = qf_model_read_open(&reader, &m->model, error);
        if (status != QF_OK) m->model = (qf_model){0};
    }
    if (status == QF_OK) m->provenance = qf_provenance_share(reader.provenance);
    for (size_t i = 0; status == QF_OK && i < reader.origins.count; i++) {
        status = qf_origins_add(&m->origins, &reader.origins.digests[i], error);
    }
    qf_reader_close(&reader);
    qf_session_free(&apart);
    return status;
}

static qf_status compute_integers(making *m, qf_error *error) {
    const int64_t weight = m->options->weight;
    if (weight > m->key->terms.weight) {
        return qf_fail(error, QF_MISMATCH, "a weight of %lld, the key's terms allow %lld in all",
                       (long long)weight, (long long)m->key->terms.weight);
    }
    m->subject.round = m->options->round;
    m->subject.key = m->key->key.id;
    m->subject.terms = m->key->terms;
    QF_TRY(qf_subject_set_model(&m->subject, &m->model, m->options->disclose, error));
    m->piece_count = qf_subject_pieces(&m->subject, m->key->ckks.n);
    m->integers = qf_new_array(m->subject.count, sizeof *m->integers, error);
    m->pieces = qf_new_array(m->piece_count, sizeof *m->pieces, error);
    if (!m->integers || !m->pieces) return QF_MEMORY;
    m->contributor = (qf_contributor){.party = m->options->party, .weight = weight};
    return qf_subject_integers(&m->model, &m->key->plan.grid, weight, m->integers, error);
}

static qf_status encrypt_piece(making *m, size_t piece, qf_ciphertext *c, qf_error *error) {
    const qf_joint_key *key = m->key;
    qf_plaintext plain = {0};
    const size_t count = qf_subject_piece_size(&m->subject, key->ckks.n, piece);
    qf_status status = qf_coefficients_encode(&key->ckks, m->integers + piece * key->ckks.n, count,
                                              key->plan.grid.limit * m->options->weight,
                                              key->plan.scale_bits, &plain, error);
    if (status == QF_OK) {
        status = qf_encrypt(&key->ckks, &key->key, &plain, &m->sampler, c, error);
    }
    qf_plaintext_free(&plain);
    return status;
}

static qf_status write_piece(making *m, size_t piece, qf_writer *writer, qf_error *error) {
    qf_ciphertext c = {0};
    QF_TRY(encrypt_piece(m, piece, &c, error));
    qf_status status = qf_ciphertext_identify(&m->key->ckks, &c, &m->pieces[piece], error);
    if (status == QF_OK) status = qf_ciphertext_write(writer, &m->key->ckks, &c, error);
    qf_ciphertext_free(&c);
    return status;
}

static qf_status write_end(making *m, qf_writer *writer, qf_error *error) {
    qf_record end = {0};
    unsigned char signature[QF_SIGNATURE];
    char text[2 * QF_SIGNATURE + 1];
    const qf_own_identity *own = m->options->own;
    const qf_id *digest = &m->contributor.digest;
    qf_status status = qf_field_set_id(&end, "digest", digest, error);
    if (status == QF_OK && own) {
        status = qf_identity_sign(own, label, digest->bytes, signature, error);
        qf_hex_print(signature, sizeof signature, text);
        if (status == QF_OK) status = qf_record_set_text(&end, "signature", text, error);
    }
    if (status == QF_OK) status = qf_writer_record(writer, &end, error);
    qf_record_free(&end);
    return status;
}

static qf_status write_body(making *m, qf_session *session, size_t input, qf_writer *writer,
                            qf_error *error) {
    QF_TRY(qf_subject_write(writer, &m->subject, error));
    for (size_t i = 0; i < m->piece_count; i++) QF_TRY(write_piece(m, i, writer, error));
    QF_TRY(qf_contribution_digest(&m->subject, m->pieces, m->piece_count, &m->contributor, error));
    QF_TRY(write_end(m, writer, error));
    if (m->options->disclose) {
        qf_digest name;
        memcpy(name.bytes, m->contributor.digest.bytes, sizeof name.bytes);
        QF_TRY(qf_session_complete(session, input, &name, &m->origins, error));
    }
    return qf_writer_close(writer, error);
}

static qf_status write_stream(making *m, qf_session *session, int fd, const char *name,
                              qf_error *error) {
    qf_writer writer = {0};
    qf_record schema = {0}, header = {0};
    size_t input = 0;
    qf_status status = QF_OK;
    if (m->options->disclose) {
        status = qf_session_enter(session, "model", m->provenance, &input, error);
    }
    if (status == QF_OK) {
        status = qf_subject_describe(&m->key->ckks, &m->subject, &schema, &header, error);
    }
    if (status == QF_OK) {
        status = qf_record_set_integer(&header, "party", m->contributor.party, error);
    }
    if (status == QF_OK) {
        status = qf_record_set_integer(&header, "weight", m->contributor.weight, error);
    }
    if (status == QF_OK) {
        status =
            qf_writer_open(&writer, session, fd, name, "contribution", &schema, &header, error);
    }
    if (status == QF_OK) status = write_body(m, session, input, &writer, error);
    qf_writer_free(&writer);
    qf_record_free(&header);
    qf_record_free(&schema);
    return status;
}

qf_status qf_contribution_write(qf_session *session, const char *path, int fd, const char *name,
                                const qf_joint_key *key, const qf_contribution_options *options,
                                qf_error *error) {
    making m = {.key = key, .options = options};
    qf_status status = read_model(path, &m, error);
    if (status == QF_OK) status = compute_integers(&m, error);
    if (status == QF_OK) status = qf_sampler_secret(&m.sampler, error);
    if (status == QF_OK) status = write_stream(&m, session, fd, name, error);
    free_making(&m);
    return status;
}

/* ---- Summing ---- */

/* A sum in the making. */
typedef struct summing {
    qf_reader *reader;
    const qf_sum_expectations *expectations;
    qf_ckks *ckks;
    qf_plan plan;
    qf_sum *sum;
    qf_origins origins; /* of the first contribution */
    bool same_origins;  /* all have these */
} summing;

static bool is_first(const summing *s) {
    return s->sum->contributor_count == 0;
}

static qf_status expect_roster(const qf_roster *roster, const qf_terms *terms, qf_error *error) {
    qf_id id;
    QF_TRY(qf_roster_digest(roster, id.bytes, error));
    if (qf_id_equal(&id, &terms->roster)) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "the roster is not that of the key's terms");
}

/* The subject that the first contribution sets, and that others must have. */
static qf_status take_subject(summing *s, qf_subject *subject, qf_error *error) {
    const qf_sum_expectations *e = s->expectations;
    if (!is_first(s)) return qf_subject_match(subject, &s->sum->subject, error);
    if (e->key && !qf_id_equal(&subject->key, e->key)) {
        return qf_fail(error, QF_MISMATCH, "it is under another key");
    }
    if (e->terms) QF_TRY(qf_terms_match(&subject->terms, e->terms, error));
    if (e->roster) QF_TRY(expect_roster(e->roster, &subject->terms, error));
    if (e->round && subject->round != *e->round) {
        return qf_fail(error, QF_MISMATCH, "it is of round %llu, not %llu",
                       (unsigned long long)subject->round, (unsigned long long)*e->round);
    }
    return qf_terms_plan(s->ckks, &subject->terms, &s->plan, error);
}

/* Of a fresh ciphertext under the key, with the bounds that the terms give it: a smaller one, if it
 * were believed, would make the answers' flooding too weak to hide the key. */
static qf_status check_piece(const summing *s, const qf_subject *subject, int64_t weight,
                             size_t piece, const qf_ciphertext *c, qf_error *error) {
    qf_ciphertext expected = {.count = qf_subject_piece_size(subject, s->ckks->n, piece)};
    qf_piece_bounds(&s->plan, weight, 1, &expected);
    if (!qf_id_equal(&c->key, &subject->key)) {
        return qf_fail(error, QF_MISMATCH, "ciphertext %zu is under another key", piece + 1);
    }
    if (c->packing == QF_COEFFICIENTS && c->level == s->ckks->primes - 1 && !c->seeded &&
        c->parties == subject->terms.parties && c->count == expected.count &&
        c->scale == expected.scale && c->magnitude == expected.magnitude &&
        c->deviation == expected.deviation) {
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "ciphertext %zu is not as the terms have it", piece + 1);
}

static qf_status read_piece(summing *s, const qf_subject *subject, int64_t weight, size_t piece,
                            qf_id *id, qf_error *error) {
    qf_ciphertext c = {0};
    bool more = false;
    QF_TRY(qf_ciphertext_next(s->reader, s->ckks, &c, &more, error));
    if (!more) return qf_fail(error, QF_DATA, "ciphertext %zu is missing", piece + 1);
    qf_status status = check_piece(s, subject, weight, piece, &c, error);
    if (status == QF_OK) status = qf_ciphertext_identify(s->ckks, &c, id, error);
    if (status == QF_OK && is_first(s)) {
        s->sum->pieces[piece] = c;
        return QF_OK;
    }
    if (status == QF_OK) status = qf_ciphertext_add(s->ckks, &s->sum->pieces[piece], &c, error);
    qf_ciphertext_free(&c);
    return status;
}

static qf_status check_signature(const summing *s, const qf_record *end,
                                 const qf_contributor *contributor, qf_error *error) {
    const qf_identity *identity;
    unsigned char signature[QF_SIGNATURE];
    if (!s->expectations->roster) return QF_OK;
    QF_TRY(qf_roster_find(s->expectations->roster, contributor->party, &identity, error));
    if (!qf_hex_parse(qf_record_text(end, "signature"), signature, sizeof signature)) {
        return qf_fail(error, QF_REFUSED, "the contribution is not signed");
    }
    return qf_identity_verify(identity, label, contributor->digest.bytes, signature, error);
}

/* The last record and the trailer. */
static qf_status read_end(summing *s, const qf_contributor *contributor, qf_error *error) {
    qf_record end = {0};
    qf_id digest;
    qf_message message;
    qf_status status = qf_reader_record(s->reader, &end, error);
    if (status == QF_OK) status = qf_field_id(&end, "digest", &digest, error);
    if (status == QF_OK && !qf_id_equal(&digest, &contributor->digest)) {
        status = qf_fail(error, QF_DATA, "the digest is not that of the contribution");
    }
    if (status == QF_OK) status = check_signature(s, &end, contributor, error);
    if (status == QF_OK) status = qf_reader_next(s->reader, &message, error);
    if (status == QF_OK && message.kind != QF_MESSAGE_END) {
        status = qf_fail(error, QF_DATA, "something follows the contribution");
    }
    qf_record_free(&end);
    return status;
}

static qf_status read_pieces(summing *s, const qf_subject *subject, qf_contributor *contributor,
                             qf_error *error) {
    const size_t count = qf_subject_pieces(subject, s->ckks->n);
    if (is_first(s)) {
        s->sum->pieces = qf_new_array(count, sizeof *s->sum->pieces, error);
        if (!s->sum->pieces) return QF_MEMORY;
        s->sum->piece_count = count;
    }
    qf_id *ids = qf_new_array(count, sizeof *ids, error);
    qf_status status = ids ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        status = read_piece(s, subject, contributor->weight, i, &ids[i], error);
    }
    if (status == QF_OK) {
        status = qf_contribution_digest(subject, ids, count, contributor, error);
    }
    free(ids);
    return status;
}

/* Rows are known by their numbers, of data that all have in common or of none. */
static qf_status take_origins(summing *s, qf_error *error) {
    if (!is_first(s)) {
        s->same_origins &= qf_origins_equal(&s->origins, &s->reader->origins);
        return QF_OK;
    }
    s->same_origins = true;
    for (size_t i = 0; i < s->reader->origins.count; i++) {
        QF_TRY(qf_origins_add(&s->origins, &s->reader->origins.digests[i], error));
    }
    return QF_OK;
}

/* Adds what a contribution brings, all of which was checked. *subject moves where it is the first.
 */
static qf_status add_contributor(summing *s, qf_subject *subject, const qf_contributor *contributor,
                                 qf_error *error) {
    qf_sum *sum = s->sum;
    QF_TRY(take_origins(s, error));
    if (is_first(s)) {
        sum->subject = *subject;
        *subject = (qf_subject){0};
        return qf_sum_add_contributor(sum, contributor, error);
    }
    QF_TRY(qf_sum_add_contributor(sum, contributor, error));
    if (sum->contributors[0].party == contributor->party) {
        sum->subject.model.seed = subject->model.seed; /* whoever comes first */
    }
    return qf_model_remember_start(&sum->subject.model, &subject->model, error);
}

/* Whether the terms have room for one more. */
static qf_status check_room(const summing *s, const qf_subject *subject,
                            const qf_contributor *contributor, qf_error *error) {
    const qf_terms *terms = &subject->terms;
    if (s->sum->contributor_count >= terms->most_contributors) {
        return qf_fail(error, QF_MISMATCH, "the key's terms allow %u contributors, not more",
                       terms->most_contributors);
    }
    if (s->sum->weight + contributor->weight > terms->weight) {
        return qf_fail(error, QF_MISMATCH,
                       "with a weight of %lld, the weights add up to more than the key's terms "
                       "allow, %lld",
                       (long long)contributor->weight, (long long)terms->weight);
    }
    return QF_OK;
}

static qf_status read_subject(summing *s, qf_subject *subject, qf_contributor *contributor,
                              qf_error *error) {
    const qf_record *header = &s->reader->parameters;
    int64_t party = 0;
    QF_TRY(qf_field_whole(header, "party", 1, QF_MAX_PARTY, &party, error));
    contributor->party = (uint32_t)party;
    QF_TRY(qf_field_whole(header, "weight", 1, QF_MAX_WEIGHT, &contributor->weight, error));
    QF_TRY(is_first(s) ? QF_OK : qf_ckks_expect(s->ckks, header, error));
    QF_TRY(qf_subject_read(s->reader, subject, error));
    QF_TRY(take_subject(s, subject, error));
    return check_room(s, subject, contributor, error);
}

static qf_status add_contribution(summing *s, qf_error *error) {
    qf_subject subject = {0};
    qf_contributor contributor = {0};
    qf_status status = read_subject(s, &subject, &contributor, error);
    if (status == QF_OK) status = read_pieces(s, &subject, &contributor, error);
    if (status == QF_OK) status = read_end(s, &contributor, error);
    if (status == QF_OK) status = add_contributor(s, &subject, &contributor, error);
    qf_subject_free(&subject);
    if (status == QF_OK) return QF_OK;
    if (contributor.party > 0) {
        return qf_error_context(error, "contribution of party %u", contributor.party);
    }
    return qf_error_context(error, "contribution %zu", s->sum->contributor_count + 1);
}

static qf_status add_all(summing *s, qf_error *error) {
    bool more = true;
    while (more) {
        QF_TRY(add_contribution(s, error));
        QF_TRY(qf_reader_next_stream(s->reader, "contribution", &more, error));
    }
    if (!s->same_origins) qf_subject_forget_rows(&s->sum->subject);
    return qf_sum_finish(s->ckks, &s->plan, s->sum, error);
}

qf_status qf_contributions_sum(qf_reader *reader, qf_simd simd,
                               const qf_sum_expectations *expectations, qf_ckks *ckks, qf_sum *sum,
                               qf_error *error) {
    *ckks = (qf_ckks){0};
    *sum = (qf_sum){0};
    summing s = {.reader = reader, .expectations = expectations, .ckks = ckks, .sum = sum};
    qf_status status = qf_ckks_from_header(&reader->parameters, simd, ckks, error);
    if (status != QF_OK) {
        qf_error_context(error, "%s", reader->name);
    } else {
        status = add_all(&s, error);
    }
    qf_origins_free(&s.origins);
    if (status != QF_OK) {
        qf_sum_free(sum);
        qf_ckks_free(ckks);
    }
    return status;
}
