/* The mean of plain models: what the sum of contributions gives, for who may see them all. */
#include "base/memory.h"
#include "federated/federated_wire.h"
#include "model/model_wire.h"

#include <stdlib.h>

/* A mean in the making. */
typedef struct averaging {
    qf_reader *reader;
    const qf_mean_options *options;
    qf_grid grid;
    qf_sum sum;                /* without ciphertexts */
    int64_t *integers, *total; /* [sum.subject.count] of one model, of all */
    size_t models;
    qf_origins origins; /* of the first model */
    bool same_origins;
} averaging;

/* The grid on which totals fit whatever the models are. */
static qf_status choose_grid(const qf_mean_options *o, qf_grid *grid, qf_error *error) {
    int64_t weight = o->weights ? 0 : QF_MAX_CONTRIBUTORS;
    for (size_t i = 0; o->weights && i < o->count; i++) {
        if (o->weights[i] < 1 || o->weights[i] > QF_MAX_WEIGHT - weight) {
            return qf_fail(error, QF_USAGE, "weights are from 1, and together up to %lld",
                           (long long)QF_MAX_WEIGHT);
        }
        weight += o->weights[i];
    }
    if (weight == 0) return qf_fail(error, QF_USAGE, "a list of weights without any");
    *grid = (qf_grid){o->grid_bits, ((int64_t)1 << 61) / weight};
    return QF_OK;
}

static qf_status describe_contributor(const averaging *a, qf_contributor *c, qf_error *error) {
    const qf_mean_options *o = a->options;
    const bool listed = o->weights || o->parties;
    if ((listed && a->models >= o->count) || a->models >= QF_MAX_CONTRIBUTORS) {
        return qf_fail(error, QF_MISMATCH, "more models than %zu",
                       listed ? o->count : (size_t)QF_MAX_CONTRIBUTORS);
    }
    *c = (qf_contributor){.party = (uint32_t)(o->parties ? o->parties[a->models] : 0),
                          .weight = o->weights ? o->weights[a->models] : 1};
    if (!o->parties) c->party = (uint32_t)(a->models + 1);
    return QF_OK;
}

static qf_status take_first(averaging *a, const qf_model *model, qf_error *error) {
    QF_TRY(qf_subject_set_model(&a->sum.subject, model, true, error));
    a->sum.subject.round = a->options->round;
    a->integers = qf_new_array(a->sum.subject.count, sizeof *a->integers, error);
    a->total = qf_new_array(a->sum.subject.count, sizeof *a->total, error);
    return a->integers && a->total ? QF_OK : QF_MEMORY;
}

/* The first model sets the subject; others are like it. */
static qf_status take_subject(averaging *a, const qf_model *model, const qf_contributor *c,
                              qf_error *error) {
    if (a->models == 0) return take_first(a, model, error);
    qf_subject subject = {.round = a->options->round};
    qf_status status = qf_subject_set_model(&subject, model, true, error);
    if (status == QF_OK) status = qf_subject_match(&subject, &a->sum.subject, error);
    if (status == QF_OK) {
        status = qf_model_remember_start(&a->sum.subject.model, &subject.model, error);
    }
    if (status == QF_OK && c->party < a->sum.contributors[0].party) {
        a->sum.subject.model.seed = model->seed;
    }
    qf_subject_free(&subject);
    return status;
}

static qf_status take_origins(averaging *a, qf_error *error) {
    const qf_origins *its = &a->reader->origins;
    if (a->models > 0) {
        a->same_origins &= qf_origins_equal(&a->origins, its);
        return QF_OK;
    }
    a->same_origins = true;
    for (size_t i = 0; i < its->count; i++) {
        QF_TRY(qf_origins_add(&a->origins, &its->digests[i], error));
    }
    return QF_OK;
}

static qf_status add_model(averaging *a, const qf_model *model, qf_error *error) {
    qf_contributor c;
    QF_TRY(describe_contributor(a, &c, error));
    QF_TRY(take_subject(a, model, &c, error));
    QF_TRY(take_origins(a, error));
    QF_TRY(qf_subject_integers(model, &a->grid, c.weight, a->integers, error));
    for (size_t i = 0; i < a->sum.subject.count; i++) a->total[i] += a->integers[i];
    return qf_sum_add_contributor(&a->sum, &c, error);
}

static qf_status add_next(averaging *a, qf_error *error) {
    qf_model model;
    QF_TRY(qf_model_read_stream(a->reader, &model, error));
    const qf_status status = add_model(a, &model, error);
    qf_model_free(&model);
    a->models++;
    return status == QF_OK ? QF_OK : qf_error_context(error, "model %zu", a->models);
}

static qf_status add_all(averaging *a, qf_error *error) {
    const qf_mean_options *o = a->options;
    for (bool more = true; more;) {
        QF_TRY(add_next(a, error));
        QF_TRY(qf_reader_next_stream(a->reader, "model", &more, error));
    }
    if ((!o->weights && !o->parties) || a->models == o->count) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "%zu models, expected %zu", a->models, o->count);
}

qf_status qf_models_mean(qf_reader *reader, const qf_mean_options *options, qf_model *mean,
                         qf_error *error) {
    averaging a = {.reader = reader, .options = options};
    qf_status status = choose_grid(options, &a.grid, error);
    if (status == QF_OK) status = add_all(&a, error);
    if (status == QF_OK && !a.same_origins) qf_subject_forget_rows(&a.sum.subject);
    if (status == QF_OK) status = qf_sum_model(&a.sum, &a.grid, a.total, mean, error);
    free(a.integers);
    free(a.total);
    qf_origins_free(&a.origins);
    qf_sum_free(&a.sum);
    return status;
}
