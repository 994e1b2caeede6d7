#include "learn/boosting.h"

#include "base/memory.h"
#include "learn/presorted.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* No vote is stronger: a log-odds is at most log(1 / epsilon) = 36, a weight in SAMME the rate
 * times about as much. */
static const double strongest_vote = 1e6;

/* One leaf: what its rows weigh, and what happens to each class's. */
typedef struct leaf {
    double weight[2];
    double factor[2];
} leaf;

typedef struct boosting_fit {
    const qf_table *table;
    const qf_boosting_options *options;
    const qf_run *run;
    qf_presorted *presorted;
    double *weights;  /* [rows] */
    uint32_t *leaves; /* [rows] of the tree at hand */
    leaf *sums;       /* [nodes] of the tree at hand */
    size_t sums_capacity;
    qf_tree *trees; /* [estimators] */
    double *votes;  /* [estimators] the trees' weights */
    size_t count;
} boosting_fit;

/* Makes the weights sum to 1; false when they do not sum to a number above 0. */
static bool normalise(boosting_fit *f) {
    double sum = 0;
    for (size_t r = 0; r < f->table->rows; r++) sum += f->weights[r];
    if (!(sum > 0) || !isfinite(sum)) return false;
    for (size_t r = 0; r < f->table->rows; r++) f->weights[r] /= sum;
    return true;
}

static qf_status weigh_leaves(boosting_fit *f, const qf_tree *tree, qf_error *error) {
    QF_TRY(qf_grow_array(&f->sums, &f->sums_capacity, tree->count, sizeof *f->sums, error));
    memset(f->sums, 0, tree->count * sizeof *f->sums);
    for (size_t r = 0; r < f->table->rows; r++) {
        f->sums[f->leaves[r]].weight[f->table->labels[r]] += f->weights[r];
    }
    return QF_OK;
}

/* The share of the weight in rows that the tree calls wrongly. */
static double error_of(const boosting_fit *f, const qf_tree *tree) {
    double wrong = 0, all = 0;
    for (size_t n = 0; n < tree->count; n++) {
        if (tree->nodes[n].feature >= 0) continue;
        const double *w = f->sums[n].weight;
        wrong += fmin(w[0], w[1]);
        all += w[0] + w[1];
    }
    return wrong / all;
}

/* SAMME.R, algorithm 4: the vote is the log-odds, with no probability below epsilon. */
static void vote_by_odds(leaf *l, double rate, double *vote) {
    const double all = l->weight[0] + l->weight[1];
    const double legitimate = fmax(l->weight[0] / all, DBL_EPSILON);
    const double fraud = fmax(l->weight[1] / all, DBL_EPSILON);
    *vote = log(fraud) - log(legitimate);
    l->factor[0] = exp(rate / 2 * *vote);
    l->factor[1] = exp(-rate / 2 * *vote);
}

/* SAMME, algorithm 2: the vote is for the class that weighs more, the legitimate on a tie. */
static void vote_by_class(leaf *l, double weight, double *vote) {
    const bool fraud = l->weight[1] > l->weight[0];
    *vote = fraud ? weight : -weight;
    l->factor[fraud] = 1;
    l->factor[!fraud] = exp(weight);
}

static void vote(boosting_fit *f, qf_tree *tree, double weight) {
    for (size_t n = 0; n < tree->count; n++) {
        if (tree->nodes[n].feature >= 0) continue;
        double *value = &tree->nodes[n].value;
        if (f->options->algorithm == QF_SAMME_R) {
            vote_by_odds(&f->sums[n], f->options->rate, value);
        } else {
            vote_by_class(&f->sums[n], weight, value);
        }
    }
    f->votes[f->count++] = weight;
}

/* Fits one more tree; *more says whether another can follow. */
static qf_status boost(boosting_fit *f, bool *more, qf_error *error) {
    const qf_boosting_options *o = f->options;
    *more = false;
    for (size_t r = 0; r < f->table->rows; r++) {
        f->weights[r] = f->weights[r] < DBL_EPSILON ? DBL_EPSILON : f->weights[r];
    }
    qf_tree *tree = &f->trees[f->count];
    QF_TRY(qf_presorted_grow(f->presorted, f->weights, tree, f->leaves, error));
    QF_TRY(weigh_leaves(f, tree, error));
    const double wrong = error_of(f, tree);
    double weight = 1;
    if (wrong > 0 && o->algorithm == QF_SAMME) {
        if (wrong >= 0.5 && f->count > 0) return QF_OK;
        weight = wrong >= 0.5 ? 0 : o->rate * log((1 - wrong) / wrong);
    }
    vote(f, tree, weight);
    if (wrong <= 0 || weight <= 0) return QF_OK;
    for (size_t r = 0; r < f->table->rows; r++) {
        f->weights[r] *= f->sums[f->leaves[r]].factor[f->table->labels[r]];
    }
    *more = normalise(f);
    return QF_OK;
}

static qf_status fit_trees(boosting_fit *f, qf_error *error) {
    const size_t rows = f->table->rows, estimators = f->options->estimators;
    f->weights = qf_new_array(rows, sizeof *f->weights, error);
    f->leaves = qf_new_array(rows, sizeof *f->leaves, error);
    f->trees = qf_new_array(estimators, sizeof *f->trees, error);
    f->votes = qf_new_array(estimators, sizeof *f->votes, error);
    if (!f->weights || !f->leaves || !f->trees || !f->votes) return QF_MEMORY;
    for (size_t r = 0; r < rows; r++) {
        f->weights[r] = f->options->class_weights[f->table->labels[r]];
    }
    if (!normalise(f)) return qf_fail(error, QF_DATA, "class weights do not add up");
    bool more = true;
    while (more && f->count < estimators) {
        QF_TRY(boost(f, &more, error));
        if (f->run->progress) f->run->progress(f->run->listener, "boosting", f->count, estimators);
    }
    return QF_OK;
}

/* Fits on sorted columns and hands the trees over. */
static qf_status fit_presorted(boosting_fit *f, const qf_ranks *ranks, qf_boosting *boosting,
                               qf_error *error) {
    QF_TRY(
        qf_presorted_new(ranks, f->table->labels, f->options->depth, f->run, &f->presorted, error));
    QF_TRY(fit_trees(f, error));
    QF_TRY(qf_forest_init(&boosting->forest, f->table->columns, f->trees, f->count, error));
    boosting->weights = f->votes;
    f->votes = NULL;
    return QF_OK;
}

qf_status qf_boosting_fit(const qf_table *table, const qf_boosting_options *options,
                          const qf_run *run, qf_boosting *boosting, qf_error *error) {
    *boosting = (qf_boosting){0};
    qf_ranks ranks;
    QF_TRY(qf_ranks_init(&ranks, table, run, error));
    boosting_fit f = {.table = table, .options = options, .run = run};
    const qf_status status = fit_presorted(&f, &ranks, boosting, error);
    qf_presorted_free(f.presorted);
    qf_ranks_free(&ranks);
    for (size_t t = 0; f.trees && t < options->estimators; t++) qf_tree_free(&f.trees[t]);
    free(f.trees);
    free(f.weights);
    free(f.leaves);
    free(f.sums);
    free(f.votes);
    return status;
}

void qf_boosting_free(qf_boosting *boosting) {
    qf_forest_free(&boosting->forest);
    free(boosting->weights);
    *boosting = (qf_boosting){0};
}

/* Each class gets the votes for it, by weight, and half their difference goes into a softmax
 * (equation 4 there, and scikit-learn's predict_proba). */
void qf_boosting_finish(const qf_boosting *boosting, size_t trees, const double *sums, size_t count,
                        double *probabilities) {
    double weight = 0;
    for (size_t t = 0; t < trees; t++) weight += boosting->weights[t];
    for (size_t r = 0; r < count; r++) {
        const double decision = weight > 0 ? sums[r] / weight : 0;
        probabilities[r] = 1 / (1 + exp(-decision));
    }
}

void qf_boosting_predict(const qf_boosting *boosting, const double *rows, size_t count,
                         double *probabilities) {
    const size_t trees = boosting->forest.trees;
    for (size_t r = 0; r < count; r++) probabilities[r] = 0;
    qf_forest_add(&boosting->forest, 0, trees, rows, count, probabilities);
    qf_boosting_finish(boosting, trees, probabilities, count, probabilities);
}

qf_status qf_boosting_encode(const qf_boosting *boosting, qf_arrays *arrays, qf_error *error) {
    QF_TRY(qf_forest_encode(&boosting->forest, arrays, error));
    return qf_arrays_add(arrays, "weights", QF_F64, boosting->forest.trees, 1, boosting->weights,
                         error);
}

static qf_status decode_weights(qf_boosting *boosting, const qf_arrays *arrays, qf_error *error) {
    const qf_array *weights;
    const size_t trees = boosting->forest.trees;
    QF_TRY(qf_arrays_find(arrays, "weights", QF_F64, trees, 1, &weights, error));
    boosting->weights = qf_copy_array(weights->data, trees, sizeof *boosting->weights, error);
    if (!boosting->weights) return QF_MEMORY;
    for (size_t t = 0; t < trees; t++) {
        if (boosting->weights[t] >= 0 && boosting->weights[t] <= strongest_vote) continue;
        return qf_fail(error, QF_DATA, "tree %zu: its weight is not valid", t + 1);
    }
    return QF_OK;
}

qf_status qf_boosting_decode(qf_boosting *boosting, size_t columns, const qf_arrays *arrays,
                             qf_error *error) {
    *boosting = (qf_boosting){0};
    QF_TRY(qf_forest_decode(&boosting->forest, columns, -strongest_vote, strongest_vote, arrays,
                            error));
    const qf_status status = decode_weights(boosting, arrays, error);
    if (status != QF_OK) qf_boosting_free(boosting);
    return status;
}
