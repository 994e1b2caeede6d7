#include "crypto/cascade.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

qf_status qf_cascade_order_new(size_t n, uint64_t seed, qf_cascade_order *order, qf_error *error) {
    *order = (qf_cascade_order){.n = n};
    order->order = qf_new_array(QF_CASCADE_PASSES * n, sizeof *order->order, error);
    if (!order->order) return QF_MEMORY;
    for (size_t pass = 0; pass < QF_CASCADE_PASSES; pass++) {
        qf_random random = qf_random_stream(seed, "cascade", pass);
        uint32_t *places = order->order + pass * n;
        for (size_t i = 0; i < n; i++) places[i] = (uint32_t)i;
        for (size_t i = n; i > 1; i--) {
            const size_t j = (size_t)qf_random_below(&random, i);
            const uint32_t swapped = places[i - 1];
            places[i - 1] = places[j];
            places[j] = swapped;
        }
    }
    return QF_OK;
}

void qf_cascade_order_free(qf_cascade_order *order) {
    free(order->order);
    *order = (qf_cascade_order){0};
}

unsigned char qf_cascade_parity(const qf_cascade_order *order, const unsigned char *bits,
                                qf_cascade_block block) {
    const uint32_t *places = order->order + block.pass * order->n;
    unsigned char parity = 0;
    for (size_t i = block.begin; i < block.end; i++) parity ^= bits[places[i]];
    return parity;
}

/* How one pass cuts the bits into blocks. */
typedef struct cut {
    size_t size, count; /* places a block, blocks */
    uint32_t *place;    /* [n]: where each bit stands */
    unsigned char *odd; /* [count]: the parities of both parties differ */
    size_t odd_count;
} cut;

typedef struct correction {
    const qf_cascade_order *order;
    unsigned char *bits;
    qf_cascade_ask *ask;
    void *context;
    cut passes[QF_CASCADE_PASSES];
    size_t passes_begun;
    unsigned char total;      /* the other party's parity of all bits, known after the first pass */
    qf_cascade_block *blocks; /* [n], a batch of questions */
    unsigned char *parities;  /* [n], and their answers */
    qf_cascade_block *search; /* [n], where an odd number of errors is known to be */
    size_t corrected;
} correction;

static size_t block_size(size_t n, size_t pass, double error_rate) {
    const double half = ceil((double)n / 2), first = exp2(ceil(log2(1 / error_rate)));
    const double size = pass == 0 ? first : 4 * first;
    return (size_t)(pass > 1 || size > half ? half : size);
}

static qf_cascade_block block_of(const correction *c, size_t p, size_t b) {
    const size_t end = (b + 1) * c->passes[p].size;
    return (qf_cascade_block){.pass = (uint32_t)p,
                              .begin = (uint32_t)(b * c->passes[p].size),
                              .end = (uint32_t)(end < c->order->n ? end : c->order->n)};
}

static void set_odd(cut *p, size_t block, unsigned char odd) {
    p->odd_count += odd;
    p->odd_count -= p->odd[block];
    p->odd[block] = odd;
}

/* Asks for the parities of a pass's blocks; from the second pass on the last follows from the
 * others and the total, and is not asked for. */
static qf_status begin_pass(correction *c, size_t p, double error_rate, qf_error *error) {
    const size_t n = c->order->n;
    cut *now = &c->passes[p];
    now->size = block_size(n, p, error_rate);
    now->count = (n + now->size - 1) / now->size;
    now->place = qf_new_array(n, sizeof *now->place, error);
    now->odd = qf_new_array(now->count, 1, error);
    if (!now->place || !now->odd) return QF_MEMORY;
    for (size_t i = 0; i < n; i++) now->place[c->order->order[p * n + i]] = (uint32_t)i;
    for (size_t b = 0; b < now->count; b++) c->blocks[b] = block_of(c, p, b);
    const size_t asked = p == 0 ? now->count : now->count - 1;
    if (asked) QF_TRY(c->ask(c->context, c->blocks, asked, c->parities, error));
    unsigned char sum = 0;
    for (size_t b = 0; b < asked; b++) sum ^= c->parities[b];
    if (p == 0) {
        c->total = sum;
    } else {
        c->parities[now->count - 1] = sum ^ c->total;
    }
    for (size_t b = 0; b < now->count; b++) {
        set_odd(now, b, c->parities[b] ^ qf_cascade_parity(c->order, c->bits, c->blocks[b]));
    }
    c->passes_begun = p + 1;
    return QF_OK;
}

static void flip(correction *c, uint32_t bit) {
    c->bits[bit] ^= 1;
    c->corrected++;
    for (size_t p = 0; p < c->passes_begun; p++) {
        cut *now = &c->passes[p];
        const size_t block = now->place[bit] / now->size;
        set_odd(now, block, now->odd[block] ^ 1);
    }
}

/* Halves `count` odd blocks of one pass, all at once, until one wrong bit of each is found. */
static qf_status search(correction *c, size_t count, qf_error *error) {
    for (bool found = false; !found;) {
        size_t asked = 0;
        for (size_t i = 0; i < count; i++) {
            const qf_cascade_block *s = &c->search[i];
            if (s->end - s->begin < 2) continue;
            c->blocks[asked] = *s;
            c->blocks[asked++].end = s->begin + (s->end - s->begin) / 2;
        }
        found = asked == 0;
        if (!found) QF_TRY(c->ask(c->context, c->blocks, asked, c->parities, error));
        asked = 0;
        for (size_t i = 0; i < count; i++) {
            qf_cascade_block *s = &c->search[i];
            if (s->end - s->begin < 2) continue;
            const qf_cascade_block left = c->blocks[asked];
            const bool odd = c->parities[asked++] != qf_cascade_parity(c->order, c->bits, left);
            if (odd) {
                s->end = left.end;
            } else {
                s->begin = left.end;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        flip(c, c->order->order[c->search[i].pass * c->order->n + c->search[i].begin]);
    }
    return QF_OK;
}

/* Until no block of any pass is odd, those of the first, the smallest, first. */
static qf_status correct_odd_blocks(correction *c, qf_error *error) {
    for (size_t p = 0; p < c->passes_begun;) {
        const cut *now = &c->passes[p];
        if (now->odd_count == 0) {
            p++;
            continue;
        }
        size_t count = 0;
        for (size_t b = 0; b < now->count; b++) {
            if (now->odd[b]) c->search[count++] = block_of(c, p, b);
        }
        QF_TRY(search(c, count, error));
        p = 0;
    }
    return QF_OK;
}

qf_status qf_cascade_correct(const qf_cascade_order *order, unsigned char *bits, double error_rate,
                             qf_cascade_ask *ask, void *context, size_t *corrected,
                             qf_error *error) {
    correction c = {.order = order, .bits = bits, .ask = ask, .context = context};
    *corrected = 0;
    if (order->n == 0) return QF_OK;
    c.blocks = qf_new_array(order->n, sizeof *c.blocks, error);
    c.search = qf_new_array(order->n, sizeof *c.search, error);
    c.parities = qf_new_array(order->n, 1, error);
    qf_status status = c.blocks && c.search && c.parities ? QF_OK : QF_MEMORY;
    for (size_t p = 0; p < QF_CASCADE_PASSES && status == QF_OK; p++) {
        status = begin_pass(&c, p, error_rate, error);
        if (status == QF_OK) status = correct_odd_blocks(&c, error);
    }
    *corrected = c.corrected;
    for (size_t p = 0; p < QF_CASCADE_PASSES; p++) {
        free(c.passes[p].place);
        free(c.passes[p].odd);
    }
    free(c.blocks);
    free(c.search);
    free(c.parities);
    return status;
}
