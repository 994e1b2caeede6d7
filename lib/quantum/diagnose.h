/* What a circuit is like before any training: how its states spread, how its gradients shrink as it
 * grows, how many of its weights are independent.
 *
 * Weights, and inputs where they are drawn, are uniform in [0, 2 pi), each draw from a substream of
 * its own, so that the number of threads changes nothing. */
#ifndef QF_QUANTUM_DIAGNOSE_H
#define QF_QUANTUM_DIAGNOSE_H

#include "base/memory.h"
#include "base/record.h"
#include "base/run.h"
#include "quantum/builtin.h"

enum {
    QF_DIAGNOSE_WIRES = 16, /* at most */
    QF_FISHER_WIRES = 10,   /* at most, of the quantum Fisher information */
    QF_FIDELITY_BINS = 75,  /* as in Sim et al. */
};

/* ---- States ---- */

/* Meyer and Wallach's (2002) entanglement of a normalised state amplitudes[2^wires], by Brennen's
 * (2003) formula 2 (1 - mean purity of the wires): 0 for product states, 1 for GHZ states. */
double qf_meyer_wallach(const double complex *amplitudes, size_t wires);

/* Kullback-Leibler divergence, natural logarithm, of fidelities[count] of pairs of states from
 * those of Haar-random states, (2^n - 1) (1 - F)^(2^n - 2), in QF_FIDELITY_BINS bins of equal
 * width. From 0 to (2^n - 1) ln 75, the value of a circuit that makes one state alone; `count`
 * finite pairs add about (filled bins - 1) / (2 count). Beyond 8 wires nearly all fidelities of any
 * entangling circuit lie in the first bin, and it tells little. */
double qf_haar_divergence(const double *fidelities, size_t count, size_t wires);

typedef struct qf_state_spread {
    double expressibility; /* qf_haar_divergence: less is more expressive */
    double entanglement;   /* mean of qf_meyer_wallach over the 2 * pairs states */
    double entanglement_error;
} qf_state_spread;

/* Expressibility and entangling capability (Sim, Johnson and Aspuru-Guzik 2019, equations 7 to 10),
 * of states with random weights. Inputs are 0 (of amplitudes: the first is 1), so that an angle
 * embedding does nothing and the states are those of the ansatz alone, as there; a circuit without
 * weights, a feature map, gets random inputs instead. */
qf_status qf_diagnose_states(const qf_circuit *circuit, size_t pairs, uint64_t seed,
                             const qf_run *run, qf_state_spread *spread, qf_error *error);

/* ---- Gradients ---- */

typedef struct qf_gradient_spread {
    double variance; /* of the first output's derivative by a weight, mean over live weights */
    double error;    /* its standard error over draws */
    size_t live;     /* weights whose derivative reached 1e-10 in some draw */
} qf_gradient_spread;

/* Over `draws` (at least 2) random weights and inputs. Where the variance falls exponentially with
 * the wires, gradient descent stands on a barren plateau (McClean et al. 2018). */
qf_status qf_diagnose_gradients(const qf_circuit *circuit, size_t draws, uint64_t seed,
                                const qf_run *run, qf_gradient_spread *spread, qf_error *error);

/* The least squares line through points: its slope, and that slope's standard error by the
 * residuals (NaN for fewer than three points); both NaN where a value is not finite. */
void qf_fit_line(const double *x, const double *y, size_t count, double *slope, double *error);

/* ---- Ranks ---- */

typedef struct qf_ranks {
    size_t jacobian; /* of all outputs over inputs in the weights */
    size_t fisher;   /* of the classical Fisher information of what is measured, over inputs */
    size_t quantum_fisher; /* of the state's, at one input; 0 beyond QF_FISHER_WIRES wires */
} qf_ranks;

/* At random weights, over weights + 8 random inputs, which are enough for any rank. The Fisher
 * information of measured outcomes is the mean over inputs of the sum over outputs of
 * dy dy^T / (1 - y^2) of strings, each measured by itself, which may tell less than their joint
 * outcomes, or dp dp^T / p of probabilities. The state's, at one input, bounds neither of the ranks
 * over many. A rank counts directions, by pivoted Gram-Schmidt, longer than 1e-8 of the longest and
 * than 1e-10. O(weights^2 * inputs * outputs). */
qf_status qf_diagnose_ranks(const qf_circuit *circuit, uint64_t seed, const qf_run *run,
                            qf_ranks *ranks, qf_error *error);

/* The columns of matrix[columns][rows] (each column contiguous) that are independent in that
 * sense; overwrites it. */
size_t qf_count_independent(double *matrix, size_t columns, size_t rows);

/* Tangents of the state by each weight, without their part along the state, which no measurement
 * sees: tangents[weights][2 * 2^wires], real and imaginary parts, whose products times 4 are the
 * quantum Fisher information. Exact, by a plain simulation of its own: O(angles * gates * 2^wires).
 * QF_USAGE beyond QF_FISHER_WIRES wires. */
qf_status qf_state_tangents(const qf_circuit *circuit, const double *inputs, const double *weights,
                            double *tangents, qf_error *error);

/* ---- All of it ---- */

typedef struct qf_diagnose_options {
    size_t pairs, draws;            /* of states, of gradients */
    size_t least_wires, most_wires; /* of the sweep over wires; none if there is nothing between */
    uint64_t seed;
} qf_diagnose_options;

/* Sets the record's fields, in this order:
 *
 *   circuit map layers           of the recipe, if there is one; layers as built, at least 1
 *   wires inputs outputs weights live
 *   pairs expressibility entanglement entanglement_error
 *   jacobian_rank fisher_rank quantum_fisher_rank (the last up to QF_FISHER_WIRES wires)
 *   observable                   the first output, "Z0 Z1" or "P(0)"
 *   draws gradient_variance gradient_variance_error (missing without weights)
 *   sweep_wires sweep_variance sweep_error    lists, where the recipe's circuit is built with
 *                                least_wires, or as few as it can have, to most_wires
 *   gradient_slope gradient_slope_error       of log2 variance against wires
 *   drawing                      as text
 *
 * `circuit` is the recipe's, or any with recipe NULL, and then there is no sweep. QF_USAGE for more
 * than QF_DIAGNOSE_WIRES wires, or where the recipe's measurement needs more wires than the sweep
 * begins with. */
qf_status qf_diagnose(const qf_circuit *circuit, const qf_recipe *recipe,
                      const qf_diagnose_options *options, const qf_run *run, qf_record *record,
                      qf_error *error);

/* Appends a line for each field of the record but the drawing, its name and its value; a list's
 * values are separated by blanks. */
qf_status qf_diagnosis_print(const qf_record *record, qf_bytes *out, qf_error *error);

#endif
