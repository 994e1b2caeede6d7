/* The kernels of qf_pauli_kernels for one SIMD level, four measurements at a time, in double
 * precision; included behind the double kernels of feature_kernels.h. */
#include "quantum/level.h"

typedef double four __attribute__((vector_size(8 * QF_PAULI_LANES), may_alias));

/* `chunks` fours a value; known to the compiler where it is 1. */
INLINE void pauli_forward_run(const qf_pauli_program *p, const qf_pauli_run *run, size_t chunks,
                              bool to_b, bool to_c, double cosine, double sine, four *tape) {
    const qf_pauli_pair *pair = p->pairs + run->pair;
    four *to = tape + run->place * chunks;
    for (size_t i = 0; i < run->pairs; i++, pair++) {
        for (size_t k = 0; k < chunks; k++) {
            const four b = tape[pair->from_b * chunks + k], c = tape[pair->from_c * chunks + k];
            if (to_b) to[k] = cosine * b + sine * c;
            if (to_c) to[k + (to_b ? chunks : 0)] = cosine * c - sine * b;
        }
        to += (to_b && to_c ? 2 : 1) * chunks;
    }
}

INLINE void pauli_forward_runs(const qf_pauli_program *p, size_t chunks, const double *cosines,
                               const double *sines, four *tape) {
    for (size_t turn = 0; turn < p->turns; turn++) {
        const double cosine = cosines[turn];
        for (size_t r = p->first_runs[turn]; r < p->first_runs[turn + 1]; r++) {
            const qf_pauli_run *run = &p->runs[r];
            const double sine = run->sign * sines[turn];
            if (run->to_b && run->to_c) {
                pauli_forward_run(p, run, chunks, true, true, cosine, sine, tape);
            } else if (run->to_b) {
                pauli_forward_run(p, run, chunks, true, false, cosine, sine, tape);
            } else {
                pauli_forward_run(p, run, chunks, false, true, cosine, sine, tape);
            }
        }
    }
}

static void pauli_forward(const qf_pauli_program *p, const double *cosines, const double *sines,
                          double *tape) {
    if (p->lanes == QF_PAULI_LANES) {
        pauli_forward_runs(p, 1, cosines, sines, (four *)tape);
    } else {
        pauli_forward_runs(p, p->lanes / QF_PAULI_LANES, cosines, sines, (four *)tape);
    }
}

/* Adds to *sum, over lanes still, the gradient with respect to the run's angle times its sign. */
INLINE void pauli_backward_run(const qf_pauli_program *p, const qf_pauli_run *run, size_t chunks,
                               bool to_b, bool to_c, double cosine, double sine, const four *tape,
                               four *gradients, four *sum) {
    const qf_pauli_pair *pair = p->pairs + run->pair;
    const four *to = tape + run->place * chunks;
    for (size_t i = 0; i < run->pairs; i++, pair++) {
        for (size_t k = 0; k < chunks; k++) {
            four *of_b = &gradients[pair->b * chunks + k], *of_c = &gradients[pair->c * chunks + k];
            if (to_b && to_c) {
                const four b = *of_b, c = *of_c;
                *sum += b * to[chunks + k] - c * to[k];
                *of_b = cosine * b - sine * c;
                *of_c = cosine * c + sine * b;
                continue;
            }
            const four from_b = tape[pair->from_b * chunks + k];
            const four from_c = tape[pair->from_c * chunks + k];
            if (to_b) {
                const four b = *of_b;
                *sum += b * (cosine * from_c - sine * from_b);
                *of_b = cosine * b;
                *of_c = sine * b;
            } else {
                const four c = *of_c;
                *sum -= c * (cosine * from_b + sine * from_c);
                *of_c = cosine * c;
                *of_b = -sine * c;
            }
        }
        to += (to_b && to_c ? 2 : 1) * chunks;
    }
}

INLINE void pauli_backward_runs(const qf_pauli_program *p, size_t chunks, const double *cosines,
                                const double *sines, const four *tape, four *gradients,
                                double *turn_gradients) {
    for (size_t turn = p->turns; turn-- > 0;) {
        const double cosine = cosines[turn];
        turn_gradients[turn] = 0;
        for (size_t r = p->first_runs[turn + 1]; r-- > p->first_runs[turn];) {
            const qf_pauli_run *run = &p->runs[r];
            const double sine = run->sign * sines[turn];
            four sum = {0};
            if (run->to_b && run->to_c) {
                pauli_backward_run(p, run, chunks, true, true, cosine, sine, tape, gradients, &sum);
            } else if (run->to_b) {
                pauli_backward_run(p, run, chunks, true, false, cosine, sine, tape, gradients,
                                   &sum);
            } else {
                pauli_backward_run(p, run, chunks, false, true, cosine, sine, tape, gradients,
                                   &sum);
            }
            turn_gradients[turn] += run->sign * (sum[0] + sum[1] + (sum[2] + sum[3]));
        }
    }
}

static void pauli_backward(const qf_pauli_program *p, const double *cosines, const double *sines,
                           const double *tape, double *gradients, double *turn_gradients) {
    if (p->lanes == QF_PAULI_LANES) {
        pauli_backward_runs(p, 1, cosines, sines, (const four *)tape, (four *)gradients,
                            turn_gradients);
    } else {
        pauli_backward_runs(p, p->lanes / QF_PAULI_LANES, cosines, sines, (const four *)tape,
                            (four *)gradients, turn_gradients);
    }
}

static void pauli_sines(const double *angles, size_t count, double *cosines, double *sines) {
    for (size_t i = 0; i < count; i += BYTES / sizeof *angles) {
        vector_double x, sine, cosine;
        memcpy(&x, angles + i, sizeof x);
        sine_cosine_double(x, &sine, &cosine);
        memcpy(cosines + i, &cosine, sizeof cosine);
        memcpy(sines + i, &sine, sizeof sine);
    }
}

INLINE void spread_entries(const qf_pauli_entry *entries, size_t count, size_t chunks,
                           const four *tape, four *matrix) {
    for (size_t i = 0; i < count; i++) {
        const four *from = tape + entries[i].place * chunks;
        four *to = matrix + entries[i].feature * chunks;
        for (size_t k = 0; k < chunks; k++) to[k] += entries[i].factor * from[k];
    }
}

static void pauli_spread(const qf_pauli_entry *entries, size_t count, size_t chunks,
                         const double *tape, double *matrix) {
    if (chunks == 1) {
        spread_entries(entries, count, 1, (const four *)tape, (four *)matrix);
    } else {
        spread_entries(entries, count, chunks, (const four *)tape, (four *)matrix);
    }
}

/* What lies behind the outputs is of the next feature. */
INLINE void collect_entries(const qf_pauli_entry *entries, size_t count, size_t chunks,
                            size_t outputs, const double *gradient, four *gradients) {
    four last = {0};
    for (size_t o = (chunks - 1) * QF_PAULI_LANES; o < outputs; o++) last[o % QF_PAULI_LANES] = 1;
    for (size_t i = 0; i < count; i++) {
        const double *from = gradient + entries[i].feature * outputs;
        four *to = gradients + entries[i].string * chunks;
        for (size_t k = 0; k < chunks; k++) {
            four read;
            memcpy(&read, from + k * QF_PAULI_LANES, sizeof read);
            if (k + 1 == chunks) read *= last;
            to[k] += entries[i].factor * read;
        }
    }
}

static void pauli_collect(const qf_pauli_entry *entries, size_t count, size_t outputs,
                          const double *gradient, double *gradients) {
    if (outputs <= QF_PAULI_LANES) {
        collect_entries(entries, count, 1, outputs, gradient, (four *)gradients);
    } else {
        const size_t chunks = (outputs + QF_PAULI_LANES - 1) / QF_PAULI_LANES;
        collect_entries(entries, count, chunks, outputs, gradient, (four *)gradients);
    }
}

const qf_pauli_kernels JOIN(qf_pauli_kernels, LEVEL) = {
    pauli_forward, pauli_backward, pauli_sines, pauli_spread, pauli_collect,
};
