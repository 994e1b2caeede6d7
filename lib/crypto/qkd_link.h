/* What authenticates the classical channel of a pair: secrets for a few sessions, in the state
 * directory of each. A session spends one, whatever comes of it, and a session that made a key puts
 * new bits of that key in its place. */
#ifndef QF_CRYPTO_QKD_LINK_H
#define QF_CRYPTO_QKD_LINK_H

#include "crypto/hash.h"
#include "crypto/state.h"

#include <stdint.h>

/* A session's secret: Poly1305's r, then a one-time pad for the tag of each side. */
enum { QF_LINK_TAG = 16, QF_LINK_SECRET = 3 * QF_LINK_TAG, QF_LINK_SLOTS = 8 };
enum { QF_LINK_ENROLMENT = QF_LINK_SLOTS * QF_LINK_SECRET }; /* bytes that a pair begins with */

/* Keeps a pair's first secret, in place of what may be left of an older one. */
qf_status qf_link_enrol(qf_state *state, uint32_t peer,
                        const unsigned char secret[QF_LINK_ENROLMENT], qf_error *error);
/* Bit s is set where slot s has a secret. QF_NO_INPUT where the pair was never enrolled. */
qf_status qf_link_slots(const qf_state *state, uint32_t peer, uint32_t *slots, qf_error *error);
/* Takes a slot's secret: it is gone from the disk before it is given. QF_REFUSED where there is
 * none. */
qf_status qf_link_spend(qf_state *state, uint32_t peer, unsigned slot,
                        unsigned char secret[QF_LINK_SECRET], qf_error *error);
qf_status qf_link_refill(qf_state *state, uint32_t peer, unsigned slot,
                         const unsigned char secret[QF_LINK_SECRET], qf_error *error);

/* Wegman and Carter's authentication (1981): the message hashed by Poly1305's polynomial at r, an
 * almost universal family, plus a pad that is used once. No power of computation forges a tag with
 * a chance over 8 ceil(L / 16) / 2^106 for messages of up to L bytes (Bernstein 2005). `side` 0 or
 * 1 picks the pad. */
qf_status qf_link_tag(const unsigned char secret[QF_LINK_SECRET], unsigned side, qf_span message,
                      unsigned char tag[QF_LINK_TAG], qf_error *error);
double qf_link_forgery_bound(size_t length);

#endif
