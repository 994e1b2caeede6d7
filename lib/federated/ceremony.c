#include "federated/ceremony.h"

#include "base/memory.h"
#include "ckks/packed.h"
#include "federated/journal.h"

#include <stdlib.h>
#include <string.h>

void qf_ceremony_free(qf_ceremony *c) {
    for (unsigned i = 0; i < c->terms.parties; i++) {
        if (c->parts) qf_member_public_free(&c->parts[i]);
        if (c->shares) free(c->shares[i].bytes);
    }
    free(c->parts);
    free(c->shares);
    qf_roster_free(&c->roster);
    *c = (qf_ceremony){0};
}

/* ---- Gathering ---- */

static qf_status begin(qf_ceremony *c, qf_offer *offer, qf_error *error) {
    c->parts = qf_new_array(offer->terms.parties, sizeof *c->parts, error);
    c->shares = qf_new_array(offer->terms.parties, sizeof *c->shares, error);
    if (!c->parts || !c->shares) return QF_MEMORY;
    c->terms = offer->terms;
    c->roster = offer->roster;
    offer->roster = (qf_roster){0};
    return QF_OK;
}

static qf_status take(const qf_ckks *ckks, qf_ceremony *c, qf_offer *offer, qf_error *error) {
    qf_member_public *part = &c->parts[offer->party - 1];
    if (part->party != 0) return qf_fail(error, QF_MISMATCH, "it offers twice");
    if (offer->party == c->receiver) {
        QF_TRY(qf_offer_statement(ckks, offer, c->own, error));
    } else if (c->receiver != 0 && c->receiver <= c->terms.parties) {
        QF_TRY(qf_offer_sealed(ckks, offer, c->receiver, &c->shares[offer->party - 1], error));
    }
    *part = offer->part;
    offer->part = (qf_member_public){0};
    return QF_OK;
}

qf_status qf_ceremony_add(const qf_ckks *ckks, qf_ceremony *c, qf_offer *offer, qf_error *error) {
    QF_TRY(qf_offer_check(ckks, offer, error));
    const unsigned party = offer->party;
    qf_status status = QF_OK;
    if (!c->parts) {
        status = begin(c, offer, error);
    } else {
        status = qf_terms_match(&offer->terms, &c->terms, error);
    }
    if (status == QF_OK) status = take(ckks, c, offer, error);
    return status == QF_OK ? QF_OK : qf_error_context(error, "the offer of party %u", party);
}

qf_status qf_ceremony_public_key(const qf_ckks *ckks, const qf_ceremony *c, qf_public_key *key,
                                 qf_error *error) {
    for (unsigned i = 0; i < c->terms.parties; i++) {
        if (c->parts[i].party != 0) continue;
        return qf_fail(error, QF_MISMATCH, "the offer of party %u is missing", i + 1);
    }
    return qf_public_key_join(ckks, c->parts, c->terms.parties, key, error);
}

/* ---- Accepting ---- */

/* sum += what others sealed for the receiver. */
static qf_status add_shares(const qf_ckks *ckks, const qf_ceremony *c, qf_state *state,
                            const qf_own_identity *own, qf_secret_share *sum, qf_error *error) {
    for (unsigned party = 1; party <= c->terms.parties; party++) {
        const qf_identity *sender = NULL;
        qf_secret_share share;
        if (party == c->receiver) continue;
        QF_TRY(qf_roster_find(&c->roster, party, &sender, error));
        QF_TRY(qf_offer_unseal(ckks, &c->terms, state, own, sender, &c->shares[party - 1], &share,
                               error));
        const qf_status status = qf_secret_share_add(ckks, sum, &share, error);
        qf_secret_share_free(&share);
        QF_TRY(status);
    }
    return QF_OK;
}

/* The share of the own secret, if the own offer is the one that was made here. */
static qf_status own_share(const qf_ckks *ckks, const qf_ceremony *c, const qf_state *state,
                           qf_secret_share *share, qf_error *error) {
    unsigned char statement[QF_HASH_SIZE];
    bool found;
    const unsigned char *seed = c->parts[c->receiver - 1].seed;
    QF_TRY(qf_offered_load(state, ckks, seed, statement, share, &found, error));
    if (!found) {
        return qf_fail(error, QF_REFUSED, "%s: party %u made no offer on these terms here",
                       state->path, c->receiver);
    }
    if (memcmp(statement, c->own, sizeof statement) == 0) return QF_OK;
    return qf_fail(error, QF_REFUSED, "the offer of party %u is not the one that it made in %s",
                   c->receiver, state->path);
}

/* Copies what the file of the key holds apart from the share. */
static qf_status describe_key(const qf_ceremony *c, const qf_id *id, qf_member_key *key,
                              qf_error *error) {
    *key = (qf_member_key){.key = *id, .terms = c->terms};
    QF_TRY(qf_roster_copy(&c->roster, &key->roster, error));
    QF_TRY(qf_secret_new(QF_FLOOD_KEY, &key->flood, error));
    return qf_secret_random(key->flood.data, QF_FLOOD_KEY, error);
}

/* The journal first: a key without one answers nothing. */
static qf_status keep_share(const qf_ckks *ckks, const qf_ceremony *c, const qf_state *state,
                            const qf_id *id, const qf_secret_share *sum, qf_error *error) {
    qf_member_key key;
    qf_status status = describe_key(c, id, &key, error);
    if (status == QF_OK) status = qf_secret_new(qf_secret_share_size(ckks), &key.packed, error);
    if (status == QF_OK) {
        qf_secret_share_pack(ckks, sum, key.packed.data);
        status = qf_journal_begin(state, id, error);
    }
    if (status == QF_OK) status = qf_member_key_save(state, &key, error);
    qf_member_key_free(&key);
    return status;
}

static qf_status make_share(const qf_ckks *ckks, const qf_ceremony *c, qf_state *state,
                            const qf_own_identity *own, const qf_id *id, qf_error *error) {
    qf_secret_share sum;
    qf_status status = own_share(ckks, c, state, &sum, error);
    if (status == QF_OK) status = add_shares(ckks, c, state, own, &sum, error);
    if (status == QF_OK) status = keep_share(ckks, c, state, id, &sum, error);
    qf_secret_share_free(&sum);
    return status;
}

/* What led to the share, once that is on the disk. */
static qf_status forget(const qf_ceremony *c, qf_state *state, qf_error *error) {
    for (unsigned i = 0; i < c->terms.parties; i++) {
        if (i + 1 != c->receiver) QF_TRY(qf_seal_spend(state, &c->shares[i], error));
    }
    return qf_offered_remove(state, c->parts[c->receiver - 1].seed, error);
}

/* A key that is there stays, with its flooding key: one request must never have two answers. */
static qf_status accept_locked(const qf_ckks *ckks, const qf_ceremony *c, qf_state *state,
                               const qf_own_identity *own, const qf_id *id, qf_error *error) {
    qf_member_key key;
    bool found;
    QF_TRY(qf_member_key_load(state, id, &key, &found, error));
    qf_member_key_free(&key);
    if (!found) QF_TRY(make_share(ckks, c, state, own, id, error));
    return forget(c, state, error);
}

qf_status qf_ceremony_accept(const qf_ckks *ckks, const qf_ceremony *c, qf_state *state,
                             const qf_own_identity *own, qf_id *id, qf_error *error) {
    qf_public_key joint;
    if (own->identity.party != c->receiver || c->receiver > c->terms.parties) {
        return qf_fail(error, QF_MISMATCH, "party %u is not of the committee", own->identity.party);
    }
    QF_TRY(qf_roster_expect(&c->roster, &own->identity, error));
    QF_TRY(qf_ceremony_public_key(ckks, c, &joint, error));
    *id = joint.id;
    qf_public_key_free(&joint);
    QF_TRY(qf_state_lock(state, error));
    const qf_status status = accept_locked(ckks, c, state, own, id, error);
    qf_state_unlock(state);
    return status;
}
