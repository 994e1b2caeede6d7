#include "federated/terms.h"

#include "ckks/noise.h"
#include "crypto/bytes.h"
#include "crypto/hash.h"

#include <math.h>
#include <string.h>

enum { FIELDS = 9 };

/* A field of a header that is a number, and what it may be. */
typedef struct field {
    const char *name;
    int64_t value, least, most;
} field;

static void list_fields(const qf_terms *t, field fields[FIELDS]) {
    const field all[FIELDS] = {
        {"parties", t->parties, 1, QF_MAX_PARTIES},
        {"threshold", t->threshold, 1, t->parties},
        {"contributors", t->contributors, 2, t->most_contributors},
        {"most_contributors", t->most_contributors, 2, QF_MAX_CONTRIBUTORS},
        {"most_weight", t->weight, t->most_contributors, QF_MAX_WEIGHT},
        {"grid_bits", t->grid_bits, 1, QF_MAX_GRID_BITS},
        {"decryptions", (int64_t)t->flooding.decryptions, 1, QF_MAX_DECRYPTIONS},
        {"statistical_bits", (int64_t)t->flooding.statistical_bits, QF_LEAST_STATISTICAL_BITS,
         QF_FLOOD_MAX_BITS},
        {"generation", t->generation, 0, QF_MAX_GENERATION},
    };
    for (size_t i = 0; i < FIELDS; i++) fields[i] = all[i];
}

static qf_status check_ranges(const qf_terms *terms, qf_error *error) {
    field fields[FIELDS];
    list_fields(terms, fields);
    for (size_t i = 0; i < FIELDS; i++) {
        const field *f = &fields[i];
        if (f->value >= f->least && f->value <= f->most) continue;
        return qf_fail(error, QF_USAGE, "terms: %s is %lld, not from %lld to %lld", f->name,
                       (long long)f->value, (long long)f->least, (long long)f->most);
    }
    return QF_OK;
}

/* The budget is computed in doubles, by functions whose last bit differs between libraries: a limit
 * of fewer bits is the same for all. */
static int64_t round_limit(double most) {
    const int kept = 20, exponent = most >= 1 ? ilogb(most) : 0;
    const double step = exponent > kept ? ldexp(1, exponent - kept) : 1;
    return (int64_t)(floor(most / step) * step);
}

qf_status qf_terms_plan(const qf_ckks *ckks, const qf_terms *terms, qf_plan *plan,
                        qf_error *error) {
    qf_budget budget;
    QF_TRY(check_ranges(terms, error));
    const qf_flooding flooding = qf_terms_flooding(terms);
    QF_TRY(qf_threshold_budget(ckks, terms->parties, terms->threshold, terms->most_contributors,
                               &flooding, &budget, error));
    const double sum = fmin(budget.sum / 2, 0x1p61);
    *plan = (qf_plan){.grid = {terms->grid_bits, round_limit(sum / (double)terms->weight)},
                      .scale_bits = budget.scale_bits,
                      .flood_bits = budget.flood_bits,
                      .deviation = qf_noise_public(ckks, terms->parties)};
    if (plan->grid.limit >= (int64_t)1 << terms->grid_bits) return QF_OK;
    return qf_fail(error, QF_DATA,
                   "terms: no room for numbers up to 1: sums have 2^%.1f, for weights that add up "
                   "to %lld and a grid of %u bits",
                   log2(sum), (long long)terms->weight, terms->grid_bits);
}

qf_flooding qf_terms_flooding(const qf_terms *terms) {
    qf_flooding all = terms->flooding;
    all.decryptions *= terms->parties - terms->threshold + 1;
    return all;
}

qf_status qf_terms_describe(const qf_terms *terms, qf_record *record, qf_error *error) {
    field fields[FIELDS];
    list_fields(terms, fields);
    for (size_t i = 0; i < FIELDS; i++) {
        QF_TRY(qf_record_set_integer(record, fields[i].name, fields[i].value, error));
    }
    char roster[2 * QF_ID_SIZE + 1];
    qf_hex_print(terms->roster.bytes, QF_ID_SIZE, roster);
    return qf_record_set_text(record, "roster", roster, error);
}

static qf_status get_values(const qf_record *record, int64_t values[FIELDS], qf_error *error) {
    const qf_terms none = {0};
    field fields[FIELDS];
    list_fields(&none, fields);
    for (size_t i = 0; i < FIELDS; i++) {
        const qf_field *f = qf_record_find(record, fields[i].name);
        if (!f || f->kind != QF_FIELD_INTEGER || f->integer < 0 ||
            f->integer > QF_MAX_DECRYPTIONS) {
            return qf_fail(error, QF_DATA, "terms: \"%s\" is missing or out of range",
                           fields[i].name);
        }
        values[i] = f->integer;
    }
    return QF_OK;
}

static unsigned narrow(int64_t value) {
    return value > QF_MAX_WEIGHT ? (unsigned)QF_MAX_WEIGHT : (unsigned)value;
}

/* From values 0 .. QF_MAX_DECRYPTIONS of a stream or a file. */
static qf_status set_values(const int64_t values[FIELDS], qf_terms *terms, qf_error *error) {
    *terms = (qf_terms){.parties = narrow(values[0]),
                        .threshold = narrow(values[1]),
                        .contributors = narrow(values[2]),
                        .most_contributors = narrow(values[3]),
                        .weight = values[4],
                        .grid_bits = narrow(values[5]),
                        .flooding = {(double)values[6], (double)values[7]},
                        .generation = values[8]};
    if (check_ranges(terms, error) == QF_OK) return QF_OK;
    return error->status = QF_DATA; /* they came from no user */
}

qf_status qf_terms_parse(const qf_record *record, qf_terms *terms, qf_error *error) {
    int64_t values[FIELDS];
    QF_TRY(get_values(record, values, error));
    QF_TRY(set_values(values, terms, error));
    if (qf_hex_parse(qf_record_text(record, "roster"), terms->roster.bytes, QF_ID_SIZE)) {
        return QF_OK;
    }
    return qf_fail(error, QF_DATA, "terms: \"roster\" is not 64 hexadecimal digits");
}

void qf_terms_pack(const qf_terms *terms, unsigned char to[QF_TERMS_SIZE]) {
    field fields[FIELDS];
    list_fields(terms, fields);
    for (size_t i = 0; i < FIELDS; i++) qf_put_u64(to + 8 * i, (uint64_t)fields[i].value);
    memcpy(to + 8 * (size_t)FIELDS, terms->roster.bytes, QF_ID_SIZE);
}

qf_status qf_terms_unpack(const unsigned char from[QF_TERMS_SIZE], qf_terms *terms,
                          qf_error *error) {
    int64_t values[FIELDS];
    for (size_t i = 0; i < FIELDS; i++) {
        const uint64_t value = qf_get_u64(from + 8 * i);
        if (value > (uint64_t)QF_MAX_DECRYPTIONS) {
            return qf_fail(error, QF_DATA, "terms: a number is out of range");
        }
        values[i] = (int64_t)value;
    }
    QF_TRY(set_values(values, terms, error));
    memcpy(terms->roster.bytes, from + 8 * (size_t)FIELDS, QF_ID_SIZE);
    return QF_OK;
}

qf_status qf_terms_match(const qf_terms *terms, const qf_terms *expected, qf_error *error) {
    field fields[FIELDS], others[FIELDS];
    list_fields(terms, fields);
    list_fields(expected, others);
    for (size_t i = 0; i < FIELDS; i++) {
        if (fields[i].value == others[i].value) continue;
        return qf_fail(error, QF_MISMATCH, "terms: %s is %lld, not %lld", fields[i].name,
                       (long long)fields[i].value, (long long)others[i].value);
    }
    if (qf_id_equal(&terms->roster, &expected->roster)) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "terms: another roster");
}

qf_status qf_terms_seed(const qf_ckks *ckks, const qf_terms *terms,
                        unsigned char seed[QF_SEED_SIZE], qf_error *error) {
    static const char purpose[16] = "qf ceremony 1";
    unsigned char bytes[sizeof purpose + QF_ID_SIZE + QF_TERMS_SIZE];
    memcpy(bytes, purpose, sizeof purpose);
    memcpy(bytes + sizeof purpose, ckks->id.bytes, QF_ID_SIZE);
    qf_terms_pack(terms, bytes + sizeof purpose + QF_ID_SIZE);
    return qf_hash_bytes(bytes, sizeof bytes, seed, error);
}
