#include "learn/calibration.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

const char *const qf_calibration_names[] = {"none", "platt", "isotonic", NULL};

double qf_prior_factor(double trained, double wanted) {
    if (trained == wanted) return 1;
    return wanted / (1 - wanted) / (trained / (1 - trained));
}

void qf_prior_correct(double factor, double *probabilities, size_t count) {
    if (factor == 1) return;
    for (size_t i = 0; i < count; i++) {
        const double p = probabilities[i];
        probabilities[i] = factor * p / (factor * p + (1 - p));
    }
}

void qf_calibration_free(qf_calibration *calibration) {
    free(calibration->inputs);
    free(calibration->outputs);
    *calibration = (qf_calibration){0};
}

/* ---- Platt ---- */

/* The negative logarithm of the likelihood and its derivatives at a slope and offset. */
typedef struct sigmoid_fit {
    const double *probabilities;
    const uint8_t *labels;
    size_t count;
    double targets[2]; /* by label */
} sigmoid_fit;

typedef struct derivatives {
    double gradient[2], hessian[3]; /* of slope and offset; slope^2, slope offset, offset^2 */
} derivatives;

static double sigmoid(double z) {
    return z >= 0 ? exp(-z) / (1 + exp(-z)) : 1 / (1 + exp(z));
}

static double surprise(const sigmoid_fit *f, double slope, double offset) {
    double sum = 0;
    for (size_t i = 0; i < f->count; i++) {
        const double z = slope * f->probabilities[i] + offset, t = f->targets[f->labels[i]];
        sum += z >= 0 ? t * z + log1p(exp(-z)) : (t - 1) * z + log1p(exp(z));
    }
    return sum;
}

static derivatives derive(const sigmoid_fit *f, double slope, double offset) {
    derivatives d = {{0, 0}, {0, 0, 0}};
    for (size_t i = 0; i < f->count; i++) {
        const double x = f->probabilities[i], p = sigmoid(slope * x + offset);
        const double weight = p * (1 - p), difference = f->targets[f->labels[i]] - p;
        d.gradient[0] += x * difference;
        d.gradient[1] += difference;
        d.hessian[0] += x * x * weight;
        d.hessian[1] += x * weight;
        d.hessian[2] += weight;
    }
    return d;
}

/* Newton's; along the offset alone where all scores are as good as equal, which leaves the slope
 * open. */
static void find_direction(const derivatives *d, double direction[2]) {
    const double *h = d->hessian, *g = d->gradient;
    const double determinant = h[0] * h[2] - h[1] * h[1];
    const bool open = determinant <= 1e-13 * h[0] * h[2];
    direction[0] = open ? 0 : -(h[2] * g[0] - h[1] * g[1]) / determinant;
    direction[1] = open ? -g[1] / h[2] : -(h[0] * g[1] - h[1] * g[0]) / determinant;
}

/* A step along the direction, halved until it gains enough; false when none does. */
static bool search_line(const sigmoid_fit *f, const double direction[2], double descent,
                        double *slope, double *offset, double *value) {
    enum { HALVINGS = 33 };
    double step = 1;
    for (int i = 0; i < HALVINGS; i++, step /= 2) {
        const double s = *slope + step * direction[0], o = *offset + step * direction[1];
        const double next = surprise(f, s, o);
        if (!(next < *value + 1e-4 * step * descent)) continue;
        *slope = s;
        *offset = o;
        *value = next;
        return true;
    }
    return false;
}

static void fit_sigmoid(const sigmoid_fit *f, const double counts[2], double *slope,
                        double *offset) {
    enum { MAX_STEPS = 100 };
    *slope = 0;
    *offset = log((counts[0] + 1) / (counts[1] + 1));
    double value = surprise(f, *slope, *offset);
    for (int i = 0; i < MAX_STEPS; i++) {
        const derivatives d = derive(f, *slope, *offset);
        const double enough = 1e-12 * (double)f->count;
        if (fabs(d.gradient[0]) <= enough && fabs(d.gradient[1]) <= enough) return;
        double direction[2];
        find_direction(&d, direction);
        const double descent = d.gradient[0] * direction[0] + d.gradient[1] * direction[1];
        if (!search_line(f, direction, descent, slope, offset, &value)) return;
    }
}

/* ---- Isotonic ---- */

typedef struct point {
    double input, output, weight; /* output: the sum of the rows' labels until blocks are done */
} point;

static int compare_points(const void *a, const void *b) {
    const double x = ((const point *)a)->input, y = ((const point *)b)->input;
    return (x > y) - (x < y);
}

/* Puts rows of equal input together; the order of equal ones does not matter to sums of 0 and 1. */
static size_t join_equal(point *points, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && points[i].input == points[kept - 1].input) {
            points[kept - 1].output += points[i].output;
            points[kept - 1].weight += points[i].weight;
        } else {
            points[kept++] = points[i];
        }
    }
    return kept;
}

/* A stretch of points with one output. */
typedef struct pool {
    double sum, weight;
    size_t end;
} pool;

/* Pools neighbours until means rise, and gives each point its pool's mean. */
static void pool_violators(point *points, size_t count, pool *pools) {
    size_t top = 0;
    for (size_t i = 0; i < count; i++) {
        pools[top++] = (pool){points[i].output, points[i].weight, i + 1};
        while (top > 1 && pools[top - 2].sum * pools[top - 1].weight >=
                              pools[top - 1].sum * pools[top - 2].weight) {
            pools[top - 2].sum += pools[top - 1].sum;
            pools[top - 2].weight += pools[top - 1].weight;
            pools[top - 2].end = pools[top - 1].end;
            top--;
        }
    }
    for (size_t i = 0, p = 0; i < count; i++) {
        if (i == pools[p].end) p++;
        points[i].output = pools[p].sum / pools[p].weight;
    }
}

/* Between equal outputs a point says nothing. */
static qf_status keep_corners(qf_calibration *c, const point *points, size_t count,
                              qf_error *error) {
    c->inputs = qf_new_array(count, sizeof *c->inputs, error);
    c->outputs = qf_new_array(count, sizeof *c->outputs, error);
    if (!c->inputs || !c->outputs) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const double output = points[i].output;
        if (i > 0 && i + 1 < count && points[i - 1].output == output &&
            points[i + 1].output == output) {
            continue;
        }
        c->inputs[c->count] = points[i].input;
        c->outputs[c->count++] = output;
    }
    return QF_OK;
}

static qf_status fit_isotonic(qf_calibration *c, const double *probabilities, const uint8_t *labels,
                              size_t count, qf_error *error) {
    point *points = qf_new_array(count, sizeof *points, error);
    pool *pools = qf_new_array(count, sizeof *pools, error);
    qf_status status = QF_MEMORY;
    if (points && pools) {
        for (size_t i = 0; i < count; i++) points[i] = (point){probabilities[i], labels[i], 1};
        qsort(points, count, sizeof *points, compare_points);
        const size_t different = join_equal(points, count);
        pool_violators(points, different, pools);
        status = keep_corners(c, points, different, error);
    }
    free(points);
    free(pools);
    return status;
}

static double interpolate(const qf_calibration *c, double input) {
    size_t low = 0, high = c->count - 1; /* inputs[low] <= input <= inputs[high] */
    if (input <= c->inputs[low]) return c->outputs[low];
    if (input >= c->inputs[high]) return c->outputs[high];
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (c->inputs[middle] <= input) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const double slope = (c->outputs[high] - c->outputs[low]) / (c->inputs[high] - c->inputs[low]);
    const double output = c->outputs[low] + slope * (input - c->inputs[low]);
    return fmin(fmax(output, c->outputs[low]), c->outputs[high]); /* whatever was rounded */
}

/* ---- All ---- */

qf_status qf_calibration_fit(qf_calibration *calibration, qf_calibration_method method,
                             const double *probabilities, const uint8_t *labels, size_t count,
                             qf_error *error) {
    *calibration = (qf_calibration){.method = method};
    size_t rows[2] = {0, 0};
    for (size_t i = 0; i < count; i++) rows[labels[i]]++;
    if (rows[0] == 0 || rows[1] == 0) {
        return qf_fail(error, QF_DATA, "no rows with label %d to calibrate with", rows[0] > 0);
    }
    if (method == QF_CALIBRATE_PLATT) {
        const double counts[2] = {(double)rows[0], (double)rows[1]};
        const sigmoid_fit f = {
            probabilities, labels, count, {1 / (counts[0] + 2), (counts[1] + 1) / (counts[1] + 2)}};
        fit_sigmoid(&f, counts, &calibration->slope, &calibration->offset);
    }
    qf_status status = QF_OK;
    if (method == QF_CALIBRATE_ISOTONIC) {
        status = fit_isotonic(calibration, probabilities, labels, count, error);
    }
    if (status != QF_OK) qf_calibration_free(calibration);
    return status;
}

void qf_calibration_apply(const qf_calibration *calibration, double *probabilities, size_t count) {
    for (size_t i = 0; i < count && calibration->method != QF_CALIBRATE_NONE; i++) {
        probabilities[i] =
            calibration->method == QF_CALIBRATE_PLATT
                ? sigmoid(calibration->slope * probabilities[i] + calibration->offset)
                : interpolate(calibration, probabilities[i]);
    }
}

qf_status qf_calibration_encode(const qf_calibration *calibration, qf_arrays *arrays,
                                qf_error *error) {
    if (calibration->method == QF_CALIBRATE_NONE) return QF_OK;
    if (calibration->method == QF_CALIBRATE_PLATT) {
        const double both[2] = {calibration->slope, calibration->offset};
        return qf_arrays_add(arrays, "calibration", QF_F64, 1, 2, both, error);
    }
    double(*pairs)[2] = qf_new_array(calibration->count, sizeof *pairs, error);
    if (!pairs) return QF_MEMORY;
    for (size_t i = 0; i < calibration->count; i++) {
        pairs[i][0] = calibration->inputs[i];
        pairs[i][1] = calibration->outputs[i];
    }
    const qf_status status =
        qf_arrays_add(arrays, "calibration", QF_F64, calibration->count, 2, pairs, error);
    free(pairs);
    return status;
}

static qf_status decode_isotonic(qf_calibration *c, const qf_array *array, qf_error *error) {
    const double(*pairs)[2] = array->data;
    bool valid = array->rows > 0;
    for (size_t i = 0; valid && i < array->rows; i++) {
        valid = pairs[i][0] >= 0 && pairs[i][0] <= 1 && pairs[i][1] >= 0 && pairs[i][1] <= 1 &&
                (i == 0 || (pairs[i][0] > pairs[i - 1][0] && pairs[i][1] >= pairs[i - 1][1]));
    }
    if (!valid) return qf_fail(error, QF_DATA, "array \"calibration\" does not rise");
    c->inputs = qf_new_array(array->rows, sizeof *c->inputs, error);
    c->outputs = qf_new_array(array->rows, sizeof *c->outputs, error);
    if (!c->inputs || !c->outputs) return QF_MEMORY;
    for (; c->count < array->rows; c->count++) {
        c->inputs[c->count] = pairs[c->count][0];
        c->outputs[c->count] = pairs[c->count][1];
    }
    return QF_OK;
}

qf_status qf_calibration_decode(qf_calibration *calibration, const qf_arrays *arrays,
                                qf_error *error) {
    const qf_array *array;
    if (calibration->method == QF_CALIBRATE_NONE) return QF_OK;
    const size_t rows = calibration->method == QF_CALIBRATE_PLATT ? 1 : QF_ANY;
    QF_TRY(qf_arrays_find(arrays, "calibration", QF_F64, rows, 2, &array, error));
    if (calibration->method == QF_CALIBRATE_ISOTONIC) {
        return decode_isotonic(calibration, array, error);
    }
    const double *both = array->data;
    if (!isfinite(both[0]) || !isfinite(both[1])) {
        return qf_fail(error, QF_DATA, "array \"calibration\" is not finite");
    }
    calibration->slope = both[0];
    calibration->offset = both[1];
    return QF_OK;
}
