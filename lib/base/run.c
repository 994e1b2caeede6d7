#define _GNU_SOURCE
#include "base/run.h"

#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

static const char *const simd_names[] = {"portable", "avx2", "avx512"};

const char *qf_simd_name(qf_simd simd) {
    return simd_names[simd];
}

qf_simd qf_simd_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512ifma")) {
        return QF_SIMD_AVX512;
    }
    if (avx2) return QF_SIMD_AVX2;
#endif
    return QF_SIMD_PORTABLE;
}

qf_status qf_simd_choose(const char *name, qf_simd *simd, qf_error *error) {
    *simd = qf_simd_best();
    if (!name || !*name) return QF_OK;
    for (qf_simd level = QF_SIMD_PORTABLE; level <= QF_SIMD_AVX512; level++) {
        if (strcmp(name, simd_names[level]) != 0) continue;
        if (level > *simd) {
            return qf_fail(error, QF_UNAVAILABLE, "QF_SIMD=%s: this processor has %s at most", name,
                           simd_names[*simd]);
        }
        *simd = level;
        return QF_OK;
    }
    return qf_fail(error, QF_USAGE, "QF_SIMD=%s: expected portable, avx2 or avx512", name);
}

qf_run qf_run_default(void) {
    return (qf_run){.threads = 1, .simd = qf_simd_best()};
}

size_t qf_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    const int count = CPU_COUNT(&set);
    return count > 0 ? (size_t)count : 1;
}

typedef struct pool {
    pthread_mutex_t lock;
    const qf_run *run;
    const char *what;
    size_t next, tasks, done;
    qf_task *task;
    void *context;
    size_t failed_task;
    qf_error *error; /* of the failed task, under the lock */
} pool;

static void finish_task(pool *p, size_t index, const qf_error *error) {
    pthread_mutex_lock(&p->lock);
    p->done++;
    if (error->status != QF_OK && index < p->failed_task) {
        p->failed_task = index;
        *p->error = *error;
    }
    if (p->what && p->run->progress) {
        p->run->progress(p->run->listener, p->what, p->done, p->tasks);
    }
    pthread_mutex_unlock(&p->lock);
}

static void *work(void *argument) {
    pool *p = argument;
    for (;;) {
        pthread_mutex_lock(&p->lock);
        const int stop = p->next >= p->tasks || p->failed_task != (size_t)-1;
        const size_t index = stop ? 0 : p->next++;
        pthread_mutex_unlock(&p->lock);
        if (stop) return NULL;
        qf_error error = {.status = QF_OK};
        const qf_status status = p->task(p->context, index, &error);
        error.status = status;
        finish_task(p, index, &error);
    }
}

qf_status qf_parallel_progress(const qf_run *run, const char *what, size_t tasks, qf_task *task,
                               void *context, qf_error *error) {
    pool p = {.run = run,
              .what = what,
              .tasks = tasks,
              .task = task,
              .context = context,
              .failed_task = (size_t)-1,
              .error = error};
    pthread_mutex_init(&p.lock, NULL);
    size_t extra = run->threads < tasks ? run->threads : tasks;
    extra = extra > 1 ? extra - 1 : 0;
    pthread_t *threads = qf_new_array(extra, sizeof *threads, error);
    if (!threads) return QF_MEMORY;
    size_t started = 0;
    /* Where the system gives fewer threads than asked for, those that it gave do all the work. */
    while (started < extra && pthread_create(&threads[started], NULL, work, &p) == 0) started++;
    work(&p);
    for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    free(threads);
    pthread_mutex_destroy(&p.lock);
    return p.failed_task == (size_t)-1 ? QF_OK : error->status;
}

qf_status qf_parallel(const qf_run *run, size_t tasks, qf_task *task, void *context,
                      qf_error *error) {
    return qf_parallel_progress(run, NULL, tasks, task, context, error);
}
