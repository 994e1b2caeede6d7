#include "crypto/share.h"

#include "base/memory.h"
#include "crypto/bytes.h"
#include "crypto/fixed_point.h"

#include <stdlib.h>
#include <string.h>

enum { SALT_BITS = 256 };
static const uint64_t max_elements = UINT64_C(1) << 40;

/* Elements that hold the random bits of a commitment: each holds less than the prime's bits. */
static size_t salt_count(const qf_sharing *sharing) {
    const unsigned bits = qf_field_of(sharing->prime).bits - 1;
    return (SALT_BITS + bits - 1) / bits;
}

qf_status qf_share_count(const qf_sharing *sharing, const qf_contents *layout, size_t *count,
                         qf_error *error) {
    uint64_t all = salt_count(sharing);
    for (size_t i = 0; i < layout->arrays.count; i++) {
        const qf_array *array = &layout->arrays.items[i];
        if (array->rows > max_elements || array->columns > max_elements ||
            (array->columns && array->rows > max_elements / array->columns) ||
            (all += (uint64_t)array->rows * array->columns) > max_elements) {
            return qf_fail(error, QF_DATA, "array \"%s\" has an impossible shape", array->name);
        }
    }
    *count = (size_t)all;
    return QF_OK;
}

static qf_status commit(const unsigned char set[QF_SET_NAME], const uint64_t *elements,
                        size_t count, unsigned char commitment[QF_HASH_SIZE], qf_error *error) {
    static const char label[16] = "qf share 1";
    enum { BATCH = 512 };
    unsigned char bytes[8 * BATCH];
    qf_hash hash = {0};
    qf_status status = qf_hash_begin(&hash, error);
    if (status == QF_OK) status = qf_hash_add(&hash, label, sizeof label, error);
    if (status == QF_OK) status = qf_hash_add(&hash, set, QF_SET_NAME, error);
    for (size_t first = 0; first < count && status == QF_OK; first += BATCH) {
        const size_t batch = count - first < BATCH ? count - first : BATCH;
        for (size_t i = 0; i < batch; i++) qf_put_u64(bytes + 8 * i, elements[first + i]);
        status = qf_hash_add(&hash, bytes, 8 * batch, error);
    }
    if (status == QF_OK) status = qf_hash_end(&hash, commitment, error);
    qf_hash_free(&hash);
    qf_secret_wipe(bytes, sizeof bytes);
    return status;
}

/* ---- Sharing ---- */

static qf_status encode(const qf_sharing *sharing, const qf_contents *secret, uint64_t *elements,
                        qf_error *error) {
    const qf_prime_field field = qf_field_of(sharing->prime);
    const size_t salt = salt_count(sharing);
    QF_TRY(qf_field_random(&field, elements, salt, error));
    elements += salt;
    for (size_t i = 0; i < secret->arrays.count; i++) {
        const qf_array *array = &secret->arrays.items[i];
        QF_TRY(qf_fixed_encode(sharing, array, elements, error));
        elements += array->rows * array->columns;
    }
    return QF_OK;
}

static qf_status prepare(const qf_sharing *sharing, const qf_contents *secret, size_t count,
                         size_t party, qf_share *share, qf_error *error) {
    share->sharing = *sharing;
    share->index = (uint32_t)party + 1;
    share->count = count;
    share->sets = qf_new_array(1, sizeof *share->sets, error);
    if (!share->sets) return QF_MEMORY;
    share->set_count = 1;
    QF_TRY(qf_contents_layout(secret, &share->layout, error));
    return qf_secret_new(count * sizeof(uint64_t), &share->elements, error);
}

static qf_status split(const qf_sharing *sharing, const uint64_t *elements, size_t count,
                       qf_share *shares, qf_error *error) {
    const qf_prime_field field = qf_field_of(sharing->prime);
    unsigned char set[QF_SET_NAME], commitment[QF_HASH_SIZE];
    QF_TRY(qf_secret_random(set, sizeof set, error));
    QF_TRY(commit(set, elements, count, commitment, error));
    uint64_t **to = qf_new_array(sharing->parties, sizeof *to, error);
    if (!to) return QF_MEMORY;
    for (size_t i = 0; i < sharing->parties; i++) {
        memcpy(shares[i].sets, set, sizeof set);
        memcpy(shares[i].commitment, commitment, sizeof commitment);
        to[i] = qf_share_elements(&shares[i]);
    }
    const qf_status status =
        qf_shamir_split(&field, sharing->threshold, sharing->parties, elements, count, to, error);
    free(to);
    return status;
}

qf_status qf_share_split(const qf_sharing *sharing, const qf_contents *secret, qf_share *shares,
                         qf_error *error) {
    if (qf_fixed_limit(sharing) < 1) {
        return qf_fail(error, QF_USAGE, "the prime %llu has no room for sums of %llu",
                       (unsigned long long)sharing->prime,
                       (unsigned long long)sharing->summands_limit);
    }
    size_t count;
    QF_TRY(qf_share_count(sharing, secret, &count, error));
    qf_secret elements;
    QF_TRY(qf_secret_new(count * sizeof(uint64_t), &elements, error));
    uint64_t *values = (uint64_t *)(void *)elements.data;
    qf_status status = encode(sharing, secret, values, error);
    for (size_t i = 0; i < sharing->parties && status == QF_OK; i++) {
        status = prepare(sharing, secret, count, i, &shares[i], error);
    }
    if (status == QF_OK) status = split(sharing, values, count, shares, error);
    qf_secret_free(&elements);
    return status;
}

void qf_share_free(qf_share *share) {
    free(share->sets);
    qf_contents_free(&share->layout);
    qf_secret_free(&share->elements);
    *share = (qf_share){0};
}

/* ---- What fits together ---- */

static bool same_sharing(const qf_sharing *a, const qf_sharing *b) {
    return a->threshold == b->threshold && a->parties == b->parties && a->prime == b->prime &&
           a->fraction_bits == b->fraction_bits && a->summands_limit == b->summands_limit;
}

static bool is_integer(const qf_array *array) {
    return array->type != QF_F32 && array->type != QF_F64;
}

/* Type, schema, parameters and the shapes of arrays; of those of integers only where `exactly`. */
static qf_status compare_layouts(const qf_contents *a, const qf_contents *b, bool exactly,
                                 qf_error *error) {
    bool schema, parameters;
    QF_TRY(qf_records_equal(&a->schema, &b->schema, &schema, error));
    QF_TRY(qf_records_equal(&a->parameters, &b->parameters, &parameters, error));
    if (strcmp(a->type, b->type) != 0 || !schema || !parameters ||
        a->record_count != b->record_count || a->arrays.count != b->arrays.count) {
        return qf_fail(error, QF_MISMATCH, "the secrets differ in type, schema or parameters");
    }
    for (size_t i = 0; i < a->arrays.count; i++) {
        const qf_array *one = &a->arrays.items[i], *two = &b->arrays.items[i];
        const bool shape = one->rows == two->rows && one->columns == two->columns;
        if (strcmp(one->name, two->name) == 0 && one->type == two->type &&
            (shape || (!exactly && is_integer(one)))) {
            continue;
        }
        return qf_fail(error, QF_MISMATCH,
                       "array \"%s\" has another shape or type in another share", one->name);
    }
    return QF_OK;
}

/* ---- Sums ---- */

/* Merges two ascending lists of sets. */
static qf_status merge_sets(qf_share *sum, const qf_share *other, qf_error *error) {
    const size_t all = sum->set_count + other->set_count;
    if (all > sum->sharing.summands_limit) {
        return qf_fail(error, QF_MISMATCH,
                       "a sum of %zu secrets, but these were shared for up to %llu", all,
                       (unsigned long long)sum->sharing.summands_limit);
    }
    unsigned char(*merged)[QF_SET_NAME] = qf_new_array(all, sizeof *merged, error);
    if (!merged) return QF_MEMORY;
    size_t a = 0, b = 0, count = 0;
    while (a < sum->set_count || b < other->set_count) {
        const int order = a == sum->set_count ? 1
                          : b == other->set_count
                              ? -1
                              : memcmp(sum->sets[a], other->sets[b], QF_SET_NAME);
        if (order == 0) {
            free(merged);
            return qf_fail(error, QF_MISMATCH, "the same secret would be added twice");
        }
        memcpy(merged[count++], order < 0 ? sum->sets[a++] : other->sets[b++], QF_SET_NAME);
    }
    free(sum->sets);
    sum->sets = merged;
    sum->set_count = all;
    return QF_OK;
}

/* Takes the integers out, layout and elements. */
static void drop_integers(qf_share *share) {
    uint64_t *elements = qf_share_elements(share);
    size_t from = salt_count(&share->sharing), to = from;
    for (size_t i = 0; i < share->layout.arrays.count; i++) {
        qf_array *array = &share->layout.arrays.items[i];
        const size_t length = array->rows * array->columns;
        if (is_integer(array)) {
            array->rows = 0;
        } else {
            memmove(elements + to, elements + from, length * sizeof *elements);
            to += length;
        }
        from += length;
    }
    share->count = to;
}

static size_t first_element(const qf_share *share, size_t array) {
    size_t at = salt_count(&share->sharing);
    for (size_t i = 0; i < array; i++) {
        at += share->layout.arrays.items[i].rows * share->layout.arrays.items[i].columns;
    }
    return at;
}

static void add_elements(uint64_t *to, const uint64_t *from, size_t count,
                         const qf_prime_field *field) {
    for (size_t i = 0; i < count; i++) to[i] = qf_field_add(field, to[i], from[i]);
}

qf_status qf_share_add(qf_share *sum, const qf_share *other, qf_error *error) {
    const qf_prime_field field = qf_field_of(sum->sharing.prime);
    if (!same_sharing(&sum->sharing, &other->sharing) || sum->index != other->index) {
        return qf_fail(error, QF_MISMATCH,
                       "shares of party %u and %u, or shared differently, have no sum", sum->index,
                       other->index);
    }
    QF_TRY(compare_layouts(&sum->layout, &other->layout, false, error));
    if (strcmp(sum->layout.type, "model") != 0) {
        return qf_fail(error, QF_MISMATCH, "shares of a %s have no sum", sum->layout.type);
    }
    QF_TRY(merge_sets(sum, other, error));
    memset(sum->commitment, 0, sizeof sum->commitment);
    for (size_t i = 0; i < sum->layout.record_count; i++) {
        bool equal;
        QF_TRY(qf_records_equal(&sum->layout.records[i], &other->layout.records[i], &equal, error));
        if (!equal) qf_record_free(&sum->layout.records[i]);
    }
    drop_integers(sum);
    uint64_t *to = qf_share_elements(sum);
    const uint64_t *from = qf_share_elements(other);
    add_elements(to, from, salt_count(&sum->sharing), &field);
    for (size_t i = 0; i < sum->layout.arrays.count; i++) {
        const qf_array *array = &sum->layout.arrays.items[i];
        add_elements(to + first_element(sum, i), from + first_element(other, i),
                     array->rows * array->columns, &field);
    }
    return QF_OK;
}

/* ---- Recovering ---- */

static qf_status check_set(const qf_share *shares, size_t count, qf_error *error) {
    const qf_share *first = &shares[0];
    for (size_t i = 1; i < count; i++) {
        const qf_share *share = &shares[i];
        const bool same =
            same_sharing(&first->sharing, &share->sharing) && first->count == share->count &&
            first->set_count == share->set_count &&
            memcmp(first->sets, share->sets, first->set_count * sizeof *first->sets) == 0 &&
            memcmp(first->commitment, share->commitment, QF_HASH_SIZE) == 0;
        if (!same) {
            return qf_fail(error, QF_MISMATCH,
                           "share %zu (of party %u) is not of the first one's set", i + 1,
                           share->index);
        }
        QF_TRY(compare_layouts(&first->layout, &share->layout, true, error));
        for (size_t j = 0; j < i; j++) {
            if (shares[j].index != share->index) continue;
            return qf_fail(error, QF_MISMATCH, "the share of party %u is there twice",
                           share->index);
        }
    }
    if (count >= first->sharing.threshold) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "%zu shares are needed, got %zu", first->sharing.threshold,
                   count);
}

/* What a recovery works with: the shares but one, and room for what they give. */
typedef struct recovery {
    const qf_share *shares;
    size_t count, threshold, elements;
    uint32_t *points;         /* [count] */
    const uint64_t **values;  /* [count] */
    uint64_t *weights;        /* [threshold] */
    uint64_t *secret, *check; /* [elements] */
} recovery;

/* Whether the shares other than number `without` agree: their polynomials have the degree that they
 * should, and the secret is what was committed to. Leaves it in r->secret. */
static qf_status attempt(recovery *r, size_t without, bool *agree, qf_error *error) {
    const qf_share *first = &r->shares[0];
    const qf_prime_field field = qf_field_of(first->sharing.prime);
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (i == without) continue;
        r->points[count] = r->shares[i].index;
        r->values[count++] = qf_share_elements(&r->shares[i]);
    }
    qf_shamir_weights(&field, r->points, r->threshold, 0, r->weights);
    qf_shamir_combine(&field, r->weights, r->values, r->threshold, r->elements, r->secret);
    *agree = true;
    if (first->set_count == 1) {
        unsigned char commitment[QF_HASH_SIZE];
        QF_TRY(commit(first->sets[0], r->secret, r->elements, commitment, error));
        *agree = memcmp(commitment, first->commitment, sizeof commitment) == 0;
    }
    for (size_t i = r->threshold; i < count && *agree; i++) {
        qf_shamir_weights(&field, r->points, r->threshold, r->points[i], r->weights);
        qf_shamir_combine(&field, r->weights, r->values, r->threshold, r->elements, r->check);
        *agree = qf_secret_equal(r->check, r->values[i], r->elements * sizeof *r->check);
    }
    return QF_OK;
}

/* All shares, or all but the one wrong one, if it can be told. */
static qf_status find_agreement(recovery *r, uint32_t *wrong, qf_error *error) {
    /* A sum has no commitment: only a share more than the polynomial needs says that it is right.
     */
    const size_t enough = r->threshold + (r->shares[0].set_count > 1);
    bool agree;
    *wrong = 0;
    QF_TRY(attempt(r, r->count, &agree, error));
    if (agree) return QF_OK;
    for (size_t i = 0; i < r->count && r->count > enough; i++) {
        QF_TRY(attempt(r, i, &agree, error));
        *wrong = r->shares[i].index;
        if (agree) return QF_OK;
    }
    return qf_fail(error, QF_REFUSED,
                   "the shares do not agree: one or more were altered, and %zu are too few to tell "
                   "which",
                   r->count);
}

static qf_status decode(const qf_share *like, const uint64_t *elements, bool mean,
                        qf_contents *secret, qf_error *error) {
    QF_TRY(qf_contents_layout(&like->layout, secret, error));
    elements += salt_count(&like->sharing);
    for (size_t i = 0; i < secret->arrays.count; i++) {
        qf_array *array = &secret->arrays.items[i];
        const size_t length = array->rows * array->columns;
        array->data = qf_new_array(length, qf_array_type_size(array->type), error);
        if (!array->data) return QF_MEMORY;
        QF_TRY(qf_fixed_decode(&like->sharing, elements, like->set_count,
                               mean ? (double)like->set_count : 1, array, error));
        elements += length;
    }
    return QF_OK;
}

qf_status qf_share_recover(const qf_share *shares, size_t count, bool mean, qf_contents *secret,
                           uint32_t *wrong, qf_error *error) {
    QF_TRY(check_set(shares, count, error));
    recovery r = {.shares = shares,
                  .count = count,
                  .threshold = shares[0].sharing.threshold,
                  .elements = shares[0].count};
    qf_secret room;
    QF_TRY(qf_secret_new(2 * r.elements * sizeof *r.secret, &room, error));
    r.secret = (uint64_t *)(void *)room.data;
    r.check = r.secret + r.elements;
    r.points = qf_new_array(count, sizeof *r.points, error);
    r.values = qf_new_array(count, sizeof *r.values, error);
    r.weights = qf_new_array(r.threshold, sizeof *r.weights, error);
    qf_status status = r.points && r.values && r.weights ? QF_OK : QF_MEMORY;
    if (status == QF_OK) status = find_agreement(&r, wrong, error);
    if (status == QF_OK) status = decode(&shares[0], r.secret, mean, secret, error);
    free(r.weights);
    free(r.values);
    free(r.points);
    qf_secret_free(&room);
    return status;
}
