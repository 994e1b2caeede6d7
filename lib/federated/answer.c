#include "federated/answer.h"

#include "base/memory.h"
#include "base/number.h"
#include "ckks/packed.h"
#include "crypto/bytes.h"
#include "federated/journal.h"

#include <stdlib.h>
#include <string.h>

static const char label[] = "qf answer 1";

void qf_answer_free(qf_answer *answer) {
    for (size_t i = 0; answer->pieces && i < answer->piece_count; i++) {
        qf_partial_free(&answer->pieces[i]);
    }
    free(answer->pieces);
    qf_roster_free(&answer->roster);
    *answer = (qf_answer){0};
}

/* ---- Sets ---- */

static int compare_parties(const void *a, const void *b) {
    const unsigned first = *(const unsigned *)a, second = *(const unsigned *)b;
    return (first > second) - (first < second);
}

static bool parse_numbers(char *text, unsigned threshold, unsigned *set) {
    for (unsigned i = 0; i < threshold; i++) {
        int64_t number;
        char *comma = strchr(text, ',');
        if ((comma != NULL) != (i + 1 < threshold)) return false;
        if (comma) *comma = 0;
        if (!qf_parse_int64(text, 1, QF_MAX_PARTIES, &number)) return false;
        set[i] = (unsigned)number;
        text = comma + (comma != NULL);
    }
    return true;
}

qf_status qf_set_parse(const char *text, unsigned threshold, unsigned parties, unsigned *set,
                       qf_error *error) {
    size_t index;
    char *copy = qf_copy_text(text, error);
    if (!copy) return QF_MEMORY;
    const bool numbers = parse_numbers(copy, threshold, set);
    free(copy);
    if (!numbers) {
        return qf_fail(error, QF_USAGE, "\"%.60s\" is no set: give %u of the parties 1 to %u", text,
                       threshold, parties);
    }
    qsort(set, threshold, sizeof *set, compare_parties);
    return qf_set_index(set, threshold, parties, set[0], &index, error);
}

/* ---- Statements ---- */

static qf_status hash_piece(qf_hash *hash, const qf_ckks *ckks, const qf_partial *piece,
                            qf_error *error) {
    unsigned char numbers[16];
    const size_t size = qf_poly_packed_size(ckks, piece->count, piece->d.primes);
    unsigned char *packed = qf_new_array(size, 1, error);
    if (!packed) return QF_MEMORY;
    qf_put_u32(numbers, piece->flood_bits);
    qf_put_u32(numbers + 4, (uint32_t)piece->count);
    qf_put_u64(numbers + 8, piece->d.primes);
    qf_poly_pack(ckks, &piece->d, piece->count, packed);
    qf_status status = qf_hash_add(hash, piece->ciphertext.bytes, QF_ID_SIZE, error);
    if (status == QF_OK) status = qf_hash_add(hash, numbers, sizeof numbers, error);
    if (status == QF_OK) status = qf_hash_add(hash, packed, size, error);
    free(packed);
    return status;
}

static qf_status hash_answer(qf_hash *hash, const qf_ckks *ckks, const qf_answer *answer,
                             unsigned char digest[QF_HASH_SIZE], qf_error *error) {
    unsigned char seed[QF_SEED_SIZE], number[4];
    QF_TRY(qf_terms_seed(ckks, &answer->terms, seed, error));
    QF_TRY(qf_hash_begin(hash, error));
    QF_TRY(qf_hash_add(hash, seed, sizeof seed, error));
    QF_TRY(qf_hash_add(hash, answer->key.bytes, QF_ID_SIZE, error));
    QF_TRY(qf_hash_add(hash, answer->sum.bytes, QF_ID_SIZE, error));
    qf_put_u32(number, answer->party);
    QF_TRY(qf_hash_add(hash, number, sizeof number, error));
    for (unsigned i = 0; i < answer->terms.threshold; i++) {
        qf_put_u32(number, answer->set[i]);
        QF_TRY(qf_hash_add(hash, number, sizeof number, error));
    }
    for (size_t i = 0; i < answer->piece_count; i++) {
        QF_TRY(hash_piece(hash, ckks, &answer->pieces[i], error));
    }
    return qf_hash_end(hash, digest, error);
}

static qf_status state_answer(const qf_ckks *ckks, const qf_answer *answer,
                              unsigned char digest[QF_HASH_SIZE], qf_error *error) {
    qf_hash hash = {0};
    const qf_status status = hash_answer(&hash, ckks, answer, digest, error);
    qf_hash_free(&hash);
    return status;
}

/* ---- Answering ---- */

/* SHA-256 of a ciphertext's name and the set: what flooding is derived for. */
static qf_status name_request(const qf_ckks *ckks, const qf_ciphertext *ciphertext,
                              const unsigned *set, unsigned threshold,
                              unsigned char name[QF_HASH_SIZE], qf_error *error) {
    unsigned char bytes[QF_ID_SIZE + 4 * QF_MAX_PARTIES];
    qf_id id;
    QF_TRY(qf_ciphertext_identify(ckks, ciphertext, &id, error));
    memcpy(bytes, id.bytes, QF_ID_SIZE);
    for (unsigned i = 0; i < threshold; i++) qf_put_u32(bytes + QF_ID_SIZE + 4 * i, set[i]);
    return qf_hash_bytes(bytes, QF_ID_SIZE + 4 * (size_t)threshold, name, error);
}

/* The stream of flooding for one ciphertext and one set. */
static qf_status flood_sampler(const qf_ckks *ckks, const qf_member_key *key,
                               const qf_ciphertext *ciphertext, const unsigned *set,
                               qf_sampler *sampler, qf_error *error) {
    static const char purpose[16] = "qf flooding 1";
    unsigned char info[sizeof purpose + QF_HASH_SIZE], seed[QF_SEED_SIZE];
    memcpy(info, purpose, sizeof purpose);
    QF_TRY(name_request(ckks, ciphertext, set, key->terms.threshold, info + sizeof purpose, error));
    QF_TRY(qf_hkdf((qf_span){key->flood.data, key->flood.length},
                   (qf_span){key->key.bytes, QF_ID_SIZE}, (qf_span){info, sizeof info}, seed,
                   sizeof seed, error));
    const qf_status status = qf_sampler_seeded(sampler, seed, 0, error);
    qf_secret_wipe(seed, sizeof seed);
    return status;
}

static qf_status answer_pieces(const qf_ckks *ckks, const qf_member_key *key, const qf_sum *sum,
                               const qf_secret_share *share, qf_answer *answer, qf_error *error) {
    const qf_flooding flooding = qf_terms_flooding(&key->terms);
    answer->pieces = qf_new_array(sum->piece_count, sizeof *answer->pieces, error);
    if (!answer->pieces) return QF_MEMORY;
    for (; answer->piece_count < sum->piece_count; answer->piece_count++) {
        const qf_ciphertext *ciphertext = &sum->pieces[answer->piece_count];
        qf_sampler sampler;
        QF_TRY(flood_sampler(ckks, key, ciphertext, answer->set, &sampler, error));
        const qf_status status =
            qf_partial_decrypt(ckks, share, answer->set, ciphertext, &flooding, &sampler,
                               &answer->pieces[answer->piece_count], error);
        qf_sampler_free(&sampler);
        QF_TRY(status);
    }
    return QF_OK;
}

/* Whether the request is one to answer at all, before it stands in the journal. */
static qf_status check_request(const qf_own_identity *own, const qf_member_key *key,
                               const qf_sum *sum, const unsigned *set, qf_error *error) {
    size_t index;
    if (!qf_id_equal(&sum->subject.key, &key->key)) {
        return qf_fail(error, QF_MISMATCH, "the sum is under another key");
    }
    QF_TRY(qf_terms_match(&sum->subject.terms, &key->terms, error));
    QF_TRY(qf_roster_expect(&key->roster, &own->identity, error));
    QF_TRY(qf_sum_check_contributors(sum, error));
    return qf_set_index(set, key->terms.threshold, key->terms.parties, own->identity.party, &index,
                        error);
}

static qf_status begin(const qf_own_identity *own, const qf_member_key *key, const qf_sum *sum,
                       const unsigned *set, qf_answer *answer, qf_error *error) {
    *answer = (qf_answer){
        .terms = key->terms, .party = own->identity.party, .key = key->key, .sum = sum->digest};
    memcpy(answer->set, set, key->terms.threshold * sizeof *set);
    return qf_roster_copy(&key->roster, &answer->roster, error);
}

static qf_status answer_admitted(const qf_ckks *ckks, const qf_own_identity *own,
                                 const qf_member_key *key, const qf_sum *sum, const unsigned *set,
                                 const qf_secret_share *share, qf_answer *answer, qf_error *error) {
    unsigned char digest[QF_HASH_SIZE];
    QF_TRY(begin(own, key, sum, set, answer, error));
    QF_TRY(answer_pieces(ckks, key, sum, share, answer, error));
    QF_TRY(state_answer(ckks, answer, digest, error));
    return qf_identity_sign(own, label, digest, answer->signature, error);
}

qf_status qf_answer_make(const qf_ckks *ckks, qf_state *state, const qf_own_identity *own,
                         const qf_member_key *key, const qf_sum *sum, const unsigned *set,
                         qf_answer *answer, qf_error *error) {
    const qf_request request = {.key = key->key,
                                .sum = sum,
                                .set = set,
                                .threshold = key->terms.threshold,
                                .allowed = (int64_t)key->terms.flooding.decryptions};
    qf_secret_share share;
    *answer = (qf_answer){0};
    QF_TRY(check_request(own, key, sum, set, error));
    QF_TRY(qf_member_key_share(ckks, key, &share, error));
    qf_status status = qf_journal_admit(state, &request, error);
    if (status == QF_OK) {
        status = answer_admitted(ckks, own, key, sum, set, &share, answer, error);
    }
    qf_secret_share_free(&share);
    if (status != QF_OK) qf_answer_free(answer);
    return status;
}

/* ---- Combining ---- */

static qf_status check_signature(const qf_ckks *ckks, const qf_answer *answer, qf_error *error) {
    const qf_identity *signer;
    unsigned char digest[QF_HASH_SIZE];
    qf_id roster;
    QF_TRY(qf_roster_digest(&answer->roster, roster.bytes, error));
    if (!qf_id_equal(&roster, &answer->terms.roster)) {
        return qf_fail(error, QF_REFUSED, "its roster is not that of its terms");
    }
    QF_TRY(qf_roster_find(&answer->roster, answer->party, &signer, error));
    QF_TRY(state_answer(ckks, answer, digest, error));
    return qf_identity_verify(signer, label, digest, answer->signature, error);
}

/* Whether an answer fits the sum; the set is that of the first. */
static qf_status check_answer(const qf_ckks *ckks, const qf_sum *sum, const qf_answer *answer,
                              const unsigned *set, qf_error *error) {
    size_t index;
    if (!qf_id_equal(&answer->key, &sum->subject.key)) {
        return qf_fail(error, QF_MISMATCH, "it is for another key");
    }
    QF_TRY(qf_terms_match(&answer->terms, &sum->subject.terms, error));
    if (!qf_id_equal(&answer->sum, &sum->digest) || answer->piece_count != sum->piece_count) {
        return qf_fail(error, QF_MISMATCH, "it is for another sum");
    }
    if (memcmp(answer->set, set, answer->terms.threshold * sizeof *set) != 0) {
        return qf_fail(error, QF_MISMATCH, "it is for another set");
    }
    if (qf_set_index(set, answer->terms.threshold, answer->terms.parties, answer->party, &index,
                     error) != QF_OK) {
        return error->status = QF_MISMATCH;
    }
    return check_signature(ckks, answer, error);
}

static qf_status check_answers(const qf_ckks *ckks, const qf_sum *sum, const qf_answer *answers,
                               size_t count, qf_error *error) {
    const unsigned threshold = sum->subject.terms.threshold;
    bool seen[QF_MAX_PARTIES + 1] = {false};
    QF_TRY(qf_sum_check_contributors(sum, error));
    for (size_t i = 0; i < count; i++) {
        const unsigned party = answers[i].party;
        if (check_answer(ckks, sum, &answers[i], answers[0].set, error) != QF_OK) {
            return qf_error_context(error, "the answer of party %u", party);
        }
        if (seen[party]) return qf_fail(error, QF_MISMATCH, "party %u answers twice", party);
        seen[party] = true;
    }
    for (unsigned i = 0; i < threshold; i++) {
        if (count && seen[answers[0].set[i]]) continue;
        return qf_fail(error, QF_MISMATCH, "the answer of party %u is missing",
                       count ? answers[0].set[i] : 0);
    }
    return QF_OK;
}

static qf_status combine_piece(const qf_ckks *ckks, const qf_sum *sum, qf_answer *answers,
                               size_t count, size_t piece, int64_t *integers, qf_error *error) {
    qf_partial *partials = qf_new_array(count, sizeof *partials, error);
    if (!partials) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        partials[i] = answers[i].pieces[piece];
        answers[i].pieces[piece] = (qf_partial){0};
    }
    const qf_status status =
        qf_partials_combine(ckks, &sum->pieces[piece], partials, count, integers, error);
    for (size_t i = 0; i < count; i++) qf_partial_free(&partials[i]);
    free(partials);
    return status;
}

qf_status qf_answers_combine(const qf_ckks *ckks, const qf_sum *sum, qf_answer *answers,
                             size_t count, int64_t *integers, qf_error *error) {
    QF_TRY(check_answers(ckks, sum, answers, count, error));
    for (size_t piece = 0; piece < sum->piece_count; piece++) {
        QF_TRY(combine_piece(ckks, sum, answers, count, piece, integers + piece * ckks->n, error));
    }
    return QF_OK;
}
