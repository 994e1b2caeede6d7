/* Values of a model's parameters to choose from. */
#ifndef QF_MODEL_GRID_H
#define QF_MODEL_GRID_H

#include "model/model.h"

typedef struct qf_grid {
    const qf_parameter *parameter;
    char **settings;   /* [count] "name=value" in the order of the user, each valid and different */
    double *values;    /* [count] the numbers among them, NaN for words */
    size_t *ascending; /* [count] indices of settings by value; where there are words, as given */
    size_t count;
    bool numeric; /* no words among them */
} qf_grid;

/* Every combination of a value of each. Zero-initialise; free with qf_grids_free. */
typedef struct qf_grids {
    const qf_model_kind *kind;
    qf_grid *items;
    size_t count, capacity;
    size_t points; /* combinations, once a grid is there; at most QF_GRID_MAX_POINTS */
} qf_grids;

enum { QF_GRID_MAX_POINTS = 100000 };

/* Adds "name=from:to", "name=from:to:step" (step 1 unless given; `to` is met when the steps do) or
 * "name=a,b,c". Steps are taken in decimals: 0:0.3:0.1 has the number 0.3. QF_USAGE for an unknown
 * name or one that has a grid already, for values that the parameter cannot take, and for too
 * many. */
qf_status qf_grids_add(qf_grids *grids, const qf_model_kind *kind, const char *text,
                       qf_error *error);
void qf_grids_free(qf_grids *grids);

/* The point whose value of grid g has index i_g is number (i_0 count_1 + i_1) count_2 + i_2 ...:
 * that many points lie between two neighbouring values of a grid. */
size_t qf_grids_stride(const qf_grids *grids, size_t grid);
/* The index of a grid's value at a point. */
size_t qf_grids_index(const qf_grids *grids, size_t grid, size_t point);
/* Sets the parameters to their values at a point. */
qf_status qf_grids_set(const qf_grids *grids, size_t point, qf_record *parameters, qf_error *error);
/* Appends the settings of a point, "a=1,b=2". */
qf_status qf_grids_print(const qf_grids *grids, size_t point, qf_bytes *text, qf_error *error);

#endif
