/* Spearman's rank correlation: cases worked out by hand, ties, strata, intervals. */
#include "base/random.h"
#include "data/rank_correlation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static qf_rank_correlation correlate(const qf_ranked_items *items) {
    qf_rank_correlation r;
    qf_error error;
    assert_int_equal(qf_correlate_ranks(items, 1, &r, &error), QF_OK);
    return r;
}

/* 1 - 6 sum d^2 / (n (n^2 - 1)) without ties: d = 0, 1, 1, 2, 2 */
static void by_hand(void **state) {
    (void)state;
    const double x[] = {1, 2, 3, 4, 5}, y[] = {10, 30, 20, 600, 40};
    const double falling[] = {5, 4, 3, 2, -1e9}, constant[] = {7, 7, 7, 7, 7};
    assert_true(fabs(correlate(&(qf_ranked_items){5, 5, x, y, NULL, NULL}).value - 0.8) < 1e-15);
    assert_true(correlate(&(qf_ranked_items){5, 5, x, falling, NULL, NULL}).value == -1);
    assert_true(isnan(correlate(&(qf_ranked_items){5, 5, x, constant, NULL, NULL}).value));
    assert_true(isnan(correlate(&(qf_ranked_items){5, 5, x, y, NULL, NULL}).low));
}

/* Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: products of the centred ones 4.5, squares 4.5 and 5. */
static void ties_share_their_rank(void **state) {
    (void)state;
    const double x[] = {0, 1, 1, 2}, y[] = {1, 3, 2, 4};
    const double r = correlate(&(qf_ranked_items){4, 4, x, y, NULL, NULL}).value;
    assert_true(fabs(r - 4.5 / sqrt(4.5 * 5)) < 1e-15);
}

/* Rising within each stratum although it falls over both; a stratum that is constant is left out.
 */
static void strata(void **state) {
    (void)state;
    const double x[] = {1, 2, 3, 11, 12, 13, 5, 5}, y[] = {21, 22, 23, 1, 2, 3, 6, 7};
    const size_t stratum[] = {4, 4, 4, 0, 0, 0, 9, 9};
    const qf_ranked_items items = {8, 8, x, y, stratum, NULL};
    assert_true(correlate(&items).value == 1);
    assert_true(correlate(&(qf_ranked_items){6, 6, x, y, NULL, NULL}).value < 0);
}

/* Normals of correlation r have the rank correlation 6/pi asin(r/2); unrelated ones an interval
 * about 0. Copies of a cluster's items make the interval no narrower. */
static void intervals(void **state) {
    (void)state;
    enum { ITEMS = 200, COPIES = 3 };
    double x[ITEMS * COPIES], y[ITEMS * COPIES], z[ITEMS * COPIES];
    size_t cluster[ITEMS * COPIES];
    qf_random random = qf_random_stream(2, "test", 0);
    for (size_t i = 0; i < ITEMS; i++) {
        const double a = qf_random_normal(&random), b = qf_random_normal(&random);
        for (size_t k = 0; k < COPIES; k++) {
            x[k * ITEMS + i] = a;
            y[k * ITEMS + i] = 0.8 * a + 0.6 * b;
            z[k * ITEMS + i] = b;
            cluster[k * ITEMS + i] = i;
        }
    }
    const qf_rank_correlation once = correlate(&(qf_ranked_items){ITEMS, ITEMS, x, y, NULL, NULL});
    const qf_rank_correlation copied =
        correlate(&(qf_ranked_items){ITEMS * COPIES, ITEMS, x, y, NULL, cluster});
    const qf_rank_correlation none = correlate(&(qf_ranked_items){ITEMS, ITEMS, x, z, NULL, NULL});
    const double expected = 6 / 3.14159265358979323846 * asin(0.4);
    assert_true(once.low < expected && expected < once.high && once.high - once.low < 0.2);
    assert_true(fabs(copied.value - once.value) < 1e-12);
    assert_true(fabs(copied.low - once.low) < 1e-12 && fabs(copied.high - once.high) < 1e-12);
    assert_true(none.low < 0 && none.high > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(ties_share_their_rank),
        cmocka_unit_test(strata),
        cmocka_unit_test(intervals),
    };
    return cmocka_run_group_tests_name("rank correlation", tests, NULL, NULL);
}
