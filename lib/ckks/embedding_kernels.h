/* The transforms of the embedding for one level of instructions; EMBEDDING is the level's name.
 * The compiler makes vectors of the loops; groups of fewer than eight numbers are transposed so
 * that groups lie side by side. */
#define OP static inline __attribute__((always_inline))

typedef struct parts {
    double *re, *im;
} parts;

/* count butterflies of one group: u + w v, u - w v. */
OP void forward_group(parts x, size_t half, double c, double s) {
    double *restrict ur = x.re, *restrict ui = x.im;
    double *restrict vr = x.re + half, *restrict vi = x.im + half;
    for (size_t j = 0; j < half; j++) {
        const double tr = c * vr[j] - s * vi[j], ti = c * vi[j] + s * vr[j];
        vr[j] = ur[j] - tr;
        vi[j] = ui[j] - ti;
        ur[j] += tr;
        ui[j] += ti;
    }
}

/* u + v, (u - v) / w. */
OP void inverse_group(parts x, size_t half, double c, double s) {
    double *restrict ur = x.re, *restrict ui = x.im;
    double *restrict vr = x.re + half, *restrict vi = x.im + half;
    for (size_t j = 0; j < half; j++) {
        const double dr = ur[j] - vr[j], di = ui[j] - vi[j];
        ur[j] += vr[j];
        ui[j] += vi[j];
        vr[j] = c * dr + s * di;
        vi[j] = c * di - s * dr;
    }
}

OP void forward_level(size_t slots, size_t m, const double *cosines, const double *sines, parts x) {
    const size_t half = slots / m / 2;
    for (size_t g = 0; g < m; g++) {
        const parts group = {x.re + 2 * half * g, x.im + 2 * half * g};
        forward_group(group, half, cosines[m + g], sines[m + g]);
    }
}

OP void inverse_level(size_t slots, size_t m, const double *cosines, const double *sines, parts x) {
    const size_t half = slots / m / 2;
    for (size_t g = 0; g < m; g++) {
        const parts group = {x.re + 2 * half * g, x.im + 2 * half * g};
        inverse_group(group, half, cosines[m + g], sines[m + g]);
    }
}

/* SIDE groups of eight, number i of group g at i * SIDE + g. */
enum { GROUP = 8, SIDE = 8 };

OP void turn(const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < GROUP; i++) {
        for (size_t g = 0; g < SIDE; g++) to[i * SIDE + g] = from[g * GROUP + i];
    }
}

/* One butterfly in all groups side by side, w of group g at cosines[g * step]. */
OP void forward_side(double *restrict re, double *restrict im, size_t u, size_t v,
                     const double *cosines, const double *sines, size_t step) {
    for (size_t g = 0; g < SIDE; g++) {
        const double c = cosines[g * step], s = sines[g * step];
        const double vr = re[v * SIDE + g], vi = im[v * SIDE + g];
        const double tr = c * vr - s * vi, ti = c * vi + s * vr;
        re[v * SIDE + g] = re[u * SIDE + g] - tr;
        im[v * SIDE + g] = im[u * SIDE + g] - ti;
        re[u * SIDE + g] += tr;
        im[u * SIDE + g] += ti;
    }
}

OP void inverse_side(double *restrict re, double *restrict im, size_t u, size_t v,
                     const double *cosines, const double *sines, size_t step) {
    for (size_t g = 0; g < SIDE; g++) {
        const double c = cosines[g * step], s = sines[g * step];
        const double dr = re[u * SIDE + g] - re[v * SIDE + g];
        const double di = im[u * SIDE + g] - im[v * SIDE + g];
        re[u * SIDE + g] += re[v * SIDE + g];
        im[u * SIDE + g] += im[v * SIDE + g];
        re[v * SIDE + g] = c * dr + s * di;
        im[v * SIDE + g] = c * di - s * dr;
    }
}

/* The last three levels of SIDE groups of eight, the first of which is number `first`. */
OP void forward_eight(size_t slots, size_t first, const double *cosines, const double *sines,
                      parts x) {
    double re[GROUP * SIDE], im[GROUP * SIDE];
    turn(x.re, re);
    turn(x.im, im);
    for (size_t parts_of_group = 1; parts_of_group < GROUP; parts_of_group *= 2) {
        const size_t half = GROUP / parts_of_group / 2;
        const size_t at = (slots / GROUP + first) * parts_of_group;
        for (size_t p = 0; p < parts_of_group; p++) {
            for (size_t i = 0; i < half; i++) {
                const size_t u = 2 * half * p + i;
                forward_side(re, im, u, u + half, cosines + at + p, sines + at + p, parts_of_group);
            }
        }
    }
    turn(re, x.re);
    turn(im, x.im);
}

OP void inverse_eight(size_t slots, size_t first, const double *cosines, const double *sines,
                      parts x) {
    double re[GROUP * SIDE], im[GROUP * SIDE];
    turn(x.re, re);
    turn(x.im, im);
    for (size_t parts_of_group = GROUP / 2; parts_of_group > 0; parts_of_group /= 2) {
        const size_t half = GROUP / parts_of_group / 2;
        const size_t at = (slots / GROUP + first) * parts_of_group;
        for (size_t p = 0; p < parts_of_group; p++) {
            for (size_t i = 0; i < half; i++) {
                const size_t u = 2 * half * p + i;
                inverse_side(re, im, u, u + half, cosines + at + p, sines + at + p, parts_of_group);
            }
        }
    }
    turn(re, x.re);
    turn(im, x.im);
}

static void forward(size_t slots, const double *cosines, const double *sines, double *re,
                    double *im) {
    const parts all = {re, im};
    for (size_t m = 1; m < slots / GROUP; m *= 2) forward_level(slots, m, cosines, sines, all);
    for (size_t g = 0; g < slots / GROUP; g += SIDE) {
        forward_eight(slots, g, cosines, sines, (parts){re + GROUP * g, im + GROUP * g});
    }
}

static void inverse(size_t slots, const double *cosines, const double *sines, double *re,
                    double *im) {
    const parts all = {re, im};
    for (size_t g = 0; g < slots / GROUP; g += SIDE) {
        inverse_eight(slots, g, cosines, sines, (parts){re + GROUP * g, im + GROUP * g});
    }
    for (size_t m = slots / GROUP / 2; m > 0; m /= 2) inverse_level(slots, m, cosines, sines, all);
}

extern const qf_embedding_kernels EMBEDDING;
const qf_embedding_kernels EMBEDDING = {forward, inverse};
