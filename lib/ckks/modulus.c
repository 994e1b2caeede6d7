#include "ckks/modulus.h"

qf_modulus qf_modulus_of(uint64_t p) {
    qf_modulus m = {.value = p, .bits = 64U - (unsigned)__builtin_clzll(p)};
    m.quotient = (uint64_t)(((qf_wide)1 << (m.bits + 62)) / p);
    m.word = (uint64_t)(((qf_wide)1 << 64) / p);
    m.quotient_52 = (uint64_t)(((qf_wide)1 << (m.bits + 50)) / p);
    return m;
}

uint64_t qf_mod_power(const qf_modulus *m, uint64_t a, uint64_t e) {
    uint64_t result = 1;
    for (; e; e >>= 1) {
        if (e & 1) result = qf_mod_multiply(m, result, a);
        a = qf_mod_multiply(m, a, a);
    }
    return result;
}

uint64_t qf_mod_inverse(const qf_modulus *m, uint64_t a) {
    return qf_mod_power(m, a, m->value - 2);
}

uint64_t qf_mod_power_of_two(const qf_modulus *m, unsigned e) {
    return qf_mod_power(m, 2, e);
}
