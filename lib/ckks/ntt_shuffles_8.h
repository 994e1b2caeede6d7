/* Shuffles of vectors of eight 64-bit numbers, for the last levels of a transform. */

OP vec spread_1_of(const uint64_t *from) {
    vec v;
    memcpy(&v, from, sizeof v);
    return v;
}

OP vec spread_2_of(const uint64_t *from) {
    const vec v = spread_1_of(from);
    return __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3);
}

OP vec spread_4_of(const uint64_t *from) {
    const vec v = spread_1_of(from);
    return __builtin_shufflevector(v, v, 0, 0, 0, 0, 1, 1, 1, 1);
}

OP factor spread_1(const uint64_t *factors, const uint64_t *quotients) {
    return (factor){spread_1_of(factors), spread_1_of(quotients)};
}

OP factor spread_2(const uint64_t *factors, const uint64_t *quotients) {
    return (factor){spread_2_of(factors), spread_2_of(quotients)};
}

OP factor spread_4(const uint64_t *factors, const uint64_t *quotients) {
    return (factor){spread_4_of(factors), spread_4_of(quotients)};
}

OP void halves_1(vec *u, vec *v) {
    const vec a = *u, b = *v;
    *u = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
    *v = __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
}

OP void halves_2(vec *u, vec *v) {
    const vec a = *u, b = *v;
    *u = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
    *v = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}

OP void halves_4(vec *u, vec *v) {
    const vec a = *u, b = *v;
    *u = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
    *v = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}
