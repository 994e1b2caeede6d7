#include "federated/committee_wire.h"

#include "base/memory.h"
#include "base/number.h"
#include "ckks/bits.h"
#include "ckks/packed.h"
#include "crypto/bytes.h"
#include "federated/subject_wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Rosters in a header ---- */

static qf_status print_identity(const qf_identity *identity, qf_bytes *text, qf_error *error) {
    char signing[2 * QF_CURVE_KEY + 1], agreement[2 * QF_CURVE_KEY + 1];
    qf_hex_print(identity->signing, QF_CURVE_KEY, signing);
    qf_hex_print(identity->agreement, QF_CURVE_KEY, agreement);
    return qf_bytes_print(text, error, "%u %s %s", identity->party, signing, agreement);
}

static qf_status describe_roster(const qf_roster *roster, qf_record *record, qf_error *error) {
    qf_bytes *texts = qf_new_array(roster->count, sizeof *texts, error);
    const char **list = qf_new_array(roster->count, sizeof *list, error);
    qf_status status = texts && list ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < roster->count; i++) {
        status = print_identity(&roster->identities[i], &texts[i], error);
        list[i] = (const char *)texts[i].data;
    }
    if (status == QF_OK) {
        status = qf_record_set_texts(record, "identities", list, roster->count, error);
    }
    for (size_t i = 0; texts && i < roster->count; i++) free(texts[i].data);
    free(texts);
    free(list);
    return status;
}

static bool parse_identity(const char *text, qf_identity *identity) {
    enum { KEY = 2 * QF_CURVE_KEY, KEYS = 2 * KEY + 2 };
    char number[16] = "", keys[KEYS];
    const char *space = strchr(text, ' ');
    int64_t party;
    if (!space || space - text >= (ptrdiff_t)sizeof number || strlen(space) != KEYS ||
        space[KEY + 1] != ' ') {
        return false;
    }
    memcpy(number, text, (size_t)(space - text));
    memcpy(keys, space + 1, KEYS);
    keys[KEY] = 0;
    *identity = (qf_identity){0};
    if (!qf_parse_int64(number, 1, QF_MAX_PARTY, &party) ||
        !qf_hex_parse(keys, identity->signing, QF_CURVE_KEY) ||
        !qf_hex_parse(keys + KEY + 1, identity->agreement, QF_CURVE_KEY)) {
        return false;
    }
    identity->party = (uint32_t)party;
    return true;
}

/* Ascending and without doubles, so that adding them up is linear: it is a copy of a roster that
 * was checked when it was read, as its digest shows. */
static qf_status parse_roster(const qf_record *record, qf_roster *roster, qf_error *error) {
    const qf_field *field = qf_record_find(record, "identities");
    if (!field || field->kind != QF_FIELD_TEXTS || field->count < 1) {
        return qf_fail(error, QF_DATA, "\"identities\" is no list");
    }
    roster->identities = qf_new_array(field->count, sizeof *roster->identities, error);
    if (!roster->identities) return QF_MEMORY;
    for (size_t i = 0; i < field->count; i++) {
        qf_identity *identity = &roster->identities[i];
        if (!parse_identity(field->texts[i], identity) ||
            (i > 0 && identity->party <= identity[-1].party)) {
            return qf_fail(error, QF_DATA, "identity %zu is malformed", i + 1);
        }
        roster->count = roster->capacity = i + 1;
    }
    return QF_OK;
}

/* ---- What offers and answers have in common ---- */

static qf_status describe_frame(const qf_ckks *ckks, const qf_terms *terms, unsigned party,
                                const qf_roster *roster,
                                const unsigned char signature[QF_SIGNATURE], qf_record *record,
                                qf_error *error) {
    char text[2 * QF_SIGNATURE + 1];
    qf_hex_print(signature, QF_SIGNATURE, text);
    QF_TRY(qf_ckks_describe(ckks, record, error));
    QF_TRY(qf_terms_describe(terms, record, error));
    QF_TRY(qf_record_set_integer(record, "party", party, error));
    QF_TRY(describe_roster(roster, record, error));
    return qf_record_set_text(record, "signature", text, error);
}

static qf_status parse_frame(const qf_record *record, qf_terms *terms, unsigned *party,
                             qf_roster *roster, unsigned char signature[QF_SIGNATURE],
                             qf_error *error) {
    int64_t number = 0;
    QF_TRY(qf_terms_parse(record, terms, error));
    QF_TRY(qf_field_whole(record, "party", 1, QF_MAX_PARTY, &number, error));
    *party = (unsigned)number;
    QF_TRY(parse_roster(record, roster, error));
    if (qf_hex_parse(qf_record_text(record, "signature"), signature, QF_SIGNATURE)) return QF_OK;
    return qf_fail(error, QF_DATA, "\"signature\" is malformed");
}

/* ---- Offers ---- */

static qf_status write_arrays(qf_writer *writer, const qf_ckks *ckks, const qf_offer *offer,
                              qf_error *error) {
    qf_array part = {.name = "part",
                     .type = QF_U8,
                     .rows = qf_poly_packed_size(ckks, ckks->n, ckks->all_primes),
                     .columns = 1};
    const qf_array shares = {.name = "shares",
                             .type = QF_U8,
                             .rows = offer->terms.parties - 1,
                             .columns = offer->share_size,
                             .data = offer->shares};
    unsigned char *packed = qf_new_array(part.rows, 1, error);
    if (!packed) return QF_MEMORY;
    qf_poly_pack(ckks, &offer->part.b, ckks->n, packed);
    part.data = packed;
    qf_status status = qf_writer_array(writer, &part, error);
    if (status == QF_OK) status = qf_writer_array(writer, &shares, error);
    free(packed);
    return status;
}

static qf_status write_offer(qf_session *session, int fd, const char *name, const qf_ckks *ckks,
                             const qf_offer *offer, qf_error *error) {
    qf_writer writer = {0};
    qf_record header = {0};
    qf_status status = describe_frame(ckks, &offer->terms, offer->party, &offer->roster,
                                      offer->signature, &header, error);
    if (status == QF_OK) {
        status = qf_record_set_text(&header, "link", qf_link_names[offer->link], error);
    }
    if (status == QF_OK) {
        status = qf_writer_open(&writer, session, fd, name, "offer", NULL, &header, error);
    }
    if (status == QF_OK) status = write_arrays(&writer, ckks, offer, error);
    if (status == QF_OK) status = qf_writer_close(&writer, error);
    qf_writer_free(&writer);
    qf_record_free(&header);
    return status;
}

/* The share first: an offer that is there has one, or had. */
static qf_status keep_offer(qf_session *session, const qf_ckks *ckks, const qf_state *state,
                            const char *name, const qf_offer *offer, const qf_secret_share *share,
                            qf_error *error) {
    unsigned char statement[QF_HASH_SIZE];
    qf_state_file file = {.fd = -1};
    QF_TRY(qf_offer_statement(ckks, offer, statement, error));
    QF_TRY(qf_offered_save(state, ckks, offer->part.seed, statement, share, error));
    qf_status status = qf_state_file_open(&file, state, name, error);
    if (status == QF_OK) status = write_offer(session, file.fd, name, ckks, offer, error);
    if (status == QF_OK) status = qf_state_file_commit(&file, error);
    qf_state_file_discard(&file);
    return status;
}

static qf_status make_offer(qf_session *session, const qf_ckks *ckks, const qf_terms *terms,
                            qf_link link, qf_state *state, const qf_own_identity *own,
                            const qf_roster *roster, const char *name, qf_error *error) {
    qf_offer offer;
    qf_secret_share share;
    QF_TRY(qf_offer_make(ckks, terms, link, state, own, roster, &offer, &share, error));
    const qf_status status = keep_offer(session, ckks, state, name, &offer, &share, error);
    qf_secret_share_free(&share);
    qf_offer_free(&offer);
    return status;
}

static qf_status publish_locked(qf_session *session, const qf_ckks *ckks, const qf_terms *terms,
                                qf_link link, qf_state *state, const qf_own_identity *own,
                                const qf_roster *roster, qf_secret *stream, qf_error *error) {
    char name[QF_MEMBER_NAME];
    unsigned char seed[QF_SEED_SIZE];
    bool found;
    QF_TRY(qf_terms_seed(ckks, terms, seed, error));
    qf_offer_file_name(seed, name);
    QF_TRY(qf_state_read(state, name, stream, &found, error));
    if (found) return QF_OK;
    QF_TRY(make_offer(session, ckks, terms, link, state, own, roster, name, error));
    return qf_state_read(state, name, stream, &found, error);
}

qf_status qf_offer_publish(qf_session *session, const qf_ckks *ckks, const qf_terms *terms,
                           qf_link link, qf_state *state, const qf_own_identity *own,
                           const qf_roster *roster, qf_secret *stream, qf_error *error) {
    *stream = (qf_secret){0};
    QF_TRY(qf_state_lock(state, error));
    const qf_status status =
        publish_locked(session, ckks, terms, link, state, own, roster, stream, error);
    qf_state_unlock(state);
    return status;
}

static qf_status parse_link(const qf_record *record, qf_link *link, qf_error *error) {
    const char *name = qf_record_text(record, "link");
    int l = 0;
    while (l < QF_LINKS && strcmp(name, qf_link_names[l]) != 0) l++;
    *link = (qf_link)l;
    return l < QF_LINKS ? QF_OK : qf_fail(error, QF_DATA, "no link is called \"%.20s\"", name);
}

static qf_status take_arrays(const qf_ckks *ckks, const qf_arrays *arrays, qf_offer *offer,
                             qf_error *error) {
    const qf_array *part, *shares;
    const size_t size = qf_poly_packed_size(ckks, ckks->n, ckks->all_primes);
    offer->share_size = qf_offer_share_size(ckks);
    QF_TRY(qf_arrays_find(arrays, "part", QF_U8, size, 1, &part, error));
    QF_TRY(qf_arrays_find(arrays, "shares", QF_U8, offer->terms.parties - 1, offer->share_size,
                          &shares, error));
    offer->part.party = offer->party;
    QF_TRY(qf_terms_seed(ckks, &offer->terms, offer->part.seed, error));
    QF_TRY(qf_poly_new(&offer->part.b, ckks->n, ckks->all_primes, error));
    QF_TRY(qf_poly_unpack(ckks, part->data, ckks->n, &offer->part.b, error));
    QF_TRY(qf_poly_check_opaque(&offer->part.b, "its part of the key", error));
    offer->shares = qf_copy_array(shares->data, offer->terms.parties - 1, offer->share_size, error);
    return offer->shares ? QF_OK : QF_MEMORY;
}

/* The context is made from the first stream, and expected of the others. */
static qf_status take_ring(const qf_record *parameters, qf_simd simd, qf_ckks *ckks,
                           qf_error *error) {
    if (ckks->n == 0) return qf_ckks_from_header(parameters, simd, ckks, error);
    return qf_ckks_expect(ckks, parameters, error);
}

static qf_status read_offer(qf_reader *reader, qf_simd simd, qf_ckks *ckks, qf_offer *offer,
                            qf_error *error) {
    qf_arrays arrays = {0};
    qf_status status = parse_frame(&reader->parameters, &offer->terms, &offer->party,
                                   &offer->roster, offer->signature, error);
    if (status == QF_OK) status = parse_link(&reader->parameters, &offer->link, error);
    if (status == QF_OK && offer->terms.parties < 2) {
        status = qf_fail(error, QF_DATA, "a committee of one");
    }
    if (status == QF_OK) status = take_ring(&reader->parameters, simd, ckks, error);
    if (status != QF_OK) return qf_error_context(error, "%s", reader->name);
    status = qf_reader_arrays(reader, &arrays, error);
    if (status == QF_OK) {
        status = take_arrays(ckks, &arrays, offer, error);
        if (status != QF_OK) {
            qf_error_context(error, "%s: the offer of party %u", reader->name, offer->party);
        }
    }
    qf_arrays_free(&arrays);
    return status;
}

/* Where an offer came from. */
typedef struct source {
    qf_provenance *provenance;
    qf_origins origins;
    qf_digest digest;
} source;

static qf_status keep_source(const qf_reader *reader, source *s, qf_error *error) {
    s->provenance = qf_provenance_share(reader->provenance);
    s->digest = reader->digest;
    for (size_t i = 0; i < reader->origins.count; i++) {
        QF_TRY(qf_origins_add(&s->origins, &reader->origins.digests[i], error));
    }
    return QF_OK;
}

static qf_status enter_sources(const source *sources, size_t count, qf_session *session,
                               qf_error *error) {
    for (size_t i = 0; i < count; i++) {
        size_t index;
        if (!sources[i].provenance) continue;
        QF_TRY(qf_session_enter(session, "offer", sources[i].provenance, &index, error));
        QF_TRY(qf_session_complete(session, index, &sources[i].digest, &sources[i].origins, error));
    }
    return QF_OK;
}

static qf_status gather(qf_reader *reader, qf_simd simd, qf_ckks *ckks, qf_ceremony *ceremony,
                        source *sources, qf_error *error) {
    for (bool more = true; more;) {
        qf_offer offer = {0};
        qf_status status = read_offer(reader, simd, ckks, &offer, error);
        if (status == QF_OK) status = qf_ceremony_add(ckks, ceremony, &offer, error);
        if (status == QF_OK) status = keep_source(reader, &sources[offer.party - 1], error);
        qf_offer_free(&offer);
        QF_TRY(status);
        QF_TRY(qf_reader_next_stream(reader, "offer", &more, error));
    }
    return QF_OK;
}

qf_status qf_offers_read(qf_session *session, const char *path, qf_simd simd, unsigned receiver,
                         qf_ckks *ckks, qf_ceremony *ceremony, qf_error *error) {
    qf_session apart = {0};
    qf_reader reader;
    *ckks = (qf_ckks){0};
    *ceremony = (qf_ceremony){.receiver = receiver};
    source *sources = qf_new_array(QF_MAX_PARTIES, sizeof *sources, error);
    if (!sources) return QF_MEMORY;
    qf_status status = qf_reader_open(&reader, &apart, path, "offer", error);
    if (status == QF_OK) status = gather(&reader, simd, ckks, ceremony, sources, error);
    if (status == QF_OK) status = enter_sources(sources, QF_MAX_PARTIES, session, error);
    for (size_t i = 0; i < QF_MAX_PARTIES; i++) {
        qf_provenance_release(sources[i].provenance);
        qf_origins_free(&sources[i].origins);
    }
    free(sources);
    qf_reader_close(&reader);
    qf_session_free(&apart);
    if (status != QF_OK) {
        qf_ceremony_free(ceremony);
        qf_ckks_free(ckks);
    }
    return status;
}

/* ---- Answers ---- */

qf_status qf_header_key(const qf_record *parameters, qf_id *key, qf_error *error) {
    return qf_field_id(parameters, "key", key, error);
}

static qf_status describe_answer(const qf_ckks *ckks, const qf_answer *answer, qf_record *record,
                                 qf_error *error) {
    double set[QF_MAX_PARTIES];
    for (unsigned i = 0; i < answer->terms.threshold; i++) set[i] = answer->set[i];
    QF_TRY(describe_frame(ckks, &answer->terms, answer->party, &answer->roster, answer->signature,
                          record, error));
    QF_TRY(qf_record_set_reals(record, "set", set, answer->terms.threshold, error));
    QF_TRY(qf_field_set_id(record, "key", &answer->key, error));
    return qf_field_set_id(record, "sum", &answer->sum, error);
}

qf_status qf_answer_write(qf_session *session, int fd, const char *name, const qf_ckks *ckks,
                          const qf_answer *answer, qf_error *error) {
    qf_writer writer = {0};
    qf_record header = {0};
    qf_status status = describe_answer(ckks, answer, &header, error);
    if (status == QF_OK) {
        status = qf_writer_open(&writer, session, fd, name, "partial", NULL, &header, error);
    }
    for (size_t i = 0; status == QF_OK && i < answer->piece_count; i++) {
        status = qf_partial_write(&writer, ckks, &answer->pieces[i], error);
    }
    if (status == QF_OK) status = qf_writer_close(&writer, error);
    qf_writer_free(&writer);
    qf_record_free(&header);
    return status;
}

static qf_status parse_set(const qf_record *record, unsigned threshold, unsigned *set,
                           qf_error *error) {
    const qf_field *field = qf_record_find(record, "set");
    if (!field || field->kind != QF_FIELD_REALS || field->count != threshold) {
        return qf_fail(error, QF_DATA, "\"set\" is no list of %u parties", threshold);
    }
    for (unsigned i = 0; i < threshold; i++) {
        const double party = field->reals[i];
        if (!(party >= 1 && party <= QF_MAX_PARTIES && party == floor(party)) ||
            (i && party <= field->reals[i - 1])) {
            return qf_fail(error, QF_DATA, "\"set\" has a number out of range or order");
        }
        set[i] = (unsigned)party;
    }
    return QF_OK;
}

/* A piece says again who answers in which set. */
static qf_status check_piece(const qf_answer *answer, const qf_partial *piece, qf_error *error) {
    if (piece->party == answer->party && piece->threshold == answer->terms.threshold &&
        memcmp(piece->set, answer->set, piece->threshold * sizeof *piece->set) == 0) {
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "a piece is another party's or another set's");
}

static qf_status read_pieces(qf_reader *reader, const qf_ckks *ckks, qf_answer *answer,
                             qf_error *error) {
    size_t capacity = 0;
    for (;;) {
        bool more = false;
        QF_TRY(qf_grow_array(&answer->pieces, &capacity, answer->piece_count + 1,
                             sizeof *answer->pieces, error));
        qf_partial *piece = &answer->pieces[answer->piece_count];
        QF_TRY(qf_partial_next(reader, ckks, piece, &more, error));
        if (!more) return QF_OK;
        answer->piece_count++;
        if (check_piece(answer, piece, error) != QF_OK) {
            return qf_error_context(error, "%s", reader->name);
        }
    }
}

static qf_status read_answer(qf_reader *reader, const qf_ckks *ckks, qf_answer *answer,
                             qf_error *error) {
    const qf_record *header = &reader->parameters;
    qf_status status = qf_ckks_expect(ckks, header, error);
    if (status == QF_OK) {
        status = parse_frame(header, &answer->terms, &answer->party, &answer->roster,
                             answer->signature, error);
    }
    if (status == QF_OK) status = parse_set(header, answer->terms.threshold, answer->set, error);
    if (status == QF_OK) status = qf_header_key(header, &answer->key, error);
    if (status == QF_OK) status = qf_field_id(header, "sum", &answer->sum, error);
    if (status != QF_OK) return qf_error_context(error, "%s", reader->name);
    return read_pieces(reader, ckks, answer, error);
}

void qf_answers_free(qf_answers *answers) {
    for (size_t i = 0; i < answers->count; i++) qf_answer_free(&answers->items[i]);
    free(answers->items);
    *answers = (qf_answers){0};
}

static qf_status read_answers(qf_reader *reader, const qf_ckks *ckks, qf_answers *answers,
                              qf_error *error) {
    for (bool more = true; more;) {
        if (answers->count == QF_MAX_PARTIES) {
            return qf_fail(error, QF_MISMATCH, "%s: over %d answers", reader->name, QF_MAX_PARTIES);
        }
        QF_TRY(qf_grow_array(&answers->items, &answers->capacity, answers->count + 1,
                             sizeof *answers->items, error));
        qf_answer *answer = &answers->items[answers->count++];
        *answer = (qf_answer){0};
        QF_TRY(read_answer(reader, ckks, answer, error));
        QF_TRY(qf_reader_next_stream(reader, "partial", &more, error));
    }
    return QF_OK;
}

qf_status qf_answers_read(qf_session *session, const char *path, const qf_ckks *ckks,
                          qf_answers *answers, qf_error *error) {
    qf_reader reader;
    *answers = (qf_answers){0};
    qf_status status = qf_reader_open(&reader, session, path, "partial", error);
    if (status == QF_OK) status = read_answers(&reader, ckks, answers, error);
    qf_reader_close(&reader);
    if (status != QF_OK) qf_answers_free(answers);
    return status;
}
