#include "base/ahead.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct slot {
    void *item;
    bool more;
    qf_status status;
    qf_error error;
} slot;

struct qf_ahead {
    qf_produce *produce;
    void *context;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t made, used; /* items in all, under the lock; item i lies in slot i % QF_AHEAD_ITEMS */
    bool taken;        /* the caller has item `used` */
    bool closing;      /* under the lock: make no further item */
    slot slots[QF_AHEAD_ITEMS];
};

/* Waits until a slot is free; false when no further item is wanted. */
static bool wait_for_slot(qf_ahead *a) {
    pthread_mutex_lock(&a->lock);
    while (!a->closing && a->made - a->used == QF_AHEAD_ITEMS) {
        pthread_cond_wait(&a->changed, &a->lock);
    }
    const bool wanted = !a->closing;
    pthread_mutex_unlock(&a->lock);
    return wanted;
}

/* Makes items until the end or a failure, which stay in the last slot. */
static void *run(void *argument) {
    qf_ahead *a = argument;
    for (bool more = true; more && wait_for_slot(a);) {
        slot *s = &a->slots[a->made % QF_AHEAD_ITEMS];
        s->status = a->produce(a->context, s->item, &s->more, &s->error);
        more = s->status == QF_OK && s->more;
        pthread_mutex_lock(&a->lock);
        a->made++;
        pthread_cond_signal(&a->changed);
        pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

qf_status qf_ahead_open(qf_produce *produce, void *context, void *const items[QF_AHEAD_ITEMS],
                        qf_ahead **ahead, qf_error *error) {
    qf_ahead *a = qf_new_array(1, sizeof *a, error);
    if (!a) return QF_MEMORY;
    *a = (qf_ahead){.produce = produce, .context = context};
    for (size_t i = 0; i < QF_AHEAD_ITEMS; i++) a->slots[i].item = items[i];
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    const int failure = pthread_create(&a->thread, NULL, run, a);
    if (failure) {
        free(a);
        return qf_fail(error, QF_MEMORY, "cannot start a thread: %s", strerror(failure));
    }
    *ahead = a;
    return QF_OK;
}

void qf_ahead_close(qf_ahead *a) {
    if (!a) return;
    pthread_mutex_lock(&a->lock);
    a->closing = true;
    pthread_cond_signal(&a->changed);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->changed);
    free(a);
}

qf_status qf_ahead_next(qf_ahead *a, void **item, qf_error *error) {
    pthread_mutex_lock(&a->lock);
    if (a->taken) {
        a->used++;
        a->taken = false;
        pthread_cond_signal(&a->changed);
    }
    while (a->made == a->used) pthread_cond_wait(&a->changed, &a->lock);
    pthread_mutex_unlock(&a->lock);
    slot *s = &a->slots[a->used % QF_AHEAD_ITEMS];
    *item = NULL;
    if (s->status != QF_OK) {
        *error = s->error;
        return s->status;
    }
    a->taken = s->more;
    if (s->more) *item = s->item;
    return QF_OK;
}
