/* Cascade (Brassard and Salvail 1993): one party corrects its bits to another's by asking for
 * parities of blocks, each of which discloses a bit. Block sizes by Martinez-Mateo, Pacher, Peev,
 * Ciurana and Martin, "Demystifying the information reconciliation protocol Cascade" (2015):
 * 2^ceil(log2 1/Q), four times that, then n/2, in 14 passes. */
#ifndef QF_CRYPTO_CASCADE_H
#define QF_CRYPTO_CASCADE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { QF_CASCADE_PASSES = 14 };

/* The orders in which the passes cut the bits into blocks: public, expanded from a public seed by
 * base/random, which both parties know only after the bits are fixed. */
typedef struct qf_cascade_order {
    size_t n;
    uint32_t *order; /* [QF_CASCADE_PASSES][n]: the bit at each place of a pass */
} qf_cascade_order;

qf_status qf_cascade_order_new(size_t n, uint64_t seed, qf_cascade_order *order, qf_error *error);
void qf_cascade_order_free(qf_cascade_order *order);

/* Places begin..end-1 of a pass. */
typedef struct qf_cascade_block {
    uint32_t pass, begin, end;
} qf_cascade_block;

/* The parity of a block, 0 or 1; its bits are bytes of 0 or 1. */
unsigned char qf_cascade_parity(const qf_cascade_order *order, const unsigned char *bits,
                                qf_cascade_block block);

/* Asks the other party for its parities of `count` blocks. */
typedef qf_status qf_cascade_ask(void *context, const qf_cascade_block *blocks, size_t count,
                                 unsigned char *parities, qf_error *error);

/* Corrects bits[n], of which about 0 < error_rate <= 1 are wrong. Whether none is afterwards is for
 * a hash to say. *corrected is the number of bits changed. Which blocks are asked for depends on
 * where the errors are, and is public. */
qf_status qf_cascade_correct(const qf_cascade_order *order, unsigned char *bits, double error_rate,
                             qf_cascade_ask *ask, void *context, size_t *corrected,
                             qf_error *error);

#endif
