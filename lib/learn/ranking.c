#include "learn/ranking.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 6, VALUES = 1 << DIGIT_BITS };

/* `key` falls as the score rises. */
typedef struct scored {
    uint64_t key;
    uint8_t label;
} scored;

/* The bits of numbers from 0 on are in the numbers' order; adding 0 makes -0 one of them. */
static uint64_t key_of(double score) {
    uint64_t bits;
    score += 0.0;
    memcpy(&bits, &score, sizeof bits);
    return ~bits;
}

static double score_of(uint64_t key) {
    double score;
    key = ~key;
    memcpy(&score, &key, sizeof score);
    return score;
}

static size_t digit(uint64_t key, int index) {
    return (size_t)(key >> (DIGIT_BITS * index)) & (VALUES - 1);
}

static bool is_sorted(const scored *rows, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (rows[i].key < rows[i - 1].key) return false;
    }
    return true;
}

static void order_by(const scored *rows, scored *sorted, size_t count, int d, size_t *starts) {
    size_t start = 0;
    for (size_t v = 0; v < VALUES; v++) {
        const size_t here = starts[v];
        starts[v] = start;
        start += here;
    }
    for (size_t i = 0; i < count; i++) sorted[starts[digit(rows[i].key, d)]++] = rows[i];
}

/* Sorts by key, from the lowest digit to the highest; a digit that all keys share costs nothing. */
static qf_status sort_rows(scored **rows, size_t count, qf_error *error) {
    scored *from = *rows, *to = qf_new_array(count, sizeof *to, error);
    size_t(*starts)[VALUES] = qf_new_array(DIGITS, sizeof *starts, error);
    const bool complete = to && starts;
    for (size_t i = 0; complete && i < count; i++) {
        for (int d = 0; d < DIGITS; d++) starts[d][digit(from[i].key, d)]++;
    }
    for (int d = 0; complete && d < DIGITS; d++) {
        if (starts[d][digit(from[0].key, d)] == count) continue;
        order_by(from, to, count, d, starts[d]);
        scored *const sorted = to;
        to = from;
        from = sorted;
    }
    free(to);
    free(starts);
    *rows = from;
    return complete ? QF_OK : QF_MEMORY;
}

static void make_blocks(qf_ranking *r, const scored *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || rows[i].key != rows[i - 1].key) {
            r->blocks[r->count++] = (qf_ranking_block){
                .score = score_of(rows[i].key), .rows_above = i, .frauds_above = r->frauds};
        }
        r->blocks[r->count - 1].rows++;
        r->blocks[r->count - 1].frauds += rows[i].label;
        r->frauds += rows[i].label;
    }
    r->rows = count;
}

qf_status qf_ranking_init(qf_ranking *ranking, const qf_scores *scores, qf_error *error) {
    const size_t count = scores->count;
    *ranking = (qf_ranking){.blocks = qf_new_array(count, sizeof *ranking->blocks, error)};
    scored *rows = qf_new_array(count, sizeof *rows, error);
    qf_status status = ranking->blocks && rows ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        rows[i] = (scored){key_of(scores->probabilities[i]), scores->labels[i]};
    }
    if (status == QF_OK && !is_sorted(rows, count)) status = sort_rows(&rows, count, error);
    if (status == QF_OK) make_blocks(ranking, rows, count);
    free(rows);
    if (status != QF_OK) qf_ranking_free(ranking);
    return status;
}

void qf_ranking_free(qf_ranking *ranking) {
    free(ranking->blocks);
    *ranking = (qf_ranking){0};
}
