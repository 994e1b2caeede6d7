/* Parameters of nets that are trained by mini-batches, which all their kinds have. */
#ifndef QF_MODEL_NET_PARAMETERS_H
#define QF_MODEL_NET_PARAMETERS_H

#include "learn/net_training.h"
#include "model/model.h"

/* "adam", "sgd"; "constant", "cosine"; NULL-terminated. */
extern const char *const qf_optimiser_names[], *const qf_schedule_names[];

/* Rows of a kind's table, with its defaults. */
#define QF_NET_PARAMETERS(usual_epochs, usual_batch, usual_rate)                                   \
    {.name = "epochs",                                                                             \
     .kind = QF_PARAMETER_INTEGER,                                                                 \
     .initial = usual_epochs,                                                                      \
     .minimum = 1,                                                                                 \
     .maximum = 1e6,                                                                               \
     .help = "passes over the rows"},                                                              \
        {.name = "batch",                                                                          \
         .kind = QF_PARAMETER_INTEGER,                                                             \
         .initial = usual_batch,                                                                   \
         .minimum = 1,                                                                             \
         .maximum = 1e6,                                                                           \
         .help = "rows of a step; all where there are fewer"},                                     \
        {.name = "rate",                                                                           \
         .kind = QF_PARAMETER_REAL,                                                                \
         .initial = usual_rate,                                                                    \
         .minimum = 1e-12,                                                                         \
         .maximum = 1e3,                                                                           \
         .help = "the learning rate"},                                                             \
        {.name = "schedule",                                                                       \
         .kind = QF_PARAMETER_WORD,                                                                \
         .initial = "constant",                                                                    \
         .words = qf_schedule_names,                                                               \
         .help = "constant, or cosine: falling to 0 at the last step"},                            \
    {                                                                                              \
        .name = "optimiser", .kind = QF_PARAMETER_WORD, .initial = "adam",                         \
        .words = qf_optimiser_names, .help = "adam, or sgd: plain gradient descent"                \
    }

/* What they say, with the model's seed and class weights; no L2. `epsilon` is Adam's. */
qf_net_options qf_net_options_of(const qf_model *model, double epsilon);

#endif
