/* The exponential of base/lanes.h against libm's at one level: included by test_lanes_*.c, which
 * set it as the dense kernels do, and LEVEL. */
#include "base/random.h"
#include "base/run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { COUNT = 200000 };

/* values[COUNT] = e^values. Of lanes_exponentials.h, the only code for the level: what runs before
 * it is known to be there must not need it. */
static void exponentials(double *values);

static void test_exp(void **state) {
    (void)state;
    if (qf_simd_best() < LEVEL) skip();
    double *x = malloc(COUNT * sizeof *x), *found = malloc(COUNT * sizeof *found);
    qf_random random = qf_random_stream(1, "test", 0);
    for (size_t i = 0; i < COUNT; i++) {
        const double widest = i % 4 == 0 ? 700 : i % 4 == 1 ? 30 : i % 4 == 2 ? 1 : 1e-6;
        found[i] = x[i] = widest * (2 * qf_random_uniform(&random) - 1);
    }
    /* Ends, halves of ln 2 (where the power of two changes), and nothing at all. */
    const double special[] = {0, -0.0, 700, -700, 0.34657359027997264, -0.34657359027997264};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) found[i] = x[i] = special[i];
    exponentials(found);
    double worst = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const long double expected = expl((long double)x[i]);
        worst = fmax(worst, (double)(fabsl((long double)found[i] - expected) / expected));
    }
    print_message("greatest relative error %.2g\n", worst);
    assert_true(worst < 4e-16);
    free(x);
    free(found);
}

static void test_beyond(void **state) {
    (void)state;
    if (qf_simd_best() < LEVEL) skip();
    const double x[] = {701, INFINITY, 1e308, -701, -INFINITY, -1e308, NAN, -NAN};
    double *found = calloc(COUNT, sizeof *found);
    for (size_t i = 0; i < 8; i++) found[i] = x[i];
    found[8] = 700;
    found[9] = -700;
    exponentials(found);
    for (size_t i = 0; i < 3; i++) assert_true(found[i] == found[8]);
    for (size_t i = 3; i < 6; i++) assert_true(found[i] == found[9]);
    assert_true(isnan(found[6]) && isnan(found[7]));
    assert_true(found[10] == 1);
    free(found);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exp), cmocka_unit_test(test_beyond)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
