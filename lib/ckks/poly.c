#include "ckks/poly.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

qf_status qf_poly_new(qf_poly *poly, size_t n, size_t primes, qf_error *error) {
    *poly = (qf_poly){.n = n, .primes = primes};
    poly->residues = qf_new_lines(n * primes * sizeof *poly->residues, error);
    return poly->residues ? QF_OK : QF_MEMORY;
}

qf_status qf_poly_copy(const qf_poly *from, qf_poly *to, qf_error *error) {
    QF_TRY(qf_poly_new(to, from->n, from->primes, error));
    memcpy(to->residues, from->residues, from->n * from->primes * sizeof *to->residues);
    return QF_OK;
}

void qf_poly_free(qf_poly *poly) {
    free(poly->residues);
    *poly = (qf_poly){0};
}

void qf_wipe_free(void *memory, size_t bytes) {
    if (memory) OPENSSL_cleanse(memory, bytes);
    free(memory);
}

void qf_poly_wipe(qf_poly *poly) {
    qf_wipe_free(poly->residues, poly->n * poly->primes * sizeof *poly->residues);
    *poly = (qf_poly){0};
}

void qf_poly_forward(const qf_ckks *ckks, const qf_poly *poly) {
    for (size_t i = 0; i < poly->primes; i++) {
        ckks->ntt[i].form->forward(&ckks->ntt[i], qf_poly_row(poly, i));
    }
}

void qf_poly_inverse(const qf_ckks *ckks, const qf_poly *poly) {
    for (size_t i = 0; i < poly->primes; i++) {
        ckks->ntt[i].form->inverse(&ckks->ntt[i], qf_poly_row(poly, i));
    }
}

void qf_poly_add(const qf_ckks *ckks, const qf_poly *from, const qf_poly *to) {
    for (size_t i = 0; i < to->primes; i++) {
        uint64_t *row = qf_poly_row(to, i);
        ckks->ntt[i].form->add(qf_ckks_modulus(ckks, i), to->n, row, qf_poly_row(from, i), row);
    }
}

void qf_poly_divide(const qf_ckks *ckks, size_t last, uint64_t *residue, const qf_poly *poly,
                    size_t rows, uint64_t *work) {
    const size_t n = poly->n;
    ckks->ntt[last].form->inverse(&ckks->ntt[last], residue);
    for (size_t i = 0; i < rows; i++) {
        const qf_ntt *ntt = &ckks->ntt[i];
        const qf_modulus *m = &ntt->modulus;
        uint64_t *row = qf_poly_row(poly, i);
        ntt->form->lift(qf_ckks_modulus(ckks, last), m, n, residue, work);
        ntt->form->forward(ntt, work);
        const qf_factor by = ntt->form->prepare(m, ckks->inverse_of[last][i]);
        ntt->form->scale_difference(m, n, by, row, work, row);
    }
}
