#include "federated/subject.h"

#include "base/memory.h"
#include "federated/digest.h"

#include <stdlib.h>
#include <string.h>

void qf_subject_free(qf_subject *subject) {
    if (subject->model.kind) qf_model_free(&subject->model);
    *subject = (qf_subject){0};
}

qf_status qf_subject_arrays(const qf_model *model, bool frozen, qf_trainables *list,
                            qf_error *error) {
    qf_trainables all = {0};
    qf_status status = qf_model_trainable(model, &all, error);
    for (size_t i = 0; status == QF_OK && i < all.count; i++) {
        if (all.items[i].frozen == frozen) status = qf_trainables_add(list, &all.items[i], error);
    }
    qf_trainables_free(&all);
    if (status != QF_OK) qf_trainables_free(list);
    return status;
}

qf_status qf_subject_count(qf_subject *subject, qf_error *error) {
    qf_trainables list = {0};
    QF_TRY(qf_subject_arrays(&subject->model, false, &list, error));
    subject->count = 0;
    for (size_t i = 0; i < list.count; i++) {
        subject->count += list.items[i].rows * list.items[i].columns;
    }
    qf_trainables_free(&list);
    if (subject->count > 0) return QF_OK;
    return qf_fail(error, QF_DATA, "the model has no numbers that a fit adjusts");
}

/* A model of the same structure: frozen arrays as they are, other numbers zero. */
static qf_status copy_blank(const qf_model *from, qf_model *to, qf_error *error) {
    qf_trainables source = {0}, target = {0};
    QF_TRY(qf_model_init(to, from->kind, from->columns, (const char *const *)from->names,
                         from->target, &from->parameters, from->seed, error));
    qf_status status = qf_model_blank(to, error);
    if (status == QF_OK) status = qf_subject_arrays(from, true, &source, error);
    if (status == QF_OK) status = qf_subject_arrays(to, true, &target, error);
    if (status == QF_OK) status = qf_trainables_copy(&source, &target, error);
    qf_trainables_free(&source);
    qf_trainables_free(&target);
    if (status != QF_OK) qf_model_free(to);
    return status;
}

qf_status qf_subject_set_model(qf_subject *subject, const qf_model *model, bool disclosed,
                               qf_error *error) {
    subject->disclosed = disclosed;
    QF_TRY(copy_blank(model, &subject->model, error));
    if (disclosed) QF_TRY(qf_model_remember_start(&subject->model, model, error));
    return qf_subject_count(subject, error);
}

void qf_subject_forget_rows(qf_subject *subject) {
    subject->model.trained_rows.count = 0;
    subject->model.trained_parents.count = 0;
    subject->model.chosen_rows.count = 0;
}

/* ---- What must agree ---- */

static bool same_numbers(const qf_trainable *a, const qf_trainable *b) {
    bool same = a->rows == b->rows && a->columns == b->columns;
    for (size_t r = 0; same && r < a->rows; r++) {
        same = memcmp(a->values + r * a->stride, b->values + r * b->stride,
                      a->columns * sizeof *a->values) == 0;
    }
    return same;
}

static qf_status match_frozen(const qf_model *model, const qf_model *expected, qf_error *error) {
    qf_trainables ours = {0}, theirs = {0};
    qf_status status = qf_subject_arrays(expected, true, &ours, error);
    if (status == QF_OK) status = qf_subject_arrays(model, true, &theirs, error);
    if (status == QF_OK && ours.count != theirs.count) {
        status = qf_fail(error, QF_MISMATCH, "it has other frozen arrays");
    }
    for (size_t i = 0; status == QF_OK && i < ours.count; i++) {
        if (same_numbers(&ours.items[i], &theirs.items[i])) continue;
        status = qf_fail(error, QF_MISMATCH,
                         "its array \"%s\", which no fit adjusts, was drawn otherwise",
                         theirs.items[i].name);
    }
    qf_trainables_free(&ours);
    qf_trainables_free(&theirs);
    return status;
}

qf_status qf_subject_match(const qf_subject *subject, const qf_subject *expected, qf_error *error) {
    if (!qf_id_equal(&subject->key, &expected->key)) {
        return qf_fail(error, QF_MISMATCH, "it is under another key");
    }
    QF_TRY(qf_terms_match(&subject->terms, &expected->terms, error));
    if (subject->round != expected->round) {
        return qf_fail(error, QF_MISMATCH, "it is of round %llu, not %llu",
                       (unsigned long long)subject->round, (unsigned long long)expected->round);
    }
    QF_TRY(qf_model_check_alike(&expected->model, &subject->model, error));
    QF_TRY(match_frozen(&subject->model, &expected->model, error));
    if (subject->disclosed == expected->disclosed) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "its rows are %s, those of others are not",
                   subject->disclosed ? "disclosed" : "hidden");
}

/* ---- Numbers ---- */

/* Numbers that lie side by side: a whole array, or a row of a padded one, which the error names. */
static qf_status run_integers(const qf_trainable *t, size_t row, size_t count, const qf_grid *grid,
                              int64_t weight, int64_t *integers, qf_error *error) {
    if (qf_grid_integers(grid, t->values + row * t->stride, count, integers, error) != QF_OK) {
        if (count == t->columns && t->rows > 1) qf_error_context(error, "row %zu", row + 1);
        return qf_error_context(error, "array \"%s\"", t->name);
    }
    for (size_t i = 0; i < count; i++) integers[i] *= weight;
    return QF_OK;
}

qf_status qf_subject_integers(const qf_model *model, const qf_grid *grid, int64_t weight,
                              int64_t *integers, qf_error *error) {
    qf_trainables list = {0};
    qf_status status = qf_subject_arrays(model, false, &list, error);
    for (size_t i = 0; status == QF_OK && i < list.count; i++) {
        const qf_trainable *t = &list.items[i];
        const size_t rows = t->stride == t->columns ? t->rows : 1, run = rows * t->columns;
        for (size_t r = 0; status == QF_OK && r < t->rows; r += rows, integers += run) {
            status = run_integers(t, r, run, grid, weight, integers, error);
        }
    }
    qf_trainables_free(&list);
    return status;
}

size_t qf_subject_pieces(const qf_subject *subject, size_t n) {
    return (subject->count + n - 1) / n;
}

size_t qf_subject_piece_size(const qf_subject *subject, size_t n, size_t piece) {
    const size_t rest = subject->count - piece * n;
    return rest < n ? rest : n;
}

qf_status qf_subject_layout(const qf_subject *subject, qf_record *layout, qf_error *error) {
    qf_trainables all = {0};
    QF_TRY(qf_model_trainable(&subject->model, &all, error));
    const char **names = qf_new_array(all.count, sizeof *names, error);
    double *shape = qf_new_array(3 * all.count, sizeof *shape, error);
    qf_status status = names && shape ? QF_OK : QF_MEMORY;
    for (size_t i = 0; status == QF_OK && i < all.count; i++) {
        names[i] = all.items[i].name;
        shape[i] = (double)all.items[i].rows;
        shape[all.count + i] = (double)all.items[i].columns;
        shape[2 * all.count + i] = all.items[i].frozen;
    }
    if (status == QF_OK) status = qf_record_set_texts(layout, "names", names, all.count, error);
    static const char *const fields[] = {"rows", "columns", "frozen"};
    for (size_t f = 0; status == QF_OK && f < 3; f++) {
        status = qf_record_set_reals(layout, fields[f], shape + f * all.count, all.count, error);
    }
    free(names);
    free(shape);
    qf_trainables_free(&all);
    return status;
}

/* ---- The digest ---- */

static void add_frozen(qf_digester *digester, const qf_trainables *list) {
    for (size_t i = 0; i < list->count; i++) {
        const qf_trainable *t = &list->items[i];
        for (size_t r = 0; r < t->rows; r++) {
            for (size_t c = 0; c < t->columns; c++) {
                qf_digest_real(digester, t->values[r * t->stride + c]);
            }
        }
    }
}

static void add_rows(qf_digester *digester, const qf_row_set *set) {
    qf_digest_number(digester, set->count);
    for (size_t i = 0; i < set->count; i++) qf_digest_number(digester, (uint64_t)set->rows[i]);
}

static void add_model(qf_digester *digester, const qf_model *model) {
    qf_digest_text(digester, model->kind->name);
    qf_digest_number(digester, model->seed);
    qf_digest_number(digester, model->columns);
    for (size_t c = 0; c < model->columns; c++) qf_digest_text(digester, model->names[c]);
    qf_digest_text(digester, model->target);
    qf_digest_record(digester, &model->parameters);
    add_rows(digester, &model->trained_rows);
    add_rows(digester, &model->trained_parents);
    add_rows(digester, &model->chosen_rows);
}

qf_status qf_subject_digest(const qf_subject *subject, qf_id *digest, qf_error *error) {
    qf_record terms = {0}, layout = {0};
    qf_trainables frozen = {0};
    qf_digester digester;
    qf_status status = qf_terms_describe(&subject->terms, &terms, error);
    if (status == QF_OK) status = qf_subject_layout(subject, &layout, error);
    if (status == QF_OK) status = qf_subject_arrays(&subject->model, true, &frozen, error);
    if (status == QF_OK) {
        qf_digest_begin(&digester, "qf subject 1", error);
        qf_digest_number(&digester, subject->round);
        qf_digest_id(&digester, &subject->key);
        qf_digest_record(&digester, &terms);
        add_model(&digester, &subject->model);
        qf_digest_number(&digester, subject->disclosed);
        qf_digest_record(&digester, &layout);
        add_frozen(&digester, &frozen);
        status = qf_digest_end(&digester, digest);
    }
    qf_trainables_free(&frozen);
    qf_record_free(&layout);
    qf_record_free(&terms);
    return status;
}
