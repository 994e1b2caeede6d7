/* How a computation runs: threads, SIMD level, progress. Passed down by pointer: the library has
 * no global state. None of it may change a result, except that floating-point sums
 * of neural nets may differ between SIMD levels within a stated tolerance. */
#ifndef QF_BASE_RUN_H
#define QF_BASE_RUN_H

#include "base/array.h"

#include <stdbool.h>

typedef enum qf_simd { QF_SIMD_PORTABLE, QF_SIMD_AVX2, QF_SIMD_AVX512 } qf_simd;

/* Keeps what a long computation has reached, so that a later run of the same one goes on from
 * there and ends with the same bytes. */
typedef struct qf_keeper {
    const qf_arrays *kept; /* what an earlier run gave last, or NULL; it may hold anything */
    /* Whether it is time to keep what there is now. */
    bool (*due)(void *context);
    /* Takes arrays that say it all; they are the caller's. */
    qf_status (*keep)(void *context, const qf_arrays *arrays, qf_error *error);
    void *context;
} qf_keeper;

typedef struct qf_run {
    size_t threads; /* at least 1 */
    qf_simd simd;
    /* Called now and then, from any thread but never from two at once; may be NULL. */
    void (*progress)(void *listener, const char *what, size_t done, size_t total);
    /* Told how many bytes something takes that may be large, before it is made; may be NULL. */
    void (*announce)(void *listener, const char *what, size_t bytes);
    void *listener;
    const qf_keeper *keeper; /* of the one computation that can be taken up again; or NULL */
} qf_run;

/* One thread, the best SIMD level of this machine, no progress. */
qf_run qf_run_default(void);

/* The address of name_portable, name_avx2 or name_avx512, one object compiled for each level. */
#if defined(__x86_64__)
#define QF_FOR_SIMD(simd, name)                                                                    \
    ((simd) == QF_SIMD_AVX512 ? &name##_avx512                                                     \
     : (simd) == QF_SIMD_AVX2 ? &name##_avx2                                                       \
                              : &name##_portable)
#else
#define QF_FOR_SIMD(simd, name) ((void)(simd), &name##_portable)
#endif

/* The level's name for `QF_SIMD` and provenance: portable, avx2, avx512 (F, DQ, VL, BW and IFMA).
 */
const char *qf_simd_name(qf_simd simd);
/* The best level that this processor has. */
qf_simd qf_simd_best(void);
/* A level by name; NULL or "" means the best. QF_USAGE for an unknown name, QF_UNAVAILABLE for a
 * level that this processor lacks. */
qf_status qf_simd_choose(const char *name, qf_simd *simd, qf_error *error);

/* The number of processors that this process may use. */
size_t qf_processors(void);

/* Runs task(context, i, error) for i in 0 .. tasks-1 on run->threads threads, in no stated order,
 * and waits for all. Tasks write to places of their own, so that the result does not depend on
 * threads. After a failure no further tasks start; the error of the lowest failed task is returned.
 */
typedef qf_status qf_task(void *context, size_t index, qf_error *error);
qf_status qf_parallel(const qf_run *run, size_t tasks, qf_task *task, void *context,
                      qf_error *error);

/* As qf_parallel, reporting "what" with the share of tasks done to run->progress. */
qf_status qf_parallel_progress(const qf_run *run, const char *what, size_t tasks, qf_task *task,
                               void *context, qf_error *error);

#endif
