/* Polynomials of the ring in residues: row i holds the N residues modulo prime i of the context,
 * coefficients or evaluations, as the owner says. Rows begin at cache lines. */
#ifndef QF_CKKS_POLY_H
#define QF_CKKS_POLY_H

#include "ckks/parameters.h"

typedef struct qf_poly {
    size_t n, primes;
    uint64_t *residues; /* [primes][n] */
} qf_poly;

static inline uint64_t *qf_poly_row(const qf_poly *poly, size_t prime) {
    return poly->residues + prime * poly->n;
}

/* Zeros. */
qf_status qf_poly_new(qf_poly *poly, size_t n, size_t primes, qf_error *error);
qf_status qf_poly_copy(const qf_poly *from, qf_poly *to, qf_error *error);
void qf_poly_free(qf_poly *poly);
/* Wipes, then frees. */
void qf_poly_wipe(qf_poly *poly);

/* Memory that held something secret: wiped, then freed. */
void qf_wipe_free(void *memory, size_t bytes);

/* Row by row, between coefficients and evaluations. */
void qf_poly_forward(const qf_ckks *ckks, const qf_poly *poly);
void qf_poly_inverse(const qf_ckks *ckks, const qf_poly *poly);
/* to += from, for evaluations or coefficients alike, on the rows of `to`. */
void qf_poly_add(const qf_ckks *ckks, const qf_poly *from, const qf_poly *to);

/* Divides by prime `last` and rounds: rows of evaluations 0 .. rows-1 of poly become those of the
 * quotient; `residue` [n], the evaluations modulo that prime, is lost. work[n]. Each coefficient is
 * rounded to the nearest (Cheon, Han, Kim, Kim and Song 2018, eprint 2018/931). */
void qf_poly_divide(const qf_ckks *ckks, size_t last, uint64_t *residue, const qf_poly *poly,
                    size_t rows, uint64_t *work);

#endif
