#include "learn/kernel_rows.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* Slots form a ring from the most recently used one to the least; slot 0 is where it begins and
 * ends, and holds nothing. */
typedef struct slot {
    size_t row;
    bool taken, made; /* has a row; its values are there */
    size_t holders;
    size_t newer, older;
} slot;

struct qf_kernel_rows {
    const qf_kernel_source *source;
    size_t width;    /* numbers of a row */
    float *values;   /* [slots][width] */
    slot *slots;     /* the ring's beginning, then slots */
    size_t *slot_of; /* [count]: the row's slot, 0 for none */
    pthread_mutex_t lock;
    pthread_cond_t made;
};

static void unlink_slot(slot *slots, size_t i) {
    slots[slots[i].newer].older = slots[i].older;
    slots[slots[i].older].newer = slots[i].newer;
}

static void link_newest(slot *slots, size_t i) {
    slots[i].newer = 0;
    slots[i].older = slots[0].older;
    slots[slots[0].older].newer = i;
    slots[0].older = i;
}

qf_status qf_kernel_rows_new(const qf_kernel_source *source, size_t bytes, size_t solvers,
                             qf_kernel_rows **rows, qf_error *error) {
    qf_kernel_rows *r = *rows = qf_new_array(1, sizeof *r, error);
    if (!r) return QF_MEMORY;
    const size_t width = (source->stride + 7) / 8 * 8;
    size_t count = bytes / (width * sizeof *r->values);
    if (count > source->count) count = source->count;
    if (count < 2 * solvers) count = 2 * solvers;
    r->source = source;
    r->width = width;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->made, NULL);
    r->values = qf_new_array(count * width, sizeof *r->values, error);
    r->slots = qf_new_array(count + 1, sizeof *r->slots, error);
    r->slot_of = qf_new_array(source->count, sizeof *r->slot_of, error);
    if (!r->values || !r->slots || !r->slot_of) {
        qf_kernel_rows_free(r);
        *rows = NULL;
        return QF_MEMORY;
    }
    for (size_t i = 1; i <= count; i++) link_newest(r->slots, i);
    return QF_OK;
}

void qf_kernel_rows_free(qf_kernel_rows *rows) {
    if (!rows) return;
    pthread_mutex_destroy(&rows->lock);
    pthread_cond_destroy(&rows->made);
    free(rows->values);
    free(rows->slots);
    free(rows->slot_of);
    free(rows);
}

/* Gives the row the least recently used slot that nobody holds: there is one, as there are two
 * slots a solver. */
static size_t make_room(qf_kernel_rows *rows, size_t row) {
    size_t i = rows->slots[0].newer;
    while (rows->slots[i].holders > 0) i = rows->slots[i].newer;
    slot *s = &rows->slots[i];
    if (s->taken) rows->slot_of[s->row] = 0;
    s->row = row;
    s->taken = true;
    s->made = false;
    return rows->slot_of[row] = i;
}

const float *qf_kernel_rows_take(qf_kernel_rows *rows, size_t i, double *scratch) {
    pthread_mutex_lock(&rows->lock);
    const bool kept = rows->slot_of[i] != 0;
    const size_t place = kept ? rows->slot_of[i] : make_room(rows, i);
    float *values = rows->values + (place - 1) * rows->width;
    slot *s = &rows->slots[place];
    s->holders++;
    unlink_slot(rows->slots, place);
    link_newest(rows->slots, place);
    if (!kept) {
        pthread_mutex_unlock(&rows->lock);
        rows->source->row(rows->source->context, i, scratch, values);
        pthread_mutex_lock(&rows->lock);
        s->made = true;
        pthread_cond_broadcast(&rows->made);
    }
    while (!s->made) pthread_cond_wait(&rows->made, &rows->lock);
    pthread_mutex_unlock(&rows->lock);
    return values;
}

void qf_kernel_rows_give_back(qf_kernel_rows *rows, size_t i) {
    pthread_mutex_lock(&rows->lock);
    rows->slots[rows->slot_of[i]].holders--;
    pthread_mutex_unlock(&rows->lock);
}
