/* Quantum kernels: how well machines do, and what their kernels are like, by the number of wires.
 */
#ifndef QF_REPORT_KERNEL_FIGURES_H
#define QF_REPORT_KERNEL_FIGURES_H

#include "report/page.h"
#include "report/results.h"

/* A section of the results that have the field "wires": a table and, as HTML, a line for each model
 * of its PR-AUC, and of variance and alignment of its kernel, over the wires. Nothing unless one of
 * them is of a quantum kernel ("kernel_variance"). */
void qf_write_kernels(qf_page *page, const qf_results *results);

#endif
