#include "crypto/prime_field.h"

qf_prime_field qf_field_of(uint64_t prime) {
    unsigned bits = 1;
    while (prime >> bits) bits++;
    const unsigned __int128 square = (unsigned __int128)1 << (2 * bits);
    return (qf_prime_field){.prime = prime, .reciprocal = (uint64_t)(square / prime), .bits = bits};
}

uint64_t qf_field_invert(const qf_prime_field *f, uint64_t a) {
    uint64_t result = 1;
    for (int bit = (int)f->bits - 1; bit >= 0; bit--) {
        result = qf_field_multiply(f, result, result);
        if ((f->prime - 2) >> bit & 1) result = qf_field_multiply(f, result, a);
    }
    return result;
}

qf_status qf_field_random(const qf_prime_field *f, uint64_t *elements, size_t count,
                          qf_error *error) {
    const uint64_t mask = (UINT64_C(1) << f->bits) - 1;
    size_t made = 0;
    while (made < count) {
        QF_TRY(qf_secret_random(elements + made, (count - made) * sizeof *elements, error));
        for (size_t i = made; i < count; i++) {
            const uint64_t candidate = elements[i] & mask;
            if (candidate < f->prime) elements[made++] = candidate;
        }
    }
    return QF_OK;
}
