#include "data/split_plan.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

qf_status qf_client_split_find(const char *name, qf_client_split *by, qf_error *error) {
    static const char *const names[] = {[QF_CLIENTS_CONTIGUOUS] = "contiguous",
                                        [QF_CLIENTS_IID] = "iid",
                                        [QF_CLIENTS_LABEL_SKEW] = "label-skew",
                                        [QF_CLIENTS_DIRICHLET] = "dirichlet"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (name && strcmp(name, names[i]) != 0) continue;
        *by = (qf_client_split)i;
        return QF_OK;
    }
    return qf_fail(error, QF_USAGE, "--by %s: expected contiguous, iid, label-skew or dirichlet",
                   name);
}

static qf_status find_column(const qf_table *table, const char *option, const char *name,
                             size_t *column, qf_error *error) {
    *column = qf_table_find_column(table, name);
    if (*column < table->columns) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "--%s %s: the table has no such column", option, name);
}

static qf_status find_grouping(const qf_table *table, const char *group, qf_grouping *grouping,
                               qf_error *error) {
    size_t column = 0;
    const bool identical = strcmp(group, "identical") == 0;
    if (!identical && strcmp(group, "none") != 0) {
        QF_TRY(find_column(table, "group", group, &column, error));
        *grouping = (qf_grouping)column;
        return QF_OK;
    }
    *grouping = identical ? QF_GROUP_IDENTICAL : QF_GROUP_NONE;
    return QF_OK;
}

static qf_status divide(const qf_split_plan *plan, uint64_t seed, const qf_table *table,
                        size_t *part, qf_error *error) {
    qf_grouping grouping;
    QF_TRY(find_grouping(table, plan->group, &grouping, error));
    if (plan->folds) return qf_split_folds(table, (size_t)plan->folds, grouping, seed, part, error);
    if (plan->clients) {
        qf_clients clients = {(size_t)plan->clients, QF_CLIENTS_CONTIGUOUS, plan->skew,
                              plan->concentration};
        QF_TRY(qf_client_split_find(plan->by, &clients.by, error));
        return qf_split_clients(table, &clients, grouping, seed, part, error);
    }
    if (plan->sample) {
        return qf_split_sample(table, (size_t)plan->sample, grouping, seed, part, error);
    }
    if (!plan->by) return qf_split_holdout(table, plan->test, grouping, seed, part, error);
    size_t column;
    QF_TRY(find_column(table, "by", plan->by, &column, error));
    return qf_split_later(table, plan->test, column, plan->gap, part, error);
}

qf_status qf_split_apply(qf_table *table, const qf_split_plan *plan, uint64_t seed,
                         qf_error *error) {
    if (plan->sample && (size_t)plan->sample >= table->rows) return QF_OK;
    size_t *part = qf_new_array(table->rows, sizeof *part, error);
    if (!part) return QF_MEMORY;
    const size_t emitted = plan->sample || plan->emit == QF_EMIT_TRAIN ? 0 : 1;
    const size_t wanted = plan->folds     ? (size_t)plan->fold - 1
                          : plan->clients ? (size_t)plan->client - 1
                                          : emitted;
    const qf_status status = divide(plan, seed, table, part, error);
    if (status == QF_OK) {
        qf_split_keep(table, part, wanted, plan->folds && plan->emit == QF_EMIT_TRAIN);
    }
    free(part);
    return status;
}
