/* Fidelity kernels against PennyLane and Qiskit (fidelity_oracle.h), a slow reference and the
 * closed form of product maps; what a Gram matrix is like against its definition. */
#include "base/random.h"
#include "learn/alignment.h"
#include "quantum/builtin.h"
#include "quantum/fidelity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dense.h"
#include "fidelity_oracle.h"

static qf_circuit build(const qf_recipe *recipe) {
    qf_circuit circuit;
    qf_error error;
    assert_int_equal(qf_builtin_build(recipe, &circuit, &error), QF_OK);
    return circuit;
}

static qf_states simulate(const qf_circuit *circuit, double factor, const double *rows,
                          size_t count, size_t columns, qf_simd simd, size_t threads) {
    qf_states states;
    qf_error error;
    const qf_run run = {.threads = threads, .simd = simd};
    assert_int_equal(qf_states_init(&states, circuit, factor, rows, count, columns, &run, &error),
                     QF_OK);
    return states;
}

/* All values, [stride of from][stride of to]. */
static double *values_of(const qf_states *from, const qf_states *to, qf_simd simd) {
    double *values = calloc(from->stride * to->stride, sizeof *values);
    for (size_t p = 0; p < from->stride / QF_PANEL; p++) {
        qf_states_fidelities(from, p, to, 0, simd, values + p * QF_PANEL * to->stride);
    }
    return values;
}

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance)) fail_msg("%.17g, expected %.17g", value, expected);
}

static void check_oracle(size_t index, qf_simd simd) {
    const size_t columns = oracle_maps[index].columns;
    const qf_recipe recipe = {.feature_map = oracle_maps[index].map,
                              .paulis = oracle_maps[index].paulis,
                              .wires = ORACLE_WIRES,
                              .map_layers = oracle_maps[index].layers};
    double rows[ORACLE_ROWS * 8];
    for (size_t r = 0; r < ORACLE_ROWS; r++) {
        for (size_t c = 0; c < columns; c++) {
            rows[r * columns + c] = 3 * sin(1 + 1.3 * (double)r + 2.1 * (double)c) / 2;
        }
    }
    qf_circuit circuit = build(&recipe);
    qf_states states = simulate(&circuit, 2, rows, ORACLE_ROWS, columns, simd, 1);
    double *values = values_of(&states, &states, simd);
    for (size_t i = 0, place = 0; i < ORACLE_ROWS; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_near(values[i * states.stride + j], oracle_maps[index].values[place++], 1e-10);
        }
        assert_near(values[i * states.stride + i], 1, 1e-12);
    }
    free(values);
    qf_states_free(&states);
    qf_circuit_free(&circuit);
}

static void peers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof oracle_maps / sizeof *oracle_maps; i++) {
        for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) check_oracle(i, simd);
    }
}

/* RX on every wire: the product of cos((x - z) / 2)^2. Both engines' layouts, rows that do not fill
 * the last panel, and two sets of rows. */
static void product_maps(void **state) {
    (void)state;
    enum { ROWS = 21, OTHERS = 10, WIRES = 9 };
    double rows[ROWS * WIRES];
    qf_random random = qf_random_stream(1, "test", 0);
    for (size_t i = 0; i < ROWS * WIRES; i++) rows[i] = 2 * qf_random_normal(&random);
    for (size_t wires = 1; wires <= WIRES; wires += 4) {
        qf_circuit circuit = build(&(qf_recipe){.feature_map = "rx", .wires = wires});
        qf_states a = simulate(&circuit, 1, rows, ROWS, wires, qf_simd_best(), 2);
        qf_states b = simulate(&circuit, 1, rows + wires, OTHERS, wires, qf_simd_best(), 1);
        double *values = values_of(&a, &b, qf_simd_best());
        for (size_t i = 0; i < ROWS; i++) {
            for (size_t j = 0; j < OTHERS; j++) {
                double expected = 1;
                for (size_t w = 0; w < wires; w++) {
                    expected *= pow(cos((rows[i * wires + w] - rows[(j + 1) * wires + w]) / 2), 2);
                }
                assert_near(values[i * b.stride + j], expected, 1e-13);
            }
        }
        free(values);
        qf_states_free(&a);
        qf_states_free(&b);
        qf_circuit_free(&circuit);
    }
}

static double dense_fidelity(const qf_circuit *c, const double *x, const double *z) {
    const size_t states = (size_t)1 << c->wires;
    double complex *a = calloc(states, sizeof *a), *b = calloc(states, sizeof *b), sum = 0;
    dense_run(c, x, NULL, 0, 0, 0, a);
    dense_run(c, z, NULL, 0, 0, 0, b);
    for (size_t i = 0; i < states; i++) sum += conj(a[i]) * b[i];
    free(a);
    free(b);
    return creal(sum * conj(sum));
}

/* Any circuit of inputs alone. */
static void random_circuits(void **state) {
    (void)state;
    enum { ROWS = 11, MOST = 10 };
    for (size_t wires = 1; wires <= MOST; wires++) {
        qf_random random = qf_random_stream(wires, "test", 0);
        qf_circuit c;
        qf_error error;
        double rows[ROWS * MOST];
        assert_int_equal(qf_circuit_new(&c, wires, wires, 0, &error), QF_OK);
        for (size_t i = 0; i < 30; i++) {
            qf_angle angle[] = {qf_angle_input(qf_random_below(&random, wires))};
            const size_t wire = qf_random_below(&random, wires);
            assert_int_equal(qf_circuit_add(&c, QF_GATE_RX + i % 3, &wire, angle, &error), QF_OK);
            const size_t pair[] = {wire, (wire + 1) % wires};
            if (wires > 1) {
                assert_int_equal(
                    qf_circuit_add(&c, i % 2 ? QF_GATE_CRY : QF_GATE_CNOT, pair, angle, &error),
                    QF_OK);
            }
        }
        for (size_t i = 0; i < ROWS * wires; i++) rows[i] = qf_random_normal(&random);
        for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
            qf_states states = simulate(&c, 1, rows, ROWS, wires, simd, 1);
            double *values = values_of(&states, &states, simd);
            for (size_t i = 0; i < ROWS; i++) {
                const double expected = dense_fidelity(&c, rows, rows + i * wires);
                assert_near(values[i], expected, 1e-12);
            }
            free(values);
            qf_states_free(&states);
        }
        qf_circuit_free(&c);
    }
}

/* A value depends on its two rows alone, in whatever order and place they are, and on no number of
 * threads: to the last bit. */
static void places_and_threads(void **state) {
    (void)state;
    enum { ROWS = 45, WIRES = 6, SKIPPED = 3 };
    double rows[ROWS * WIRES];
    qf_error error;
    qf_random random = qf_random_stream(2, "test", 0);
    for (size_t i = 0; i < ROWS * WIRES; i++) rows[i] = qf_random_normal(&random);
    qf_circuit circuit = build(&(qf_recipe){.feature_map = "zz", .wires = WIRES});
    for (qf_simd simd = QF_SIMD_PORTABLE; simd <= qf_simd_best(); simd++) {
        qf_states all = simulate(&circuit, 0.3, rows, ROWS, WIRES, simd, 1);
        qf_states some =
            simulate(&circuit, 0.3, rows + SKIPPED * WIRES, ROWS - SKIPPED, WIRES, simd, 4);
        double *a = values_of(&all, &all, simd), *b = values_of(&some, &all, simd);
        float *gram[2];
        for (size_t t = 0; t < 2; t++) {
            const qf_run run = {.threads = 1 + 3 * t, .simd = simd};
            gram[t] = calloc(ROWS * all.stride, sizeof **gram);
            assert_int_equal(qf_states_gram(&all, &run, gram[t], &error), QF_OK);
        }
        assert_memory_equal(gram[0], gram[1], ROWS * all.stride * sizeof **gram);
        for (size_t i = 0; i < ROWS; i++) {
            for (size_t j = 0; j < ROWS; j++) {
                assert_true(a[i * all.stride + j] == a[j * all.stride + i]);
                assert_true(gram[0][i * all.stride + j] == (float)a[i * all.stride + j]);
                if (i < SKIPPED) continue;
                assert_true(a[i * all.stride + j] == b[(i - SKIPPED) * all.stride + j]);
            }
        }
        free(a);
        free(b);
        free(gram[0]);
        free(gram[1]);
        qf_states_free(&all);
        qf_states_free(&some);
    }
    qf_circuit_free(&circuit);
}

static void sizes_and_zeros(void **state) {
    (void)state;
    qf_states states;
    qf_error error;
    const double rows[] = {1, 2, 0, 0};
    const qf_run run = qf_run_default();
    assert_true(qf_states_bytes(3, 9) == 2 * 8 * 8 * 16);
    assert_true(qf_states_bytes(40, 1) == (size_t)8 * 16 << 40);
    assert_true(qf_states_bytes(40, SIZE_MAX / 16) == SIZE_MAX);
    qf_circuit circuit = build(&(qf_recipe){.feature_map = "amplitude", .wires = 1});
    assert_int_equal(qf_states_init(&states, &circuit, 1, rows, 2, 2, &run, &error), QF_DATA);
    qf_circuit_free(&circuit);
}

/* H G H entry by entry, as defined. */
static void alignment(void **state) {
    (void)state;
    enum { ROWS = 12, STRIDE = 16 };
    float gram[ROWS * STRIDE] = {0};
    double centred[2][ROWS][ROWS] = {0}, h[ROWS][ROWS], products[3] = {0}, mean = 0, spread = 0;
    uint8_t labels[ROWS];
    qf_random random = qf_random_stream(3, "test", 0);
    for (size_t i = 0; i < ROWS; i++) {
        labels[i] = i % 3 == 0;
        for (size_t j = 0; j <= i; j++) {
            gram[i * STRIDE + j] = gram[j * STRIDE + i] =
                i == j ? 1 : (float)(0.3 + 0.1 * qf_random_normal(&random) + 0.2 * labels[j]);
        }
    }
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < ROWS; j++) h[i][j] = (i == j) - 1.0 / ROWS;
    }
    for (size_t n = 0; n < ROWS * ROWS * ROWS * ROWS; n++) {
        const size_t i = n % ROWS, j = n / ROWS % ROWS, k = n / ROWS / ROWS % ROWS,
                     l = n / ROWS / ROWS / ROWS;
        centred[0][i][j] += h[i][k] * (double)gram[k * STRIDE + l] * h[l][j];
        centred[1][i][j] += h[i][k] * (labels[k] == labels[l] ? 1 : -1) * h[l][j];
    }
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < ROWS; j++) {
            products[0] += centred[0][i][j] * centred[1][i][j];
            products[1] += centred[0][i][j] * centred[0][i][j];
            products[2] += centred[1][i][j] * centred[1][i][j];
            if (i != j) mean += (double)gram[i * STRIDE + j] / (ROWS * (ROWS - 1));
        }
    }
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < ROWS; j++) {
            if (i == j) continue;
            spread += pow((double)gram[i * STRIDE + j] - mean, 2) / (ROWS * (ROWS - 1));
        }
    }
    qf_gram_summary summary;
    qf_error error;
    assert_int_equal(qf_gram_summarise(gram, ROWS, STRIDE, labels, &summary, &error), QF_OK);
    assert_near(summary.mean, mean, 1e-14);
    assert_near(summary.variance, spread, 1e-14);
    assert_near(summary.alignment, products[0] / sqrt(products[1] * products[2]), 1e-13);

    /* The labels' own matrix is aligned; one of equal values has no direction. */
    for (size_t i = 0; i < ROWS * STRIDE; i++) {
        gram[i] = labels[i / STRIDE] == labels[i % STRIDE % ROWS] ? 1 : -1;
    }
    assert_int_equal(qf_gram_summarise(gram, ROWS, STRIDE, labels, &summary, &error), QF_OK);
    assert_near(summary.alignment, 1, 1e-13);
    for (size_t i = 0; i < ROWS * STRIDE; i++) gram[i] = 1;
    assert_int_equal(qf_gram_summarise(gram, ROWS, STRIDE, labels, &summary, &error), QF_OK);
    assert_true(isnan(summary.alignment) && summary.variance == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers),           cmocka_unit_test(product_maps),
        cmocka_unit_test(random_circuits), cmocka_unit_test(places_and_threads),
        cmocka_unit_test(sizes_and_zeros), cmocka_unit_test(alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
