#include "ckks/key_switch.h"

#include <string.h>

/* Sums over the rows of d and, as their last row, over the special prime. */
typedef struct switching {
    const qf_ckks *ckks;
    const qf_switch_key *key;
    size_t rows;
    qf_poly digits; /* of d, as coefficients */
    qf_poly sum0, sum1;
    qf_poly work; /* one row */
} switching;

static size_t prime_of_row(const switching *s, size_t row) {
    return row < s->rows ? row : s->ckks->primes;
}

/* Row `row` of the sums: every digit, lifted to its prime, times the key's. */
static void sum_row(const switching *s, const qf_poly *d, size_t row) {
    const size_t prime = prime_of_row(s, row);
    const qf_ntt *ntt = &s->ckks->ntt[prime];
    const qf_modulus *m = &ntt->modulus;
    const size_t n = s->ckks->n;
    for (size_t i = 0; i < s->rows; i++) {
        const uint64_t *digit = qf_poly_row(d, i);
        if (i != row) {
            ntt->form->lift(qf_ckks_modulus(s->ckks, i), m, n, qf_poly_row(&s->digits, i),
                            s->work.residues);
            ntt->form->forward(ntt, s->work.residues);
            digit = s->work.residues;
        }
        ntt->form->multiply_add(m, n, digit, qf_poly_row(&s->key->b[i], prime),
                                qf_poly_row(&s->sum0, row));
        ntt->form->multiply_add(m, n, digit, qf_poly_row(&s->key->a[i], prime),
                                qf_poly_row(&s->sum1, row));
    }
}

/* to += sum / P */
static void add_quotient(const switching *s, const qf_poly *sum, const qf_poly *to) {
    const qf_poly rows = {sum->n, s->rows, sum->residues};
    qf_poly_divide(s->ckks, s->ckks->primes, qf_poly_row(sum, s->rows), &rows, s->rows,
                   s->work.residues);
    qf_poly_add(s->ckks, &rows, to);
}

qf_status qf_key_switch(const qf_ckks *ckks, const qf_switch_key *key, const qf_poly *d,
                        const qf_poly *c0, const qf_poly *c1, qf_error *error) {
    switching s = {.ckks = ckks, .key = key, .rows = d->primes};
    qf_status status = qf_poly_copy(d, &s.digits, error);
    if (status == QF_OK) status = qf_poly_new(&s.sum0, ckks->n, s.rows + 1, error);
    if (status == QF_OK) status = qf_poly_new(&s.sum1, ckks->n, s.rows + 1, error);
    if (status == QF_OK) status = qf_poly_new(&s.work, ckks->n, 1, error);
    if (status == QF_OK) {
        qf_poly_inverse(ckks, &s.digits);
        for (size_t row = 0; row <= s.rows; row++) sum_row(&s, d, row);
        add_quotient(&s, &s.sum0, c0);
        add_quotient(&s, &s.sum1, c1);
    }
    qf_poly_free(&s.digits);
    qf_poly_free(&s.sum0);
    qf_poly_free(&s.sum1);
    qf_poly_free(&s.work);
    return status;
}
