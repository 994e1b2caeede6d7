/* How large noise and messages are: the formulas by which operations update a ciphertext's bounds.
 *
 * Noise is a polynomial e; its deviation is the root mean square of its coefficients, over the
 * choice of secrets and errors. Deviations of sums add up (the triangle inequality for the mean
 * square), whether the parts are independent or not, so what is said here holds for a ciphertext
 * added to itself; within one operation independent parts add up in squares. The embedding turns
 * root mean squares of coefficients into those of slots by the factor sqrt(N), so a product with a
 * polynomial whose slots are below M has a deviation below M times the other's.
 *
 * With E = 10.5 the variance of an error, S = 2/3 p that of a coefficient of the secret that p
 * parties' secrets sum up to, and N the degree:
 *   public key      e u + e0 + e1 s        E (1 + 2/3 p N + S N): the key's own error is the sum of
 * p secret key      e                      E encoding        rounding               1/12, in slots
 * only rescaling by q  r0 + r1 s              e / q and (1 + S N) / 12 key switching   sum of d_i
 * e_i, by P   N E (sum of q_i^2) / 12 / P^2, and (1 + S N) / 12 product         m1 e2 + m2 e1 + e1
 * e2  M1 dev2 + M2 dev1 + 32 sqrt(N) dev1 dev2 The last takes the noise's slots as below ten times
 * their root mean square. Sources: Costache, Curtis, Hales, Murphy, Ogilvie and Player 2022, eprint
 * 2022/162, for the method. */
#ifndef QF_CKKS_NOISE_H
#define QF_CKKS_NOISE_H

#include "ckks/ciphertext.h"

double qf_noise_public(const qf_ckks *ckks, unsigned parties);
double qf_noise_secret(void);
double qf_noise_encoding(void);
double qf_noise_rounding(size_t n, unsigned parties);
/* At a level, whose primes are the digits. */
double qf_noise_key_switch(const qf_ckks *ckks, size_t level, unsigned parties);
double qf_noise_product(size_t n, double magnitude1, double deviation1, double magnitude2,
                        double deviation2);

#endif
