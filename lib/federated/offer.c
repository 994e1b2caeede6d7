#include "federated/offer.h"

#include "base/memory.h"
#include "ckks/packed.h"
#include "crypto/bytes.h"

#include <stdlib.h>
#include <string.h>

static const char label[] = "qf offer 1";

/* A row of shares: where the key comes from, the salt, the chunks. */
enum { SALT_AT = QF_KEY_ID, CHUNKS_AT = SALT_AT + QF_SEAL_SALT };

void qf_offer_free(qf_offer *offer) {
    qf_roster_free(&offer->roster);
    qf_member_public_free(&offer->part);
    free(offer->shares);
    *offer = (qf_offer){0};
}

/* What is sealed: the seed, then the share. */
static size_t plain_size(const qf_ckks *ckks) {
    return QF_SEED_SIZE + qf_secret_share_size(ckks);
}

size_t qf_offer_share_size(const qf_ckks *ckks) {
    return CHUNKS_AT + qf_sealed_length(plain_size(ckks));
}

/* ---- Statements ---- */

static qf_status hash_offer(qf_hash *hash, const qf_ckks *ckks, const qf_offer *offer,
                            unsigned char *packed, unsigned char digest[QF_HASH_SIZE],
                            qf_error *error) {
    unsigned char seed[QF_SEED_SIZE], numbers[8];
    QF_TRY(qf_terms_seed(ckks, &offer->terms, seed, error));
    qf_put_u32(numbers, offer->party);
    qf_put_u32(numbers + 4, (uint32_t)offer->link);
    qf_poly_pack(ckks, &offer->part.b, ckks->n, packed);
    QF_TRY(qf_hash_begin(hash, error));
    QF_TRY(qf_hash_add(hash, seed, sizeof seed, error));
    QF_TRY(qf_hash_add(hash, numbers, sizeof numbers, error));
    QF_TRY(qf_hash_add(hash, packed, qf_poly_packed_size(ckks, ckks->n, ckks->all_primes), error));
    QF_TRY(qf_hash_add(hash, offer->shares, (offer->terms.parties - 1) * offer->share_size, error));
    return qf_hash_end(hash, digest, error);
}

qf_status qf_offer_statement(const qf_ckks *ckks, const qf_offer *offer,
                             unsigned char digest[QF_HASH_SIZE], qf_error *error) {
    qf_hash hash = {0};
    unsigned char *packed =
        qf_new_array(qf_poly_packed_size(ckks, ckks->n, ckks->all_primes), 1, error);
    if (!packed) return QF_MEMORY;
    const qf_status status = hash_offer(&hash, ckks, offer, packed, digest, error);
    qf_hash_free(&hash);
    free(packed);
    return status;
}

/* The parties 1 .. n are in the roster, whose digest is that of the terms, and the seed is theirs.
 */
static qf_status check_frame(const qf_ckks *ckks, const qf_offer *offer, qf_error *error) {
    const qf_terms *terms = &offer->terms;
    const qf_identity *identity;
    unsigned char seed[QF_SEED_SIZE];
    qf_id roster;
    if (offer->party < 1 || offer->party > terms->parties) {
        return qf_fail(error, QF_MISMATCH, "not one of the committee's parties 1 to %u",
                       terms->parties);
    }
    QF_TRY(qf_roster_digest(&offer->roster, roster.bytes, error));
    if (!qf_id_equal(&roster, &terms->roster)) {
        return qf_fail(error, QF_MISMATCH, "its roster is not that of its terms");
    }
    for (unsigned party = 1; party <= terms->parties; party++) {
        QF_TRY(qf_roster_find(&offer->roster, party, &identity, error));
    }
    QF_TRY(qf_terms_seed(ckks, terms, seed, error));
    if (offer->part.party != offer->party || memcmp(offer->part.seed, seed, sizeof seed) != 0) {
        return qf_fail(error, QF_MISMATCH, "its part of the key is for other terms");
    }
    return QF_OK;
}

static qf_status check(const qf_ckks *ckks, const qf_offer *offer, qf_error *error) {
    const qf_identity *identity;
    unsigned char digest[QF_HASH_SIZE];
    QF_TRY(check_frame(ckks, offer, error));
    QF_TRY(qf_offer_statement(ckks, offer, digest, error));
    QF_TRY(qf_roster_find(&offer->roster, offer->party, &identity, error));
    return qf_identity_verify(identity, label, digest, offer->signature, error);
}

qf_status qf_offer_check(const qf_ckks *ckks, const qf_offer *offer, qf_error *error) {
    if (check(ckks, offer, error) == QF_OK) return QF_OK;
    return qf_error_context(error, "the offer of party %u", offer->party);
}

/* ---- Sealed shares ---- */

static unsigned char *row_of(const qf_offer *offer, unsigned receiver) {
    const size_t row = receiver - 1 - (receiver > offer->party);
    return offer->shares + row * offer->share_size;
}

qf_status qf_offer_sealed(const qf_ckks *ckks, const qf_offer *offer, unsigned receiver,
                          qf_sealed *sealed, qf_error *error) {
    const unsigned char *row = row_of(offer, receiver);
    *sealed = (qf_sealed){.link = offer->link,
                          .sender = offer->party,
                          .receiver = receiver,
                          .round = (uint64_t)offer->terms.generation,
                          .length = qf_sealed_length(plain_size(ckks))};
    if (offer->link == QF_LINK_QKD) {
        memcpy(sealed->key_id, row, QF_KEY_ID);
        sealed->key_id[QF_KEY_ID - 1] = 0;
    } else {
        memcpy(sealed->ephemeral, row, QF_CURVE_KEY);
    }
    memcpy(sealed->salt, row + SALT_AT, QF_SEAL_SALT);
    sealed->bytes = qf_copy_array(row + CHUNKS_AT, sealed->length, 1, error);
    return sealed->bytes ? QF_OK : QF_MEMORY;
}

static void put_sealed(const qf_sealed *sealed, unsigned char *row) {
    if (sealed->link == QF_LINK_QKD) {
        memcpy(row, sealed->key_id, QF_KEY_ID);
    } else {
        memcpy(row, sealed->ephemeral, QF_CURVE_KEY);
    }
    memcpy(row + SALT_AT, sealed->salt, QF_SEAL_SALT);
    memcpy(row + CHUNKS_AT, sealed->bytes, sealed->length);
}

static qf_status unpack_share(const qf_ckks *ckks, const qf_terms *terms, const qf_secret *plain,
                              unsigned receiver, qf_secret_share *share, qf_error *error) {
    unsigned char seed[QF_SEED_SIZE];
    QF_TRY(qf_terms_seed(ckks, terms, seed, error));
    if (plain->length != plain_size(ckks) || memcmp(plain->data, seed, sizeof seed) != 0) {
        return qf_fail(error, QF_REFUSED, "what is sealed is for another key");
    }
    if (qf_secret_share_unpack(ckks, plain->data + QF_SEED_SIZE, plain->length - QF_SEED_SIZE,
                               share, error) != QF_OK) {
        return error->status = QF_REFUSED;
    }
    if (share->party == receiver && share->threshold == terms->threshold &&
        share->parties == terms->parties && share->summed == 1) {
        return QF_OK;
    }
    qf_secret_share_free(share);
    return qf_fail(error, QF_REFUSED, "what is sealed is no share for party %u", receiver);
}

qf_status qf_offer_unseal(const qf_ckks *ckks, const qf_terms *terms, qf_state *state,
                          const qf_own_identity *own, const qf_identity *sender,
                          const qf_sealed *sealed, qf_secret_share *share, qf_error *error) {
    qf_secret plain;
    qf_status status = qf_seal_look(state, own, sender, sealed, &plain, error);
    if (status == QF_OK) {
        status = unpack_share(ckks, terms, &plain, own->identity.party, share, error);
    }
    qf_secret_free(&plain);
    if (status != QF_OK) qf_error_context(error, "the share from party %u", sealed->sender);
    return status;
}

/* ---- Making one ---- */

static qf_status seal_share(const qf_ckks *ckks, const qf_offer *offer, qf_state *state,
                            const qf_own_identity *own, const qf_secret_share *share,
                            qf_error *error) {
    const qf_identity *receiver = NULL;
    qf_sealed sealed = {
        .link = offer->link, .receiver = share->party, .round = (uint64_t)offer->terms.generation};
    qf_secret plain;
    QF_TRY(qf_roster_find(&offer->roster, share->party, &receiver, error));
    QF_TRY(qf_secret_new(plain_size(ckks), &plain, error));
    memcpy(plain.data, offer->part.seed, QF_SEED_SIZE);
    qf_secret_share_pack(ckks, share, plain.data + QF_SEED_SIZE);
    const qf_status status =
        qf_seal(state, own, receiver, (qf_span){plain.data, plain.length}, &sealed, error);
    if (status == QF_OK) put_sealed(&sealed, row_of(offer, share->party));
    free(sealed.bytes);
    qf_secret_free(&plain);
    return status;
}

/* Shares the secret and seals the shares of others; the own one becomes *own_share. */
static qf_status deal(const qf_ckks *ckks, const qf_offer *offer, qf_state *state,
                      const qf_own_identity *own, const qf_member_secret *secret,
                      qf_sampler *sampler, qf_secret_share *own_share, qf_error *error) {
    const unsigned parties = offer->terms.parties;
    qf_secret_share *shares = qf_new_array(parties, sizeof *shares, error);
    if (!shares) return QF_MEMORY;
    qf_status status =
        qf_member_deal(ckks, secret, offer->terms.threshold, parties, sampler, shares, error);
    for (unsigned i = 0; status == QF_OK && i < parties; i++) {
        if (i + 1 == offer->party) continue;
        status = seal_share(ckks, offer, state, own, &shares[i], error);
    }
    if (status == QF_OK) {
        *own_share = shares[offer->party - 1];
        shares[offer->party - 1] = (qf_secret_share){0};
    }
    for (unsigned i = 0; i < parties; i++) qf_secret_share_free(&shares[i]);
    free(shares);
    return status;
}

static qf_status make(const qf_ckks *ckks, qf_state *state, const qf_own_identity *own,
                      qf_offer *offer, qf_secret_share *share, qf_error *error) {
    unsigned char seed[QF_SEED_SIZE];
    qf_sampler sampler = {0};
    qf_member_secret secret = {0};
    QF_TRY(qf_terms_seed(ckks, &offer->terms, seed, error));
    qf_status status = qf_sampler_secret(&sampler, error);
    if (status == QF_OK) {
        status = qf_member_make(ckks, seed, offer->party, &sampler, &secret, &offer->part, error);
    }
    if (status == QF_OK) {
        status = check_frame(ckks, offer, error);
        if (status != QF_OK) qf_error_context(error, "party %u", offer->party);
    }
    if (status == QF_OK) {
        status = deal(ckks, offer, state, own, &secret, &sampler, share, error);
    }
    qf_member_secret_free(&secret);
    qf_sampler_free(&sampler);
    return status;
}

static qf_status sign(const qf_ckks *ckks, const qf_own_identity *own, qf_offer *offer,
                      qf_error *error) {
    unsigned char digest[QF_HASH_SIZE];
    QF_TRY(qf_offer_statement(ckks, offer, digest, error));
    return qf_identity_sign(own, label, digest, offer->signature, error);
}

/* Every other party's key is there, before the first is spent. */
static qf_status check_keys(qf_state *state, const qf_offer *offer, qf_error *error) {
    for (unsigned party = 1; party <= offer->terms.parties; party++) {
        qf_pool_key key;
        if (party == offer->party) continue;
        QF_TRY(qf_pool_look(state, party, NULL, &key, error));
        qf_secret_wipe(&key, sizeof key);
    }
    return QF_OK;
}

static qf_status begin(const qf_ckks *ckks, const qf_roster *roster, qf_state *state,
                       qf_offer *offer, qf_error *error) {
    qf_plan plan;
    QF_TRY(qf_terms_plan(ckks, &offer->terms, &plan, error));
    if (offer->terms.parties < 2) {
        return qf_fail(error, QF_USAGE, "a committee of one would hold the key alone");
    }
    if (offer->link == QF_LINK_QKD) QF_TRY(check_keys(state, offer, error));
    QF_TRY(qf_roster_copy(roster, &offer->roster, error));
    qf_roster_sort(&offer->roster);
    offer->share_size = qf_offer_share_size(ckks);
    offer->shares = qf_new_array(offer->terms.parties - 1, offer->share_size, error);
    return offer->shares ? QF_OK : QF_MEMORY;
}

qf_status qf_offer_make(const qf_ckks *ckks, const qf_terms *terms, qf_link link, qf_state *state,
                        const qf_own_identity *own, const qf_roster *roster, qf_offer *offer,
                        qf_secret_share *share, qf_error *error) {
    *offer = (qf_offer){.terms = *terms, .party = own->identity.party, .link = link};
    *share = (qf_secret_share){0};
    qf_status status = qf_roster_expect(roster, &own->identity, error);
    if (status == QF_OK) status = begin(ckks, roster, state, offer, error);
    if (status == QF_OK) status = make(ckks, state, own, offer, share, error);
    if (status == QF_OK) status = sign(ckks, own, offer, error);
    if (status != QF_OK) {
        qf_offer_free(offer);
        qf_secret_share_free(share);
    }
    return status;
}
