/* Shuffles of vectors of four 64-bit numbers, for the last levels of a transform. */

OP vec spread_1_of(const uint64_t *from) {
    vec v;
    memcpy(&v, from, sizeof v);
    return v;
}

OP vec spread_2_of(const uint64_t *from) {
    vec v;
    memcpy(&v, from, sizeof v);
    return __builtin_shufflevector(v, v, 0, 0, 1, 1);
}

OP factor spread_1(const uint64_t *factors, const uint64_t *quotients) {
    return (factor){spread_1_of(factors), spread_1_of(quotients)};
}

OP factor spread_2(const uint64_t *factors, const uint64_t *quotients) {
    return (factor){spread_2_of(factors), spread_2_of(quotients)};
}

OP void halves_1(vec *u, vec *v) {
    const vec a = *u, b = *v;
    *u = __builtin_shufflevector(a, b, 0, 4, 2, 6);
    *v = __builtin_shufflevector(a, b, 1, 5, 3, 7);
}

OP void halves_2(vec *u, vec *v) {
    const vec a = *u, b = *v;
    *u = __builtin_shufflevector(a, b, 0, 1, 4, 5);
    *v = __builtin_shufflevector(a, b, 2, 3, 6, 7);
}
