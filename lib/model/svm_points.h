/* The kernels of support vector machines, and rows as they see them: as points (learn/kernel.h), or
 * as the states that a circuit makes of them (quantum/fidelity.h). */
#ifndef QF_MODEL_SVM_POINTS_H
#define QF_MODEL_SVM_POINTS_H

#include "learn/kernel.h"
#include "learn/kernel_rows.h"
#include "model/model.h"
#include "quantum/fidelity.h"

/* Points to nothing of the model's. Zero-initialise; free with qf_svm_kernel_free. */
typedef struct qf_svm_kernel {
    bool quantum;
    size_t columns;
    qf_kernel_kind kind; /* of points */
    double gamma;
    double *shift;      /* [columns], owned */
    qf_circuit circuit; /* of states, which takes the columns times the bandwidth for angles */
    double bandwidth;
} qf_svm_kernel;

/* The kernel that a model's parameters name, without gamma and shift. Of a quantum one QF_USAGE for
 * a feature map that there is not, QF_MISMATCH where it has not an input a column. */
qf_status qf_svm_kernel_init(qf_svm_kernel *kernel, const qf_model *model, qf_error *error);
void qf_svm_kernel_free(qf_svm_kernel *kernel);

/* Rows that others are compared with; the kernel and rows[count][columns] are the caller's. Free
 * with qf_svm_points_free. */
typedef struct qf_svm_points {
    const qf_svm_kernel *kernel;
    const double *rows;
    size_t count, stride; /* stride: numbers that values for all rows take, a multiple of 8 */
    qf_kernel points;
    qf_states states;
    float *gram; /* [count][stride] of states, where it was asked for */
} qf_svm_points;

/* QF_DATA for rows that are too large for the kernel; QF_MEMORY with the number of bytes where
 * states, and with `gram` their Gram matrix, would take more than qf_machine_memory: what they take
 * is announced. */
qf_status qf_svm_points_init(qf_svm_points *points, const qf_svm_kernel *kernel, const double *rows,
                             size_t count, bool gram, const qf_run *run, qf_error *error);
void qf_svm_points_free(qf_svm_points *points);

/* The rows among themselves: values of states need the Gram matrix. It borrows the points. */
typedef struct qf_svm_source {
    const qf_svm_points *points;
    qf_simd simd;
    qf_kernel_source source;
} qf_svm_source;
void qf_svm_source_init(qf_svm_source *source, const qf_svm_points *points, qf_simd simd);

/* sums[to->count] += the sum over i of weights[from->count] * K(from i, to j), i in order; rows of
 * weight 0 take little time. Both are of one kernel. */
qf_status qf_svm_points_add(const qf_svm_points *from, const double *weights,
                            const qf_svm_points *to, qf_simd simd, double *sums, qf_error *error);

/* sums[count] of weights[vectors->count] * K(vector, row) for each of rows[count][columns]. A row's
 * depends on that row alone. */
qf_status qf_svm_points_sum(const qf_svm_points *vectors, const double *weights, const double *rows,
                            size_t count, qf_simd simd, double *sums, qf_error *error);

#endif
