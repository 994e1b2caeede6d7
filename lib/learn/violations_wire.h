/* What the provenance of scores proves against them: how training and test rows came about, and
 * which rows the model had seen. Facts only; what is not listed is not proven to be absent where
 * rows come from another source than the training rows.
 *
 * Codes, in this order, joined by ';' (a count or a column's name after ':'):
 *
 *   unknown-origin          no run of qf-predict with a trained model lies beneath the scores
 *   different-data          test rows are not from the training rows' source alone
 *   no-split                same source, and test or training rows never went through qf-split
 *   ungrouped-split         the split could put rows of equal features on both sides
 *   resampled-before-split  qf-smote or qf-undersample saw rows of both parts
 *   resampled-test          the test part itself was resampled
 *   scaled-before-split     scaling was fitted on rows of both parts, by another split's, say
 *   scaled-on-test          scaling was fitted on the test part
 *   scaled-unlike-training  test rows were not scaled as the training rows were
 *   reduced-before-split, reduced-on-test, reduced-unlike-training: the same of reducers
 *   not-audited             test or training rows never went through qf-audit
 *   identifier-kept:NAME    an audit found an identifier, and none dropped it since
 *   leak-kept:NAME          an audit found a column that alone predicts the label, and none dropped
 *                           it since
 *   trained-on-test-rows:N  N test rows were trained on
 *   trained-on-parents:N    the model was trained on relatives of N test rows: on synthetic rows
 *                           made from them, on their parents, or on other rows made from these
 *   selected-on-test-rows:N the model's parameters, calibration or threshold were chosen by N test
 *                           rows
 *   synthetic-in-test:N     N test rows are synthetic
 *
 * A client split (qf-split --clients) parts nothing from the test rows and is no split here. */
#ifndef QF_LEARN_VIOLATIONS_WIRE_H
#define QF_LEARN_VIOLATIONS_WIRE_H

#include "base/memory.h"
#include "learn/scores.h"
#include "stream/session.h"

/* The codes without what follows ':', NULL-terminated. */
extern const char *const qf_violation_codes[];

/* Appends the codes of a scores stream of this provenance; nothing when there are none. `inputs`
 * are those of its trailer: the table that was scored and the model. In names, ';' and what cannot
 * be printed become '_'. */
qf_status qf_violations_find(const qf_provenance *run, const qf_scores *scores,
                             const qf_input *inputs, size_t input_count, qf_bytes *codes,
                             qf_error *error);

/* The newest run of a trainer beneath the scores, or NULL: its seed is the experiment's. */
const qf_provenance *qf_provenance_trainer(const qf_provenance *run);

/* Appends the digests of the files or generators that the scored rows came from, joined by '+'. */
qf_status qf_data_digest(const qf_input *inputs, size_t input_count, qf_bytes *digest,
                         qf_error *error);

#endif
