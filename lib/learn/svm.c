#include "learn/svm.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Numbers that a pass looks at together; what is beyond the rows is in neither set. */
enum { LANES = 8 };

/* As scikit-learn has it, legitimate rows are the positive ones here, so that a run that is cut
 * short has met the same pairs; what is shown is negated.
 *
 * coefficient[i] lies in low[i] .. high[i]; slope[i] is what the objective gains by raising it, per
 * unit. A row may be raised unless it is at its upper end, lowered unless at its lower: 0 in
 * raisable or lowerable, where the others have an infinity that takes them out of a comparison. */
typedef struct solver {
    const qf_svm_problem *problem;
    const struct passes *passes;
    size_t count, padded;
    double *coefficient, *low, *high, *slope, *self;
    double *raisable, *lowerable; /* 0 or -inf; 0 or inf */
    double *gain;                 /* of the second row of a pair */
    double *decisions;            /* to show */
    double *scratch;              /* for the source */
} solver;

static void free_solver(solver *s) {
    free(s->coefficient);
    free(s->scratch);
}

static void set_bounds(solver *s, size_t i) {
    s->raisable[i] = s->coefficient[i] < s->high[i] ? 0 : -INFINITY;
    s->lowerable[i] = s->coefficient[i] > s->low[i] ? 0 : INFINITY;
}

/* The last index at which values[i] + mask[i] is `value`. */
static size_t find_last(const double *values, const double *mask, size_t count, double value) {
    size_t i = count;
    while (i > 0 && values[i - 1] + mask[i - 1] != value) i--;
    return i - 1;
}

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The greatest slope of a row that may be raised, -inf where none may. */
ALWAYS_INLINE double steepest(const solver *s) {
    double most[LANES], all = -INFINITY;
    for (size_t l = 0; l < LANES; l++) most[l] = -INFINITY;
    for (size_t i = 0; i < s->padded; i += LANES) {
        for (size_t l = 0; l < LANES; l++) {
            const double value = s->slope[i + l] + s->raisable[i + l];
            most[l] = value > most[l] ? value : most[l];
        }
    }
    for (size_t l = 0; l < LANES; l++) all = most[l] > all ? most[l] : all;
    return all;
}

/* Sets the gain of lowering each row that may be while the first is raised, 0 where there is none;
 * returns the greatest, and by *least the least slope of a row that may be lowered. */
ALWAYS_INLINE double weigh_seconds(solver *s, const float *row, double first_self, double slope,
                                   double *least) {
    double most[LANES] = {0}, lows[LANES], best = 0;
    for (size_t l = 0; l < LANES; l++) lows[l] = INFINITY;
    for (size_t i = 0; i < s->padded; i += LANES) {
        for (size_t l = 0; l < LANES; l++) {
            const double low = s->slope[i + l] + s->lowerable[i + l], difference = slope - low;
            const double curvature = first_self + s->self[i + l] - 2 * (double)row[i + l];
            const double gain = difference * difference / (curvature > 1e-12 ? curvature : 1e-12);
            const double counted = difference > 0 ? gain : 0;
            s->gain[i + l] = counted;
            most[l] = counted > most[l] ? counted : most[l];
            lows[l] = low < lows[l] ? low : lows[l];
        }
    }
    *least = INFINITY;
    for (size_t l = 0; l < LANES; l++) {
        best = most[l] > best ? most[l] : best;
        *least = lows[l] < *least ? lows[l] : *least;
    }
    return best;
}

ALWAYS_INLINE void lower_slopes(double step, const float *a, const float *b, size_t count,
                                double *slope) {
    for (size_t i = 0; i < count; i++) slope[i] -= step * ((double)a[i] - (double)b[i]);
}

/* The passes over all rows at one SIMD level; none of them depends on it. */
typedef struct passes {
    double (*steepest)(const solver *s);
    double (*weigh_seconds)(solver *s, const float *row, double first_self, double slope,
                            double *least);
    void (*lower_slopes)(double step, const float *a, const float *b, size_t count, double *slope);
} passes;

#define DEFINE_PASSES(level, attributes)                                                           \
    attributes static double steepest_##level(const solver *s) {                                   \
        return steepest(s);                                                                        \
    }                                                                                              \
    attributes static double weigh_seconds_##level(solver *s, const float *row, double first_self, \
                                                   double slope, double *least) {                  \
        return weigh_seconds(s, row, first_self, slope, least);                                    \
    }                                                                                              \
    attributes static void lower_slopes_##level(double step, const float *a, const float *b,       \
                                                size_t count, double *slope) {                     \
        lower_slopes(step, a, b, count, slope);                                                    \
    }                                                                                              \
    static const passes passes_##level = {steepest_##level, weigh_seconds_##level,                 \
                                          lower_slopes_##level};
DEFINE_PASSES(portable, )
#if defined(__x86_64__)
DEFINE_PASSES(avx2, __attribute__((target("avx2"), optimize("O3"))))
DEFINE_PASSES(avx512, __attribute__((target("avx512f,avx512dq,avx512vl,prefer-vector-width=512"),
                                     optimize("O3"))))
#endif

/* Raises the first and lowers the second coefficient by what gains most within their bounds. */
static void move_pair(solver *s, size_t first, size_t second, const float *a, const float *b) {
    const double curvature = s->self[first] + s->self[second] - 2 * (double)a[second];
    const double room_up = s->high[first] - s->coefficient[first];
    const double room_down = s->coefficient[second] - s->low[second];
    const double room = fmin(room_up, room_down);
    const double wanted = (s->slope[first] - s->slope[second]) / fmax(curvature, 1e-12);
    const double step = fmin(wanted, room);
    s->coefficient[first] = step >= room_up ? s->high[first] : s->coefficient[first] + step;
    s->coefficient[second] = step >= room_down ? s->low[second] : s->coefficient[second] - step;
    set_bounds(s, first);
    set_bounds(s, second);
    s->passes->lower_slopes(step, a, b, s->padded, s->slope);
}

static double first_slope(const solver *s, size_t i) {
    return s->problem->labels[i] ? -1 : 1;
}

static qf_status init_solver(solver *s, const qf_svm_problem *p, qf_error *error) {
    const qf_kernel_source *source = p->source;
    const size_t count = source->count, padded = (count + LANES - 1) / LANES * LANES;
    *s = (solver){
        .problem = p, .passes = QF_FOR_SIMD(p->simd, passes), .count = count, .padded = padded};
    s->scratch = qf_new_array(source->scratch, sizeof *s->scratch, error);
    s->coefficient = qf_new_array(9 * padded, sizeof *s->coefficient, error);
    if (!s->scratch || !s->coefficient) return QF_MEMORY;
    double **parts[] = {&s->low,      &s->high,      &s->slope, &s->self,
                        &s->raisable, &s->lowerable, &s->gain,  &s->decisions};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        *parts[i] = s->coefficient + (i + 1) * padded;
    }
    for (size_t i = 0; i < padded; i++) {
        s->raisable[i] = -INFINITY;
        s->lowerable[i] = INFINITY;
    }
    for (size_t i = 0; i < count; i++) {
        s->slope[i] = first_slope(s, i);
        s->self[i] = source->self(source->context, i);
        if (p->left_out[i]) continue;
        s->low[i] = p->labels[i] ? -p->cost[1] : 0;
        s->high[i] = p->labels[i] ? 0 : p->cost[0];
        set_bounds(s, i);
    }
    return QF_OK;
}

/* The second row of the best pair, s->count at the optimum. */
static size_t choose_second(solver *s, const float *row, size_t first) {
    double least;
    const double slope = s->slope[first];
    const double gain = s->passes->weigh_seconds(s, row, s->self[first], slope, &least);
    if (!(slope - least >= s->problem->tolerance) || gain == 0) return s->count;
    size_t second = s->count;
    while (s->gain[--second] != gain) continue;
    return second;
}

/* One step; false at the optimum. */
static bool take_step(solver *s) {
    qf_kernel_rows *rows = s->problem->rows;
    const double slope = s->passes->steepest(s);
    if (slope == -INFINITY) return false;
    const size_t first = find_last(s->slope, s->raisable, s->count, slope);
    const float *a = qf_kernel_rows_take(rows, first, s->scratch);
    const size_t second = choose_second(s, a, first);
    if (second < s->count) {
        move_pair(s, first, second, a, qf_kernel_rows_take(rows, second, s->scratch));
        qf_kernel_rows_give_back(rows, second);
    }
    qf_kernel_rows_give_back(rows, first);
    return second < s->count;
}

/* The mean slope of rows that may go either way, else the middle of what the bounds allow. */
static double find_bias(const solver *s) {
    double sum = 0, least = INFINITY, most = -INFINITY;
    size_t free_rows = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (s->raisable[i] == 0 && s->lowerable[i] == 0) {
            sum += s->slope[i];
            free_rows++;
        } else if (s->raisable[i] == 0) {
            most = fmax(most, s->slope[i]);
        } else if (s->lowerable[i] == 0) {
            least = fmin(least, s->slope[i]);
        }
    }
    return free_rows > 0 ? sum / (double)free_rows : (least + most) / 2;
}

/* A slope is what the label asks for less the decision, as far as the bias goes. */
static qf_status show(solver *s, const qf_svm_stops *stops, size_t stop, qf_error *error) {
    const double bias = 0 - find_bias(s);
    for (size_t i = 0; i < s->count; i++) {
        s->gain[i] = 0 - s->coefficient[i];
        s->decisions[i] = s->slope[i] - first_slope(s, i) + bias;
    }
    const qf_svm_solution solution = {s->gain, s->decisions, bias};
    return stops->visit(stops->listener, stop, &solution, error);
}

qf_status qf_svm_solve(const qf_svm_problem *problem, const qf_svm_stops *stops, size_t *steps,
                       qf_error *error) {
    solver s;
    qf_status status = init_solver(&s, problem, error);
    size_t stop = 0, taken = 0;
    while (status == QF_OK && stop < stops->count) {
        if (taken == stops->steps[stop] || !take_step(&s)) {
            status = show(&s, stops, stop++, error);
        } else {
            taken++;
        }
    }
    *steps = taken;
    free_solver(&s);
    return status;
}
