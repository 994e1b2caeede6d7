/* A quantum neural network: dense relu layers, a circuit, two logits (softmax). */
#include "base/memory.h"
#include "base/number.h"
#include "data/split.h"
#include "model/net_parameters.h"
#include "model/qnn_net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const automatic[] = {"auto", NULL};
static const char *const none[] = {"none", NULL};
static const char *const noise_places[] = {"gates", "end", NULL};
static const char *const precisions[] = {"double", "single", NULL};

static const qf_parameter parameters[] = {
    {.name = "layers",
     .kind = QF_PARAMETER_SIZES,
     .initial = "4",
     .minimum = 1,
     .maximum = 4096,
     .help = "units of the dense relu layers before the circuit; the last has one for each of its "
             "inputs",
     .structural = true},
    {.name = "circuit",
     .kind = QF_PARAMETER_TEXT,
     .initial = "long",
     .help = "the circuit behind the feature map: short, long, strong, sim9 ... (qf-circuit list)",
     .structural = true},
    {.name = "map",
     .kind = QF_PARAMETER_TEXT,
     .initial = "rx",
     .help = "the feature map that turns the inputs into gates: rx, zz, iqp ...",
     .structural = true},
    {.name = "circuit_layers",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "auto",
     .minimum = 1,
     .maximum = 1000,
     .words = automatic,
     .help = "how often the circuit's layer is repeated; auto: as it is usual for it",
     .structural = true},
    {.name = "uploads",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "1",
     .minimum = 1,
     .maximum = 1000,
     .help = "how often feature map and circuit alternate, each time with weights of their own",
     .structural = true},
    {.name = "program",
     .kind = QF_PARAMETER_LINES,
     .initial = "none",
     .words = none,
     .help = "OpenQASM in the place of circuit and map: its inputs called x* are features, the "
             "rest weights",
     .structural = true},
    {.name = "measure",
     .kind = QF_PARAMETER_TEXT,
     .initial = "auto",
     .help =
         "what is measured: z:0,1,2, pauli:XIZY,ZZII, probs or probs:0,2; auto: Z of all wires, "
         "of short and long without the last; of a program as it says",
     .structural = true},
    {.name = "quantum",
     .kind = QF_PARAMETER_WORD,
     .initial = "full",
     .words = qf_twin_names,
     .help =
         "full: the circuit; its twins for comparison: none; dense (about as many live weights); "
         "cosine (of each input); product (without gates of several wires); frozen (its random "
         "weights stay); only (the dense layers' random weights stay)",
     .structural = true},
    QF_NET_PARAMETERS("10", "25", "0.01"),
    {.name = "validation",
     .kind = QF_PARAMETER_REAL,
     .initial = "0",
     .minimum = 0,
     .maximum = 0.9,
     .help = "share of the rows that is set aside to judge every epoch, by the seed"},
    {.name = "patience",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "0",
     .minimum = 0,
     .maximum = 1e6,
     .help = "epochs without a lower validation loss after which training ends with the best "
             "weights; 0: never"},
    {.name = "precision",
     .kind = QF_PARAMETER_WORD,
     .initial = "double",
     .words = precisions,
     .help = "of the circuit's simulation"},
    {.name = "engine",
     .kind = QF_PARAMETER_WORD,
     .initial = "auto",
     .words = qf_engine_names,
     .help = "that simulates it; all agree to rounding but trajectories, which estimate"},
    {.name = "noise",
     .kind = QF_PARAMETER_TEXT,
     .initial = "none",
     .help = "of the circuit: none, or channels and readout with their strengths, as in "
             "depolarising:0.01,readout:0.02"},
    {.name = "noise_at",
     .kind = QF_PARAMETER_WORD,
     .initial = "gates",
     .words = noise_places,
     .help = "where channels act: behind each gate on every wire that it touches, or once at the "
             "end on all wires"},
    {.name = "shots",
     .kind = QF_PARAMETER_INTEGER,
     .initial = "0",
     .minimum = 0,
     .maximum = 1e9,
     .help = "by which each expectation value is estimated, in gradients by parameter shift; 0: "
             "exact"},
};

static void free_qnn(void *state) {
    qf_qnn_free(state);
    free(state);
}

static qf_status new_qnn(qf_model *model, qf_simd simd, qf_error *error) {
    qf_qnn *qnn = model->state = qf_new_array(1, sizeof *qnn, error);
    return qnn ? qf_qnn_build(model, simd, qnn, error) : QF_MEMORY;
}

static qf_status begin(qf_model *model, const qf_run *run, qf_error *error) {
    QF_TRY(new_qnn(model, run->simd, error));
    qf_qnn_draw(model->state, model->seed);
    return QF_OK;
}

static qf_status trainable(const qf_model *model, qf_trainables *list, qf_error *error) {
    return qf_net_trainable(&((const qf_qnn *)model->state)->net, list, error);
}

/* Some circuits are drawn by the seed: as many weights, on other gates. */
static qf_status check_use(const qf_model *model, const qf_model *other, qf_error *error) {
    const qf_qnn *a = model->state, *b = other->state;
    if (qf_circuit_equal(&a->circuit, &b->circuit)) return QF_OK;
    return qf_fail(error, QF_MISMATCH, "its circuit was drawn by another seed, %llu",
                   (unsigned long long)other->seed);
}

/* ---- Fitting ---- */

enum { LISTS = 6, MOST_INSPECTED = 1024 };
enum { LEAST_LOSS, LEAST_EPOCH, LEASTS };

/* A fit in progress: what each epoch was like, and the best weights so far; all of it in one piece
 * of memory, which is kept with an unfinished training. */
typedef struct progress {
    qf_model *model;
    qf_qnn *qnn;
    const qf_run *run;
    const qf_table *training, *validation; /* validation: NULL where no rows are set aside */
    size_t epochs, patience;
    double *memory;
    size_t memory_size;
    double *least;        /* [LEASTS] of the validation losses, */
    double *best;         /* [net size] and the weights that had it */
    double *lists[LISTS]; /* [epochs] each, see list_names */
    double *norms, *dead; /* [layers][epochs] */
    size_t done;
} progress;

enum { LOSS, ACCURACY, VALIDATION_LOSS, VALIDATION_ACCURACY, BEYOND_PI, LARGEST_ANGLE };
static const char *const list_names[LISTS] = {"epoch_loss",       "epoch_accuracy",
                                              "validation_loss",  "validation_accuracy",
                                              "angles_beyond_pi", "largest_angle"};

static qf_status init_progress(progress *p, qf_error *error) {
    const qf_net *net = &p->qnn->net;
    p->epochs = (size_t)qf_record_number(&p->model->parameters, "epochs");
    p->patience = (size_t)qf_record_number(&p->model->parameters, "patience");
    p->memory_size = LEASTS + net->size + (LISTS + 2 * net->count) * p->epochs;
    p->memory = qf_new_array(p->memory_size, sizeof *p->memory, error);
    if (!p->memory) return QF_MEMORY;
    p->least = p->memory;
    p->best = p->least + LEASTS;
    for (size_t i = 0; i < LISTS; i++) p->lists[i] = p->best + net->size + i * p->epochs;
    p->norms = p->lists[0] + LISTS * p->epochs;
    p->dead = p->norms + net->count * p->epochs;
    return QF_OK;
}

/* Mean cross-entropy, weighted by class, and accuracy of the net as it is. */
static qf_status judge(const progress *p, const qf_table *table, double *loss, double *accuracy,
                       qf_error *error) {
    double *chances = qf_new_array(table->rows, sizeof *chances, error), weight = 0;
    if (!chances) return QF_MEMORY;
    const qf_status status = qf_model_probabilities(p->model, table, p->run, chances, error);
    *loss = *accuracy = 0;
    for (size_t r = 0; status == QF_OK && r < table->rows; r++) {
        const uint8_t label = table->labels[r];
        const double own = p->model->class_weights[label];
        *loss -= own * log(fmax(label ? chances[r] : 1 - chances[r], 1e-300));
        *accuracy += (chances[r] > 0.5) == label;
        weight += own;
    }
    *loss /= weight;
    *accuracy /= (double)table->rows;
    free(chances);
    return status;
}

/* The share of the circuit's inputs outside -pi .. pi, and the largest, of the first rows. */
static qf_status inspect_angles(const progress *p, double *share, double *largest,
                                qf_error *error) {
    const double pi = 3.14159265358979323846;
    const qf_qnn *qnn = p->qnn;
    *share = *largest = NAN;
    if (qnn->twin == QF_TWIN_NONE || qnn->twin == QF_TWIN_DENSE) return QF_OK;
    const size_t rows = p->training->rows < MOST_INSPECTED ? p->training->rows : MOST_INSPECTED;
    const size_t count = rows * qnn->net.layers[qnn->place].inputs;
    double *angles = qf_new_array(count, sizeof *angles, error);
    if (!angles) return QF_MEMORY;
    const qf_status status =
        qf_qnn_circuit_inputs(p->model, p->run->simd, p->training->values, rows, angles, error);
    size_t beyond = 0;
    *largest = 0;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        beyond += fabs(angles[i]) > pi;
        *largest = fmax(*largest, fabs(angles[i]));
    }
    *share = (double)beyond / (double)count;
    free(angles);
    return status;
}

static qf_status note_epoch(void *listener, const qf_epoch *epoch, bool *stop, qf_error *error) {
    progress *p = listener;
    const size_t e = epoch->epoch - 1, layers = p->qnn->net.count;
    p->done = epoch->epoch;
    p->lists[LOSS][e] = epoch->loss;
    p->lists[ACCURACY][e] = epoch->accuracy;
    for (size_t i = 0; i < layers; i++) {
        p->norms[i * p->epochs + e] = epoch->gradient_norms[i];
        p->dead[i * p->epochs + e] = epoch->dead_units[i];
    }
    QF_TRY(inspect_angles(p, &p->lists[BEYOND_PI][e], &p->lists[LARGEST_ANGLE][e], error));
    if (!p->validation) return QF_OK;
    double *loss = &p->lists[VALIDATION_LOSS][e];
    QF_TRY(judge(p, p->validation, loss, &p->lists[VALIDATION_ACCURACY][e], error));
    if (e == 0 || *loss < p->least[LEAST_LOSS]) {
        p->least[LEAST_LOSS] = *loss;
        p->least[LEAST_EPOCH] = (double)e;
        memcpy(p->best, p->qnn->net.weights, p->qnn->net.size * sizeof(double));
    }
    *stop = p->patience > 0 && (double)e - p->least[LEAST_EPOCH] >= (double)p->patience;
    return QF_OK;
}

static qf_status set_facts(const progress *p, qf_error *error) {
    qf_record *facts = &p->model->facts;
    size_t live;
    char name[64];
    for (size_t i = 0; i < LISTS; i++) {
        if (!p->validation && (i == VALIDATION_LOSS || i == VALIDATION_ACCURACY)) continue;
        QF_TRY(qf_record_set_reals(facts, list_names[i], p->lists[i], p->done, error));
    }
    for (size_t i = 0; i < p->qnn->net.count; i++) {
        snprintf(name, sizeof name, "gradient_norm_%zu", i);
        QF_TRY(qf_record_set_reals(facts, name, p->norms + i * p->epochs, p->done, error));
        if (isnan(p->dead[i * p->epochs])) continue;
        snprintf(name, sizeof name, "dead_units_%zu", i);
        QF_TRY(qf_record_set_reals(facts, name, p->dead + i * p->epochs, p->done, error));
    }
    QF_TRY(qf_qnn_live_parameters(p->qnn, &live, error));
    return qf_record_set_integer(facts, "live_parameters", (int64_t)live, error);
}

static qf_status train(progress *p, qf_error *error) {
    const qf_net_options options = qf_net_options_of(p->model, 1e-7); /* as in Keras */
    QF_TRY(init_progress(p, error));
    const qf_epoch_listener listener = {note_epoch, p, p->memory, p->memory_size};
    QF_TRY(qf_net_train(&p->qnn->net, p->training, &options, p->run, &listener, error));
    if (p->patience > 0 && p->validation) {
        memcpy(p->qnn->net.weights, p->best, p->qnn->net.size * sizeof(double));
    }
    return set_facts(p, error);
}

/* Rows that are set aside are drawn as qf-split does it: stratified, equal rows on one side. */
static qf_status set_aside(const qf_table *table, double share, uint64_t seed, qf_table *training,
                           qf_table *validation, qf_error *error) {
    size_t *part = qf_new_array(table->rows, sizeof *part, error);
    size_t *rows = qf_new_array(table->rows, sizeof *rows, error);
    qf_status status = part && rows ? QF_OK : QF_MEMORY;
    if (status == QF_OK) {
        status = qf_split_holdout(table, share, QF_GROUP_IDENTICAL, seed, part, error);
    }
    for (size_t side = 0; status == QF_OK && side < 2; side++) {
        size_t count = 0;
        for (size_t r = 0; r < table->rows; r++) {
            if (part[r] == side) rows[count++] = r;
        }
        status = qf_table_select_rows(table, rows, count, side ? validation : training, error);
    }
    free(part);
    free(rows);
    return status;
}

/* Trajectories have no gradients. */
static qf_status check_trainable(const qf_qnn *qnn, qf_error *error) {
    if (!qnn->quantum || qf_quantum_layer_engine(qnn->quantum) != QF_ENGINE_TRAJECTORIES) {
        return QF_OK;
    }
    return qf_fail(error, QF_USAGE,
                   "circuits of more than %d wires cannot be trained with noise or shots",
                   QF_AUTO_DENSITY_WIRES);
}

static qf_status fit(qf_model *model, const qf_table *table, const qf_run *run, qf_error *error) {
    const double share = qf_record_number(&model->parameters, "validation");
    qf_table training = {0}, validation = {0};
    progress p = {.model = model, .qnn = model->state, .run = run, .training = table};
    qf_status status = check_trainable(p.qnn, error);
    if (status != QF_OK) return status;
    if (share > 0) {
        status = set_aside(table, share, model->seed, &training, &validation, error);
        p.training = &training;
        p.validation = &validation;
    } else if (qf_record_number(&model->parameters, "patience") > 0) {
        status = qf_fail(error, QF_USAGE, "patience needs validation rows: set validation");
    }
    if (status == QF_OK) status = train(&p, error);
    free(p.memory);
    qf_table_free(&training);
    qf_table_free(&validation);
    return status;
}

/* ---- Predicting ---- */

/* A row's chance comes from its numbers, so that it has the same shots in whatever company; equal
 * rows have equal ones. */
static uint64_t key_of(const double *row, size_t columns) {
    uint64_t key = 0;
    for (size_t c = 0; c < columns; c++) key = qf_random_mix(key, qf_order_key(row[c]));
    return key;
}

static qf_status predict(const qf_model *model, const double *rows, size_t count, const qf_run *run,
                         double *probabilities, qf_error *error) {
    qf_qnn copy;
    uint64_t *keys = NULL;
    QF_TRY(qf_qnn_share(model->state, &copy, error));
    qf_status status = QF_OK;
    if (qf_qnn_is_random(&copy)) {
        keys = qf_new_array(count, sizeof *keys, error);
        if (!keys) status = QF_MEMORY;
        for (size_t r = 0; keys && r < count; r++) {
            keys[r] = key_of(rows + r * model->columns, model->columns);
        }
        if (keys) qf_quantum_layer_keys(copy.quantum, keys);
    }
    if (status == QF_OK) {
        status = qf_net_predict(&copy.net, run->simd, rows, count, probabilities, error);
    }
    qf_qnn_unshare(&copy);
    free(keys);
    return status;
}

/* ---- Storing ---- */

/* Parameters may say anything here: what cannot be built is bad data, not a wrong command. */
static qf_status decode(qf_model *model, const qf_arrays *arrays, qf_error *error) {
    (void)arrays;
    const qf_status status = new_qnn(model, qf_simd_best(), error);
    return status == QF_USAGE || status == QF_MISMATCH ? (error->status = QF_DATA) : status;
}

extern const qf_model_kind qf_model_kind_qnn;
const qf_model_kind qf_model_kind_qnn = {
    .name = "qnn",
    .summary = "a quantum neural network between dense layers, and its classical twins",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
    .fit = fit,
    .predict = predict,
    .decode = decode,
    .free = free_qnn,
    .begin = begin,
    .trainable = trainable,
    .check_use = check_use,
    .resumes = true,
};
