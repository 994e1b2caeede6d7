/* Made by tests/oracle/ckks.py: TenSEAL 0.3.18, 8192; 60-40-40-60; 2^40, 100 vectors of 4096
 * uniform values. */
#ifndef QF_TESTS_CKKS_ORACLE_H
#define QF_TESTS_CKKS_ORACLE_H

/* Root mean square of a slot's error, and the mean over vectors of the largest. */
static const double oracle_fresh_deviation = 1.2492e-09;
static const double oracle_fresh_largest = 7.8266e-09;
static const double oracle_sum_deviation = 1.7667e-09;
static const double oracle_sum_largest = 1.0986e-08;
static const double oracle_scalar_deviation = 1.1615e-07;
static const double oracle_scalar_largest = 2.0635e-07;
static const double oracle_vector_deviation = 4.4737e-08;
static const double oracle_vector_largest = 1.3231e-07;
static const double oracle_product_deviation = 4.4738e-08;
static const double oracle_product_largest = 1.3290e-07;

#endif
