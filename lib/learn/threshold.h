/* The probability above which a row is called fraud, chosen on rows whose labels are known. */
#ifndef QF_LEARN_THRESHOLD_H
#define QF_LEARN_THRESHOLD_H

#include "base/memory.h"
#include "learn/scores.h"

typedef struct qf_threshold_rule {
    enum {
        QF_THRESHOLD_FIXED,      /* the one that the model has */
        QF_THRESHOLD_F1,         /* of the greatest F1 of the fraud class */
        QF_THRESHOLD_MCC,        /* of the greatest Matthews correlation */
        QF_THRESHOLD_COST,       /* of the least cost */
        QF_THRESHOLD_ALERT_RATE, /* the lowest that calls no more rows fraud than there may be */
    } kind;
    double false_positive, false_negative; /* the cost of one, 0 or more and not both 0 */
    double alert_rate;                     /* in (0, 1]: the share of rows to call fraud at most */
} qf_threshold_rule;

/* From fixed, f1, mcc, cost:FP,FN or alert-rate:R; QF_USAGE for anything else. */
qf_status qf_threshold_parse(const char *text, qf_threshold_rule *rule, qf_error *error);

/* Appends the rule as it is parsed. */
qf_status qf_threshold_print(const qf_threshold_rule *rule, qf_bytes *text, qf_error *error);

typedef struct qf_threshold {
    double threshold; /* in [0, 1] */
    double value;     /* of what was asked for: F1, MCC, mean cost a row, alert rate */
    size_t alerts;    /* rows that it calls fraud; 0 for an alert rate where the rows of the highest
                       * score are more than the rate allows */
} qf_threshold;

/* The best of all thresholds (not for QF_THRESHOLD_FIXED). It lies halfway between two scores that
 * occur, or one and the end of the range; among equally good ones it is the highest. Rows of
 * probability 0 are never called fraud. QF_DATA unless both classes are there. O(n). */
qf_status qf_threshold_choose(const qf_threshold_rule *rule, const qf_scores *scores,
                              qf_threshold *chosen, qf_error *error);

#endif
