#include "learn/logistic.h"

#include "base/memory.h"
#include "data/column.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CONJUGATE = 200, GROUP = 4 /* as multiply and add_row take them */ };

/* Rows as what differs from each column's most frequent value: x = mode + sparse part. A row's
 * entries are filled up with zeros to a multiple of GROUP. */
typedef struct sparse_rows {
    size_t rows, columns;
    double *modes;    /* [columns] */
    size_t *starts;   /* [rows + 1] into the next two */
    uint16_t *places; /* columns, ascending in a row */
    double *values;
} sparse_rows;

static void free_sparse(sparse_rows *s) {
    free(s->modes);
    free(s->starts);
    free(s->places);
    free(s->values);
}

static qf_status find_modes(sparse_rows *s, const qf_table *table, qf_error *error) {
    qf_cell *cells = qf_new_array(table->rows, 2 * sizeof *cells, error);
    if (!cells) return QF_MEMORY;
    for (size_t c = 0; c < table->columns; c++) {
        size_t longest = 0;
        qf_column_sort(table, c, cells, cells + table->rows);
        for (size_t i = 0, end; i < table->rows; i = end) {
            for (end = i; end < table->rows && cells[end].value == cells[i].value;) end++;
            if (end - i <= longest) continue;
            longest = end - i;
            s->modes[c] = cells[i].value;
        }
    }
    free(cells);
    return QF_OK;
}

static qf_status make_sparse(sparse_rows *s, const qf_table *table, qf_error *error) {
    *s = (sparse_rows){.rows = table->rows, .columns = table->columns};
    s->modes = qf_new_array(table->columns, sizeof *s->modes, error);
    s->starts = qf_new_array(table->rows + 1, sizeof *s->starts, error);
    if (!s->modes || !s->starts) return QF_MEMORY;
    QF_TRY(find_modes(s, table, error));
    for (size_t r = 0; r < table->rows; r++) {
        size_t count = 0;
        for (size_t c = 0; c < table->columns; c++) {
            count += table->values[r * table->columns + c] != s->modes[c];
        }
        s->starts[r + 1] = s->starts[r] + (count + GROUP - 1) / GROUP * GROUP;
    }
    s->places = qf_new_array(s->starts[table->rows], sizeof *s->places, error);
    s->values = qf_new_array(s->starts[table->rows], sizeof *s->values, error);
    if (!s->places || !s->values) return QF_MEMORY;
    for (size_t r = 0; r < table->rows; r++) {
        size_t place = s->starts[r];
        for (size_t c = 0; c < table->columns; c++) {
            const double value = table->values[r * table->columns + c];
            if (value == s->modes[c]) continue;
            s->places[place] = (uint16_t)c;
            s->values[place++] = value - s->modes[c];
        }
    }
    return QF_OK;
}

/* The sparse part of a row times a vector, by sums of which none waits for another. */
static double multiply(const sparse_rows *s, size_t row, const double *vector) {
    double a = 0, b = 0, c = 0, d = 0;
    for (size_t i = s->starts[row]; i < s->starts[row + 1]; i += GROUP) {
        const double *values = s->values + i;
        const uint16_t *places = s->places + i;
        a += values[0] * vector[places[0]];
        b += values[1] * vector[places[1]];
        c += values[2] * vector[places[2]];
        d += values[3] * vector[places[3]];
    }
    return (a + c) + (b + d);
}

/* Zeros that fill a row up come behind its entries, at column 0. */
static void add_row(const sparse_rows *s, size_t row, double factor, double *vector) {
    for (size_t i = s->starts[row]; i < s->starts[row + 1]; i += GROUP) {
        const double *values = s->values + i;
        const uint16_t *places = s->places + i;
        vector[places[0]] += values[0] * factor;
        vector[places[1]] += values[1] * factor;
        vector[places[2]] += values[2] * factor;
        vector[places[3]] += values[3] * factor;
    }
}

static double product(const double *a, const double *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

/* Vectors of unknowns hold the coefficients, then the intercept. */
typedef struct problem {
    sparse_rows x;
    const uint8_t *labels;
    const qf_logistic_options *options;
    size_t unknowns;
    double *curvatures; /* [rows] weight p (1 - p) where the gradient was taken last */
} problem;

/* What all rows have in common: the modes' part of x . vector, the intercept too. */
static double common(const problem *p, const double *vector) {
    return product(p->x.modes, vector, p->x.columns) + vector[p->x.columns];
}

/* Adds factor * (modes, 1) to the vector: what factors of all rows sum to beside their sparse
 * parts.
 */
static void add_common(const problem *p, double factor, double *vector) {
    for (size_t c = 0; c < p->x.columns; c++) vector[c] += factor * p->x.modes[c];
    vector[p->x.columns] += factor;
}

/* The penalty's share of a gradient or of the Hessian times a vector. */
static void add_penalty(const problem *p, const double *vector, double *to) {
    for (size_t c = 0; c < p->x.columns; c++) to[c] += vector[c] / p->options->cost;
}

/* The loss, its gradient, and the curvatures for multiplying by the Hessian. */
static double evaluate(problem *p, const double *unknowns, double *gradient) {
    const double base = common(p, unknowns);
    double loss = 0, total = 0;
    memset(gradient, 0, p->unknowns * sizeof *gradient);
    for (size_t r = 0; r < p->x.rows; r++) {
        const double z = base + multiply(&p->x, r, unknowns), e = exp(-fabs(z));
        const double weight = p->options->class_weights[p->labels[r]];
        const double chance = z >= 0 ? 1 / (1 + e) : e / (1 + e);
        loss += weight * (log1p(e) + (p->labels[r] ? fmax(-z, 0) : fmax(z, 0)));
        const double slope = weight * (chance - p->labels[r]);
        p->curvatures[r] = weight * chance * (1 - chance);
        total += slope;
        add_row(&p->x, r, slope, gradient);
    }
    add_common(p, total, gradient);
    add_penalty(p, unknowns, gradient);
    return loss + product(unknowns, unknowns, p->x.columns) / (2 * p->options->cost);
}

static void multiply_hessian(const problem *p, const double *vector, double *to) {
    const double base = common(p, vector);
    double total = 0;
    memset(to, 0, p->unknowns * sizeof *to);
    for (size_t r = 0; r < p->x.rows; r++) {
        const double factor = p->curvatures[r] * (base + multiply(&p->x, r, vector));
        total += factor;
        add_row(&p->x, r, factor, to);
    }
    add_common(p, total, to);
    add_penalty(p, vector, to);
}

/* The diagonal of the Hessian, never 0. */
static void find_diagonal(const problem *p, double *diagonal) {
    const sparse_rows *s = &p->x;
    double total = 0;
    memset(diagonal, 0, p->unknowns * sizeof *diagonal);
    for (size_t r = 0; r < s->rows; r++) {
        const double curvature = p->curvatures[r];
        total += curvature;
        for (size_t i = s->starts[r]; i < s->starts[r + 1]; i++) {
            const double value = s->values[i], mode = s->modes[s->places[i]];
            diagonal[s->places[i]] += curvature * value * (value + 2 * mode);
        }
    }
    for (size_t c = 0; c < s->columns; c++) {
        diagonal[c] =
            fmax(diagonal[c] + total * s->modes[c] * s->modes[c], 0) + 1 / p->options->cost;
    }
    diagonal[s->columns] = fmax(total, DBL_MIN);
}

static double absolute_sum(const double *vector, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += fabs(vector[i]);
    return sum;
}

/* A search along a direction. */
typedef struct line {
    problem *problem;
    const double *from, *direction;
    double *unknowns, *gradient; /* at the last step that was tried */
    double start, slope;         /* of the loss at step 0 */
} line;

static double try_step(line *l, double step, double *slope) {
    for (size_t i = 0; i < l->problem->unknowns; i++) {
        l->unknowns[i] = l->from[i] + step * l->direction[i];
    }
    const double loss = evaluate(l->problem, l->unknowns, l->gradient);
    *slope = product(l->gradient, l->direction, l->problem->unknowns);
    return loss;
}

typedef struct trial {
    double step, loss, slope;
} trial;

/* The least point of the cubic through two trials, kept off the ends of the interval. */
static double interpolate(const trial *a, const trial *b) {
    const double width = b->step - a->step;
    const double d1 = a->slope + b->slope - 3 * (a->loss - b->loss) / (a->step - b->step);
    const double root = d1 * d1 - a->slope * b->slope;
    double step = NAN;
    if (root >= 0) {
        const double d2 = copysign(sqrt(root), width);
        step = b->step - width * (b->slope + d2 - d1) / (b->slope - a->slope + 2 * d2);
    }
    const double least = a->step + 0.1 * width, most = a->step + 0.9 * width;
    const bool inside = width > 0 ? step > least && step < most : step < least && step > most;
    return inside ? step : a->step + width / 2;
}

static const double sufficient = 1e-4, curvature = 0.9;

/* The last steps lower the loss by less than its rounding: there the slope decides (Hager and Zhang
 * 2005, the approximate Wolfe conditions). */
static bool is_low_enough(const line *l, const trial *t) {
    if (t->loss <= l->start + sufficient * t->step * l->slope) return true;
    const double rounding = 1e-12 * fabs(l->start);
    return t->loss <= l->start + rounding && t->slope <= (2 * sufficient - 1) * l->slope;
}

static bool is_flat_enough(const line *l, const trial *t) {
    return fabs(t->slope) <= -curvature * l->slope;
}

/* Nocedal and Wright's algorithm 3.6; false when the interval is down to rounding. */
static bool zoom(line *l, trial low, trial high, trial *found) {
    for (int i = 0; i < 40; i++) {
        found->step = interpolate(&low, &high);
        found->loss = try_step(l, found->step, &found->slope);
        if (!is_low_enough(l, found) || found->loss >= low.loss) {
            high = *found;
        } else {
            if (is_flat_enough(l, found)) return true;
            if (found->slope * (high.step - low.step) >= 0) high = low;
            low = *found;
        }
    }
    return false;
}

/* Algorithm 3.5, from Newton's own step on. */
static bool search(line *l, trial *found) {
    trial before = {0, l->start, l->slope};
    *found = (trial){.step = 1};
    for (int i = 0; i < 50; i++) {
        found->loss = try_step(l, found->step, &found->slope);
        const trial now = *found;
        if (!is_low_enough(l, &now) || (i > 0 && now.loss >= before.loss)) {
            return zoom(l, before, now, found);
        }
        if (is_flat_enough(l, &now)) return true;
        if (now.slope >= 0) return zoom(l, now, before, found);
        before = now;
        found->step = 4 * now.step;
    }
    return false;
}

/* The memory of a fit, all [unknowns]; the unknowns are the caller's coefficients. */
typedef struct vectors {
    double *unknowns, *gradient, *direction, *residual, *conjugate, *image, *tried, *tried_gradient;
    double *diagonal; /* of the metric: the Hessian's or ones */
} vectors;

/* residual . residual in the metric. */
static double length_of(const vectors *v, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += v->residual[i] * v->residual[i] / v->diagonal[i];
    return sum;
}

/* Solves Hessian . direction = -gradient as far as it is worth; false where numbers overflow. */
static bool find_direction(const problem *p, const vectors *v) {
    const size_t n = p->unknowns;
    const double all = absolute_sum(v->gradient, n), enough = fmin(0.5, sqrt(all)) * all;
    memset(v->direction, 0, n * sizeof(double));
    memcpy(v->residual, v->gradient, n * sizeof(double));
    for (size_t i = 0; i < n; i++) v->diagonal[i] = 1;
    if (p->options->precondition) find_diagonal(p, v->diagonal);
    for (size_t i = 0; i < n; i++) v->conjugate[i] = -v->gradient[i] / v->diagonal[i];
    double length = length_of(v, n);
    if (!isfinite(length) || !isfinite(absolute_sum(v->diagonal, n))) return false;
    for (int i = 0; i <= MOST_CONJUGATE && absolute_sum(v->residual, n) > enough; i++) {
        multiply_hessian(p, v->conjugate, v->image);
        const double curved = product(v->conjugate, v->image, n);
        if (!isfinite(curved)) return false;
        if (curved <= 0) break; /* rounding is all that is left */
        const double step = length / curved;
        for (size_t u = 0; u < n; u++) {
            v->direction[u] += step * v->conjugate[u];
            v->residual[u] += step * v->image[u];
        }
        const double next = length_of(v, n), ratio = next / length;
        for (size_t u = 0; u < n; u++) {
            v->conjugate[u] = ratio * v->conjugate[u] - v->residual[u] / v->diagonal[u];
        }
        length = next;
    }
    return true;
}

static double greatest(const double *vector, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs(vector[i]));
    return most;
}

static qf_status too_large(qf_error *error) {
    return qf_fail(error, QF_DATA,
                   "values too large for a logistic regression; scale the columns first");
}

static qf_status descend(problem *p, const vectors *v, qf_logistic_end *end,
                         qf_logistic_visit *visit, void *listener, qf_error *error) {
    const size_t n = p->unknowns;
    double loss = evaluate(p, v->unknowns, v->gradient);
    bool stop = false;
    for (end->steps = 0; !stop && end->steps < p->options->iterations;) {
        if (!isfinite(loss) || !isfinite(absolute_sum(v->gradient, n))) return too_large(error);
        if (greatest(v->gradient, n) <= p->options->tolerance) break;
        if (!find_direction(p, v)) return too_large(error);
        line l = {p,
                  v->unknowns,
                  v->direction,
                  v->tried,
                  v->tried_gradient,
                  loss,
                  product(v->gradient, v->direction, n)};
        trial found;
        /* Otherwise rounding is all that is left. */
        if (!(l.slope < 0) || !search(&l, &found)) break;
        loss = found.loss;
        memcpy(v->unknowns, v->tried, n * sizeof(double));
        memcpy(v->gradient, v->tried_gradient, n * sizeof(double));
        end->steps++;
        if (visit) QF_TRY(visit(listener, end->steps, &stop, error));
    }
    end->gradient = greatest(v->gradient, n);
    return QF_OK;
}

qf_status qf_logistic_fit(const qf_table *table, const qf_logistic_options *options,
                          double *coefficients, qf_logistic_end *end, qf_logistic_visit *visit,
                          void *listener, qf_error *error) {
    problem p = {.labels = table->labels, .options = options, .unknowns = table->columns + 1};
    vectors v = {.unknowns = coefficients};
    double **own[] = {&v.gradient, &v.direction, &v.residual,       &v.conjugate,
                      &v.image,    &v.tried,     &v.tried_gradient, &v.diagonal};
    const size_t owned = sizeof own / sizeof *own;
    double *memory = qf_new_array(p.unknowns, owned * sizeof *memory, error);
    p.curvatures = qf_new_array(table->rows, sizeof *p.curvatures, error);
    qf_status status = memory && p.curvatures ? make_sparse(&p.x, table, error) : QF_MEMORY;
    for (size_t i = 0; memory && i < owned; i++) *own[i] = memory + i * p.unknowns;
    if (status == QF_OK) status = descend(&p, &v, end, visit, listener, error);
    free_sparse(&p.x);
    free(p.curvatures);
    free(memory);
    return status;
}
