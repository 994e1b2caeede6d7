/* What tests of CKKS share: contexts, keys and numbers made from seeds. */
#include "ckks/threshold.h"

#include "base/memory.h"
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Fails with the error's message. */
#define ASSERT_OK(call)                                                                            \
    do {                                                                                           \
        qf_error error = {0};                                                                      \
        if ((call) != QF_OK) fail_msg("%s", error.message);                                        \
    } while (0)
#define ASSERT_STATUS(call, expected)                                                              \
    do {                                                                                           \
        qf_error error = {0};                                                                      \
        const qf_status status_ = (call);                                                          \
        if (status_ != (expected)) fail_msg("status %d: %s", (int)status_, error.message);         \
    } while (0)

static inline qf_ckks context_at(const char *name, qf_simd simd) {
    qf_ckks_parameters parameters;
    qf_ckks ckks;
    ASSERT_OK(qf_ckks_parameters_named(name, &parameters, &error));
    ASSERT_OK(qf_ckks_init(&ckks, &parameters, simd, &error));
    return ckks;
}

static inline qf_sampler sampler_of(unsigned char byte) {
    const unsigned char seed[QF_SEED_SIZE] = {byte};
    qf_sampler sampler;
    ASSERT_OK(qf_sampler_seeded(&sampler, seed, 1000, &error));
    return sampler;
}

static inline void random_integers(int64_t *to, size_t count, int64_t limit, uint64_t number) {
    qf_random random = qf_random_stream(7, "integers", number);
    for (size_t i = 0; i < count; i++) {
        to[i] = (int64_t)qf_random_below(&random, 2 * (uint64_t)limit + 1) - limit;
    }
}
