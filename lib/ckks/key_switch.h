/* Key switching: from a polynomial that is meant times t to a pair that is meant times (1, s). */
#ifndef QF_CKKS_KEY_SWITCH_H
#define QF_CKKS_KEY_SWITCH_H

#include "ckks/keys.h"

/* (c0, c1) += d switched by the key; evaluations over the same rows. */
qf_status qf_key_switch(const qf_ckks *ckks, const qf_switch_key *key, const qf_poly *d,
                        const qf_poly *c0, const qf_poly *c1, qf_error *error);

#endif
