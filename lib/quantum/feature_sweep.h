/* The inner loops of the feature engine, one set for each precision and SIMD level.
 *
 * Samples are side by side in lanes, `lanes` of them a group. A sample's features are the products
 * of (1, cos, sin) over the wires, kept as those of the first wires (left) and of the rest (right):
 * feature number = left * rights + right. The matrix holds for each feature `shape->lanes` numbers
 * of the precision, one an output. */
#ifndef QF_QUANTUM_FEATURE_SWEEP_H
#define QF_QUANTUM_FEATURE_SWEEP_H

#include "base/run.h"
#include "quantum/pauli.h"
#include "quantum/sweep.h"

enum {
    QF_FEATURE_OUTPUTS = 64, /* at most */
    QF_FEATURE_HALF = 27,    /* left or right features, at most */
};

typedef struct qf_feature_shape {
    size_t wires, left_wires;
    size_t lefts, rights; /* 3^left_wires and 3^(the rest) */
    size_t outputs, lanes;
    bool usual;                         /* four wires and three outputs */
    size_t input_stride, output_stride; /* doubles from one sample to the next */
    size_t input[QF_PAULI_WIRES];       /* a wire's angle is scale * inputs[input] + offset */
    double scale[QF_PAULI_WIRES], offset[QF_PAULI_WIRES];
    size_t kept_vectors; /* that a group of samples keeps from forward for backward */
} qf_feature_shape;

typedef struct qf_feature_kernels {
    size_t lanes, size; /* samples a group; bytes of a number */
    /* Outputs of `count` samples, at most `lanes`; false for an angle that is not finite. */
    bool (*forward)(const qf_feature_shape *shape, const void *matrix, const double *inputs,
                    size_t count, void *kept, double *outputs);
    /* Adds to the gradients with respect to the inputs (unless NULL), and prepares gather. */
    void (*backward)(const qf_feature_shape *shape, const void *matrix,
                     const double *output_gradients, size_t count, void *kept,
                     double *input_gradients);
    /* Adds the gradients with respect to the matrix, or, to begin with, sets them: of groups behind
     * each other, to one vector for each of its numbers, in the order [features][outputs]. */
    void (*gather)(const qf_feature_shape *shape, void *kept, size_t groups, bool fresh,
                   void *sums);
    /* The sums over lanes, gradient[features][outputs]; writes up to `lanes` numbers more, and
     * reads as many vectors more. Uses up the sums. */
    void (*total)(const qf_feature_shape *shape, void *sums, double *gradient);
} qf_feature_kernels;

const qf_feature_kernels *qf_feature_kernels_of(qf_precision precision, qf_simd simd);

/* A number of the matrix is the sum of factors times values of the tape. */
typedef struct qf_pauli_entry {
    unsigned feature, string;
    size_t place;
    double factor;
} qf_pauli_entry;

/* Tapes and gradients are aligned to QF_PAULI_LANES doubles. */
typedef struct qf_pauli_kernels {
    /* Fills the tape behind its beginning. */
    void (*forward)(const qf_pauli_program *program, const double *cosines, const double *sines,
                    double *tape);
    /* From gradients[strings][lanes], which are used up, those of the turns' angles. */
    void (*backward)(const qf_pauli_program *program, const double *cosines, const double *sines,
                     const double *tape, double *gradients, double *turn_gradients);
    /* Of angles up to 1e5; count is a multiple of 8. */
    void (*sines)(const double *angles, size_t count, double *cosines, double *sines);
    /* Adds to the matrix [features][4 * chunks]. */
    void (*spread)(const qf_pauli_entry *entries, size_t count, size_t chunks, const double *tape,
                   double *matrix);
    /* Adds to gradients[strings][lanes] from gradient[features][outputs], behind which 4 numbers
     * can be read. */
    void (*collect)(const qf_pauli_entry *entries, size_t count, size_t outputs,
                    const double *gradient, double *gradients);
} qf_pauli_kernels;

const qf_pauli_kernels *qf_pauli_kernels_of(qf_simd simd);

/* One for each level, qf_feature_kernels_double_avx2 and so on. */
extern const qf_feature_kernels qf_feature_kernels_double_portable;
extern const qf_feature_kernels qf_feature_kernels_float_portable;
extern const qf_feature_kernels qf_feature_kernels_double_avx2, qf_feature_kernels_float_avx2;
extern const qf_feature_kernels qf_feature_kernels_double_avx512, qf_feature_kernels_float_avx512;
extern const qf_pauli_kernels qf_pauli_kernels_portable, qf_pauli_kernels_avx2;
extern const qf_pauli_kernels qf_pauli_kernels_avx512;

#endif
