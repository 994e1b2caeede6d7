#include "federated/sum.h"

#include "base/memory.h"
#include "ckks/packed.h"
#include "federated/digest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void qf_sum_free(qf_sum *sum) {
    qf_subject_free(&sum->subject);
    for (size_t i = 0; sum->pieces && i < sum->piece_count; i++) {
        qf_ciphertext_free(&sum->pieces[i]);
    }
    free(sum->pieces);
    free(sum->contributors);
    *sum = (qf_sum){0};
}

static qf_status check_new(const qf_sum *sum, const qf_contributor *c, qf_error *error) {
    for (size_t i = 0; i < sum->contributor_count; i++) {
        const qf_contributor *other = &sum->contributors[i];
        if (other->party == c->party) {
            return qf_fail(error, QF_MISMATCH, "party %u contributes twice", c->party);
        }
        if (sum->pieces && qf_id_equal(&other->body, &c->body)) {
            return qf_fail(error, QF_MISMATCH, "party %u has the ciphertexts of party %u", c->party,
                           other->party);
        }
    }
    return QF_OK;
}

qf_status qf_sum_add_contributor(qf_sum *sum, const qf_contributor *contributor, qf_error *error) {
    QF_TRY(check_new(sum, contributor, error));
    QF_TRY(qf_grow_array(&sum->contributors, &sum->contributor_capacity, sum->contributor_count + 1,
                         sizeof *sum->contributors, error));
    size_t place = sum->contributor_count++;
    for (; place > 0 && sum->contributors[place - 1].party > contributor->party; place--) {
        sum->contributors[place] = sum->contributors[place - 1];
    }
    sum->contributors[place] = *contributor;
    sum->weight += contributor->weight;
    return QF_OK;
}

qf_status qf_sum_check_contributors(const qf_sum *sum, qf_error *error) {
    if (sum->contributor_count >= sum->subject.terms.contributors) return QF_OK;
    return qf_fail(error, QF_REFUSED, "a sum of %zu contributors, the key's terms ask for %u",
                   sum->contributor_count, sum->subject.terms.contributors);
}

qf_status qf_contribution_digest(const qf_subject *subject, const qf_id *pieces, size_t count,
                                 qf_contributor *contributor, qf_error *error) {
    qf_id id;
    qf_digester digester;
    qf_digest_begin(&digester, "qf ciphertexts 1", error);
    for (size_t i = 0; i < count; i++) qf_digest_id(&digester, &pieces[i]);
    QF_TRY(qf_digest_end(&digester, &contributor->body));
    QF_TRY(qf_subject_digest(subject, &id, error));
    qf_digest_begin(&digester, "qf contribution 1", error);
    qf_digest_id(&digester, &id);
    qf_digest_number(&digester, contributor->party);
    qf_digest_number(&digester, (uint64_t)contributor->weight);
    qf_digest_id(&digester, &contributor->body);
    return qf_digest_end(&digester, &contributor->digest);
}

void qf_piece_bounds(const qf_plan *plan, int64_t weight, size_t contributors, qf_ciphertext *c) {
    c->scale = ldexp(1, (int)plan->scale_bits);
    c->magnitude = (double)plan->grid.limit * (double)weight * c->scale;
    c->deviation = plan->deviation * (double)contributors;
}

static qf_status add_pieces(const qf_ckks *ckks, const qf_sum *sum, qf_digester *digester,
                            qf_error *error) {
    for (size_t i = 0; i < sum->piece_count; i++) {
        qf_id id;
        QF_TRY(qf_ciphertext_identify(ckks, &sum->pieces[i], &id, error));
        qf_digest_id(digester, &id);
    }
    return QF_OK;
}

qf_status qf_sum_finish(const qf_ckks *ckks, const qf_plan *plan, qf_sum *sum, qf_error *error) {
    qf_id id;
    qf_digester digester;
    for (size_t i = 0; i < sum->piece_count; i++) {
        qf_piece_bounds(plan, sum->weight, sum->contributor_count, &sum->pieces[i]);
    }
    QF_TRY(qf_subject_digest(&sum->subject, &id, error));
    qf_digest_begin(&digester, "qf sum 1", error);
    qf_digest_id(&digester, &id);
    qf_digest_number(&digester, sum->contributor_count);
    for (size_t i = 0; i < sum->contributor_count; i++) {
        qf_digest_number(&digester, sum->contributors[i].party);
        qf_digest_number(&digester, (uint64_t)sum->contributors[i].weight);
        qf_digest_id(&digester, &sum->contributors[i].digest);
    }
    const qf_status status = add_pieces(ckks, sum, &digester, error);
    const qf_status ended = qf_digest_end(&digester, &sum->digest);
    return status == QF_OK ? ended : status;
}

/* ---- The mean ---- */

static qf_status set_values(const qf_sum *sum, const qf_grid *grid, const int64_t *integers,
                            const qf_trainables *list, qf_error *error) {
    const double most = (double)grid->limit * (double)sum->weight;
    for (size_t i = 0; i < list->count; i++) {
        const qf_trainable *t = &list->items[i];
        for (size_t k = 0; k < t->rows * t->columns; k++, integers++) {
            if (!(fabs((double)*integers) <= most)) {
                return qf_fail(error, QF_DATA,
                               "array \"%s\": %lld is beyond what contributions in the grid's "
                               "range add up to: one of them was not made by the terms",
                               t->name, (long long)*integers);
            }
            t->values[k / t->columns * t->stride + k % t->columns] =
                qf_grid_real(grid, *integers, sum->weight);
        }
    }
    return QF_OK;
}

static qf_status set_facts(const qf_sum *sum, const qf_grid *grid, qf_record *facts,
                           qf_error *error) {
    const size_t count = sum->contributor_count;
    double *lists = qf_new_array(2 * count, sizeof *lists, error);
    if (!lists) return QF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        lists[i] = sum->contributors[i].party;
        lists[count + i] = (double)sum->contributors[i].weight;
    }
    qf_status status = qf_record_set_integer(facts, "round", (int64_t)sum->subject.round, error);
    if (status == QF_OK) {
        status = qf_record_set_integer(facts, "contributors", (int64_t)count, error);
    }
    if (status == QF_OK) status = qf_record_set_reals(facts, "parties", lists, count, error);
    if (status == QF_OK) {
        status = qf_record_set_reals(facts, "weights", lists + count, count, error);
    }
    if (status == QF_OK) status = qf_record_set_integer(facts, "weight", sum->weight, error);
    if (status == QF_OK) {
        status = qf_record_set_integer(facts, "grid_bits", grid->bits, error);
    }
    free(lists);
    return status;
}

qf_status qf_sum_model(const qf_sum *sum, const qf_grid *grid, const int64_t *integers,
                       qf_model *model, qf_error *error) {
    qf_subject mean = {0};
    qf_trainables list = {0};
    qf_status status =
        qf_subject_set_model(&mean, &sum->subject.model, sum->subject.disclosed, error);
    if (status == QF_OK) status = qf_subject_arrays(&mean.model, false, &list, error);
    if (status == QF_OK) status = set_values(sum, grid, integers, &list, error);
    if (status == QF_OK) status = set_facts(sum, grid, &mean.model.facts, error);
    qf_trainables_free(&list);
    if (status == QF_OK) {
        *model = mean.model;
    } else {
        qf_subject_free(&mean);
    }
    return status;
}
