#include "ckks/bits.h"

#include <string.h>

size_t qf_bits_size(size_t count, unsigned bits) {
    return (count * bits + 7) / 8;
}

/* Little-endian whatever the machine. */
static void store_word(unsigned char *to, uint64_t word) {
    for (size_t i = 0; i < 8; i++) to[i] = (unsigned char)(word >> (8 * i));
}

static uint64_t load_word(const unsigned char *from) {
    uint64_t word = 0;
    for (size_t i = 0; i < 8; i++) word |= (uint64_t)from[i] << (8 * i);
    return word;
}

void qf_bits_pack(const uint64_t *values, size_t count, unsigned bits, unsigned char *to) {
    uint64_t word = 0;
    unsigned filled = 0;
    for (size_t i = 0; i < count; i++) {
        word |= values[i] << filled;
        filled += bits;
        if (filled >= 64) {
            store_word(to, word);
            to += 8;
            filled -= 64;
            word = filled ? values[i] >> (bits - filled) : 0;
        }
    }
    for (; filled > 0; filled = filled > 8 ? filled - 8 : 0) {
        *to++ = (unsigned char)word;
        word >>= 8;
    }
}

/* Value i of the packed ones, which end at from + bytes. */
static uint64_t value_at(const unsigned char *from, size_t bytes, size_t bit, unsigned bits) {
    const size_t at = bit / 8;
    unsigned char last[16] = {0};
    if (at + 9 > bytes) {
        memcpy(last, from + at, bytes - at < 9 ? bytes - at : 9);
        from = last;
    } else {
        from += at;
    }
    const unsigned shift = (unsigned)(bit % 8);
    uint64_t value = load_word(from) >> shift;
    if (shift) value |= (uint64_t)from[8] << (64 - shift);
    return value & (((uint64_t)1 << bits) - 1);
}

qf_status qf_bits_unpack(const unsigned char *from, size_t count, const qf_modulus *m, uint64_t *to,
                         qf_error *error) {
    const size_t bytes = qf_bits_size(count, m->bits);
    uint64_t below = UINT64_MAX; /* its top bit stays while every value is below p */
    for (size_t i = 0; i < count; i++) {
        to[i] = value_at(from, bytes, i * m->bits, m->bits);
        below &= to[i] - m->value;
    }
    if (count && below >> 63 == 0) {
        return qf_fail(error, QF_DATA, "a residue is not below its prime");
    }
    const unsigned rest = (unsigned)(count * m->bits % 8);
    if (rest && from[bytes - 1] >> rest) {
        return qf_fail(error, QF_DATA, "bits after the last residue are not zero");
    }
    return QF_OK;
}

size_t qf_poly_packed_size(const qf_ckks *ckks, size_t count, size_t rows) {
    size_t size = 0;
    for (size_t i = 0; i < rows; i++) size += qf_bits_size(count, qf_ckks_modulus(ckks, i)->bits);
    return size;
}

void qf_poly_pack(const qf_ckks *ckks, const qf_poly *poly, size_t count, unsigned char *to) {
    for (size_t i = 0; i < poly->primes; i++) {
        const unsigned bits = qf_ckks_modulus(ckks, i)->bits;
        qf_bits_pack(qf_poly_row(poly, i), count, bits, to);
        to += qf_bits_size(count, bits);
    }
}

qf_status qf_poly_unpack(const qf_ckks *ckks, const unsigned char *from, size_t count,
                         const qf_poly *poly, qf_error *error) {
    for (size_t i = 0; i < poly->primes; i++) {
        const qf_modulus *m = qf_ckks_modulus(ckks, i);
        QF_TRY(qf_bits_unpack(from, count, m, qf_poly_row(poly, i), error));
        from += qf_bits_size(count, m->bits);
    }
    return QF_OK;
}
