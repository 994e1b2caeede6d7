#include "model/net_parameters.h"

#include <string.h>

const char *const qf_optimiser_names[] = {"adam", "sgd", NULL};
const char *const qf_schedule_names[] = {"constant", "cosine", NULL};

qf_net_options qf_net_options_of(const qf_model *model, double epsilon) {
    const qf_record *p = &model->parameters;
    return (qf_net_options){
        .optimiser = strcmp(qf_record_text(p, "optimiser"), "adam") == 0 ? QF_ADAM : QF_SGD,
        .rate = qf_record_number(p, "rate"),
        .epsilon = epsilon,
        .schedule = strcmp(qf_record_text(p, "schedule"), "cosine") == 0 ? QF_COSINE : QF_CONSTANT,
        .batch = (size_t)qf_record_number(p, "batch"),
        .epochs = (size_t)qf_record_number(p, "epochs"),
        .class_weights = {model->class_weights[0], model->class_weights[1]},
        .seed = model->seed,
    };
}
