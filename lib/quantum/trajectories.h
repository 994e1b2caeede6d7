/* Trajectories: noise for circuits of many wires, by pure states that a channel's Kraus operators
 * hit at random (Dalibard, Castin and Molmer 1992); the mean over trajectories is that of the
 * density matrix, within its standard error. With shots every trajectory ends in one outcome, as on
 * hardware. Without channels one state serves all. No gradients.
 *
 * Cost a sample: trajectories (or shots times groups) times about 8 2^n flops a step. Memory a
 * thread: 56 2^n bytes. */
#ifndef QF_QUANTUM_TRAJECTORIES_H
#define QF_QUANTUM_TRAJECTORIES_H

#include "base/run.h"
#include "quantum/noise.h"

enum { QF_TRAJECTORIES = 1024 }; /* whose mean an output is, where there are no shots */

typedef struct qf_trajectories qf_trajectories;

/* Circuit and noise stay the caller's and must outlive the engine. shots 0: means. QF_MEMORY when a
 * thread's states would take more than memory_limit (0: three quarters of the machine's memory). */
qf_status qf_trajectories_new(const qf_circuit *circuit, const qf_noise *noise, size_t shots,
                              uint64_t seed, size_t memory_limit, qf_trajectories **engine,
                              qf_error *error);
void qf_trajectories_free(qf_trajectories *engine);

/* As qf_statevector_forward; keys[batch] tell the rows' chance apart. The same for any number of
 * threads. */
qf_status qf_trajectories_forward(const qf_trajectories *engine, const double *weights,
                                  const double *inputs, size_t batch, const uint64_t *keys,
                                  double *outputs, const qf_run *run, qf_error *error);

#endif
