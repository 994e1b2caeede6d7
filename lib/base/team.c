#include "base/team.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SPINS = 2000 }; /* some microseconds of waiting awake: the next section mostly comes soon */

struct qf_team {
    pthread_mutex_t lock;
    pthread_cond_t begun, ended;
    size_t workers;
    pthread_t *threads;
    atomic_size_t section; /* counts them; the rest is of the present one */
    atomic_size_t next;    /* task */
    size_t tasks;
    qf_team_task *task;
    void *context;
    size_t active; /* workers that have joined and not left, under the lock, as the next two */
    bool open;     /* may be joined */
    bool stop;
};

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void work(qf_team *t) {
    for (size_t i; (i = atomic_fetch_add(&t->next, 1)) < t->tasks;) t->task(t->context, i);
}

/* Waits for a section after `seen`; with the lock when it returns. */
static void await(qf_team *t, size_t seen) {
    for (int i = 0; i < SPINS && atomic_load(&t->section) == seen; i++) relax();
    pthread_mutex_lock(&t->lock);
    while (atomic_load(&t->section) == seen) pthread_cond_wait(&t->begun, &t->lock);
}

static void *serve(void *argument) {
    qf_team *t = argument;
    size_t seen = 0;
    for (;;) {
        await(t, seen);
        seen = atomic_load(&t->section);
        if (t->open) {
            t->active++;
            pthread_mutex_unlock(&t->lock);
            work(t);
            pthread_mutex_lock(&t->lock);
            if (--t->active == 0) pthread_cond_signal(&t->ended);
        }
        const bool stop = t->stop;
        pthread_mutex_unlock(&t->lock);
        if (stop) return NULL;
    }
}

qf_status qf_team_open(const qf_run *run, qf_team **team, qf_error *error) {
    const size_t wanted = run->threads > 1 ? run->threads - 1 : 0;
    qf_team *t = qf_new_array(1, sizeof *t, error);
    *team = t;
    if (!t) return QF_MEMORY;
    t->threads = qf_new_array(wanted, sizeof *t->threads, error);
    if (!t->threads) {
        free(t);
        *team = NULL;
        return QF_MEMORY;
    }
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->begun, NULL);
    pthread_cond_init(&t->ended, NULL);
    while (t->workers < wanted && pthread_create(&t->threads[t->workers], NULL, serve, t) == 0) {
        t->workers++;
    }
    return QF_OK;
}

static void begin(qf_team *t, bool open, bool stop) {
    pthread_mutex_lock(&t->lock);
    t->open = open;
    t->stop = stop;
    atomic_fetch_add(&t->section, 1);
    pthread_cond_broadcast(&t->begun);
    pthread_mutex_unlock(&t->lock);
}

void qf_team_close(qf_team *team) {
    if (!team) return;
    begin(team, false, true);
    for (size_t i = 0; i < team->workers; i++) pthread_join(team->threads[i], NULL);
    pthread_mutex_destroy(&team->lock);
    pthread_cond_destroy(&team->begun);
    pthread_cond_destroy(&team->ended);
    free(team->threads);
    free(team);
}

/* A worker that wakes up only when all tasks are taken is not waited for: it finds the section
 * closed. */
void qf_team_run(qf_team *team, size_t tasks, qf_team_task *task, void *context) {
    if (team->workers == 0) {
        for (size_t i = 0; i < tasks; i++) task(context, i);
        return;
    }
    team->task = task;
    team->context = context;
    team->tasks = tasks;
    atomic_store(&team->next, 0);
    begin(team, true, false);
    work(team);
    pthread_mutex_lock(&team->lock);
    team->open = false;
    while (team->active > 0) pthread_cond_wait(&team->ended, &team->lock);
    pthread_mutex_unlock(&team->lock);
}
