/* The nets of quantum neural networks: dense layers, a circuit, two logits; and their twins, which
 * have something else where the circuit is. */
#ifndef QF_MODEL_QNN_NET_H
#define QF_MODEL_QNN_NET_H

#include "learn/net.h"
#include "model/model.h"
#include "quantum/layer.h"

/* What stands in the circuit's place (parameter "quantum"). */
typedef enum qf_twin {
    QF_TWIN_FULL,    /* the circuit */
    QF_TWIN_NONE,    /* nothing: the dense layers go straight to the logits */
    QF_TWIN_DENSE,   /* a tanh layer and a linear one, together of about as many live weights and
                      * no fewer than one hidden unit has, with as many outputs */
    QF_TWIN_COSINE,  /* the cosine of each input */
    QF_TWIN_PRODUCT, /* the circuit without its gates of several wires */
    QF_TWIN_FROZEN,  /* the circuit, its weights as they were drawn */
    QF_TWIN_ONLY,    /* the circuit, all dense layers as they were drawn */
    QF_TWINS
} qf_twin;
/* "full", "none", "dense" ...; NULL-terminated. */
extern const char *const qf_twin_names[QF_TWINS + 1];

/* Points into itself: it stays where it was built. Free with qf_qnn_free. */
typedef struct qf_qnn {
    qf_twin twin;
    qf_circuit circuit; /* empty where there is none */
    qf_layer_options options;
    qf_quantum_layer *quantum;
    qf_foreign_layer foreign; /* the circuit or the cosines, in the net */
    qf_net net;
    size_t width; /* inputs of the cosines */
    size_t place; /* of what stands for the circuit among the net's layers */
} qf_qnn;

/* The net that a model's parameters describe, weights zero. QF_USAGE for a circuit that there is
 * not or that does not fit the layer before it. */
qf_status qf_qnn_build(const qf_model *model, qf_simd simd, qf_qnn *qnn, qf_error *error);
void qf_qnn_free(qf_qnn *qnn);

/* Whether a circuit is part of the net. */
bool qf_qnn_has_circuit(const qf_qnn *qnn);
/* Puts the circuit of a fitted net, which must have one, under the noise and shots that the model's
 * parameters say now, with this seed. QF_MISMATCH or QF_USAGE as qf_quantum_layer_new. */
qf_status qf_qnn_disturb(qf_model *model, uint64_t seed, qf_error *error);
/* Whether what the net gives depends on chance. */
bool qf_qnn_is_random(const qf_qnn *qnn);

/* Draws all weights: dense ones as Keras (Glorot uniform, biases 0), the circuit's uniform in [0, 2
 * pi), each layer from a substream of its own, so that twins share the dense layers they have in
 * common. */
void qf_qnn_draw(qf_qnn *qnn, uint64_t seed);

/* A copy that works on the same weights beside the original: for another thread. */
qf_status qf_qnn_share(const qf_qnn *qnn, qf_qnn *copy, qf_error *error);
void qf_qnn_unshare(qf_qnn *copy);

/* The circuit of a fitted model and its trained weights[circuit->weights], both the model's.
 * QF_DATA for another kind of model, and for a twin without circuit. */
qf_status qf_qnn_circuit(const qf_model *model, qf_circuit **circuit, const double **weights,
                         qf_error *error);
/* What the dense layers before the circuit, or what stands in its place, make of
 * rows[count][model->columns]: inputs[count][units of the last one]. */
qf_status qf_qnn_circuit_inputs(const qf_model *model, qf_simd simd, const double *rows,
                                size_t count, double *inputs, qf_error *error);

/* Trainable numbers that can make a difference: dense weights and biases that are not frozen, and
 * the circuit's weights whose gradient is not zero at random weights and inputs. */
qf_status qf_qnn_live_parameters(qf_qnn *qnn, size_t *count, qf_error *error);

#endif
