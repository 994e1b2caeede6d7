#include "learn/violations_wire.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    UNKNOWN_ORIGIN,
    DIFFERENT_DATA,
    NO_SPLIT,
    UNGROUPED_SPLIT,
    RESAMPLED_BEFORE_SPLIT,
    RESAMPLED_TEST,
    SCALED_BEFORE_SPLIT,
    SCALED_ON_TEST,
    SCALED_UNLIKE_TRAINING,
    REDUCED_BEFORE_SPLIT, /* in the order of those of scaling */
    REDUCED_ON_TEST,
    REDUCED_UNLIKE_TRAINING,
    NOT_AUDITED,
    IDENTIFIER_KEPT,
    LEAK_KEPT,
    TRAINED_ON_TEST_ROWS,
    TRAINED_ON_PARENTS,
    CHOSEN_ON_TEST_ROWS,
    SYNTHETIC_IN_TEST,
    CODES
};

const char *const qf_violation_codes[CODES + 1] = {
    [UNKNOWN_ORIGIN] = "unknown-origin",
    [DIFFERENT_DATA] = "different-data",
    [NO_SPLIT] = "no-split",
    [UNGROUPED_SPLIT] = "ungrouped-split",
    [RESAMPLED_BEFORE_SPLIT] = "resampled-before-split",
    [RESAMPLED_TEST] = "resampled-test",
    [SCALED_BEFORE_SPLIT] = "scaled-before-split",
    [SCALED_ON_TEST] = "scaled-on-test",
    [SCALED_UNLIKE_TRAINING] = "scaled-unlike-training",
    [REDUCED_BEFORE_SPLIT] = "reduced-before-split",
    [REDUCED_ON_TEST] = "reduced-on-test",
    [REDUCED_UNLIKE_TRAINING] = "reduced-unlike-training",
    [NOT_AUDITED] = "not-audited",
    [IDENTIFIER_KEPT] = "identifier-kept",
    [LEAK_KEPT] = "leak-kept",
    [TRAINED_ON_TEST_ROWS] = "trained-on-test-rows",
    [TRAINED_ON_PARENTS] = "trained-on-parents",
    [CHOSEN_ON_TEST_ROWS] = "selected-on-test-rows",
    [SYNTHETIC_IN_TEST] = "synthetic-in-test",
};

typedef enum part { TEST, TRAIN } part;

typedef struct findings {
    const qf_provenance *prediction;
    const qf_provenance *rows[2]; /* by part: the run that made them, the first of several */
    bool same_data;
    bool found[CODES];
    bool reached[2], split[2], audited[2]; /* by part */
    qf_bytes kept[2];                      /* codes of identifiers and of leaks, each with ';' */
    qf_provenance_list models;             /* that have been walked */
    qf_error *error;
} findings;

static bool is_tool(const qf_provenance *node, const char *tool) {
    return strcmp(node->tool, tool) == 0;
}

/* The last value given to an option ("" for a flag), or NULL. */
static const char *argument(const qf_provenance *node, const char *option) {
    const size_t length = strlen(option);
    for (size_t i = node->argument_count; i-- > 0;) {
        const char *text = node->arguments[i];
        if (strncmp(text, option, length) != 0) continue;
        if (text[length] == '=') return text + length + 1;
        if (text[length] == 0) return "";
    }
    return NULL;
}

static bool equals(const char *text, const char *expected) {
    return text && strcmp(text, expected) == 0;
}

static bool is_trainer(const qf_provenance *node) {
    return strncmp(node->tool, "qf-train-", 9) == 0;
}

static bool is_holdout(const qf_provenance *node) {
    return is_tool(node, "qf-split") && !argument(node, "--clients") && !argument(node, "--sample");
}

static bool is_resampler(const qf_provenance *node) {
    return is_tool(node, "qf-smote") || is_tool(node, "qf-undersample");
}

/* Scalers and reducers are maps, fitted to rows and applied to these or others. */
static bool is_fit(const qf_provenance *node) {
    return (is_tool(node, "qf-scale") && argument(node, "--fit")) ||
           (is_tool(node, "qf-reduce") && argument(node, "--to"));
}

static bool is_own_fit(const qf_provenance *node, const qf_provenance *input) {
    return is_fit(input) && strcmp(node->tool, input->tool) == 0;
}

/* The input by which rows came: all but the fitted map that was applied to them. When every input
 * is the output of such a fit, the rows are the first. */
static bool is_map(const qf_provenance *node, size_t input) {
    if (is_fit(node) || !argument(node, "--apply")) return false;
    bool others = false;
    for (size_t i = 0; i < node->input_count; i++) others |= !is_own_fit(node, node->inputs[i]);
    return others ? is_own_fit(node, node->inputs[input]) : input > 0;
}

/* The code for a map that stands for one of a scaler. */
static int code_of(const qf_provenance *fit, int scaled) {
    return scaled + (is_tool(fit, "qf-reduce") ? REDUCED_BEFORE_SPLIT - SCALED_BEFORE_SPLIT : 0);
}

const qf_provenance *qf_provenance_trainer(const qf_provenance *run) {
    if (is_trainer(run)) return run;
    const qf_provenance *found = NULL;
    for (size_t i = 0; !found && i < run->input_count; i++) {
        found = qf_provenance_trainer(run->inputs[i]);
    }
    return found;
}

/* Whether rows went through a holdout split at or beneath this run; with `emit`, one that emitted
 * that part. */
static bool went_through_split(const qf_provenance *node, const char *emit) {
    if (is_holdout(node) && (!emit || equals(argument(node, "--emit"), emit))) return true;
    for (size_t i = 0; i < node->input_count; i++) {
        if (!is_map(node, i) && went_through_split(node->inputs[i], emit)) return true;
    }
    return false;
}

/* A step that looks at many rows at once: does its place mix what the split keeps apart? Above the
 * split in the tree is later in time. */
static void judge_step(const qf_provenance *node, part p, bool beneath_split, int before_split,
                       int on_test, findings *f) {
    if (beneath_split) {
        /* Training rows may be split once more, for validation, after such a step. */
        if (p == TEST || !went_through_split(node, NULL)) f->found[before_split] = true;
    } else if (p == TEST) {
        f->found[on_test] = true;
    }
}

/* What an option is set to, its default where it is not given. */
static const char *setting(const qf_provenance *node, const char *option, const char *initial) {
    const char *value = argument(node, option);
    return value ? value : initial;
}

static bool is_client(const char *text) {
    return strncmp(text, "--client=", 9) == 0;
}

/* Whether two runs made the same rows, or rows of two clients of one division. */
static bool same_source(const qf_provenance *a, const qf_provenance *b) {
    if (a == b) return true;
    if (strcmp(a->tool, b->tool) != 0 || a->seed != b->seed ||
        a->argument_count != b->argument_count || a->input_count != b->input_count) {
        return false;
    }
    for (size_t i = 0; i < a->argument_count; i++) {
        const char *x = a->arguments[i], *y = b->arguments[i];
        const bool clients = is_client(x) && is_client(y);
        if (!clients && strcmp(x, y) != 0) return false;
    }
    for (size_t i = 0; i < a->input_count; i++) {
        if (!same_source(a->inputs[i], b->inputs[i])) return false;
    }
    return true;
}

/* Whether two runs are the two sides of one holdout split of one table. */
static bool are_sides(const qf_provenance *a, const qf_provenance *b) {
    static const char *const options[][2] = {{"--test", ""}, {"--folds", ""},
                                             {"--fold", ""}, {"--group", "identical"},
                                             {"--by", ""},   {"--gap", "0"}};
    bool same =
        is_holdout(a) && is_holdout(b) && a->seed == b->seed && a->input_count == b->input_count;
    for (size_t i = 0; same && i < sizeof options / sizeof *options; i++) {
        const char *option = options[i][0], *initial = options[i][1];
        same = strcmp(setting(a, option, initial), setting(b, option, initial)) == 0;
    }
    for (size_t i = 0; same && i < a->input_count; i++) {
        same = same_source(a->inputs[i], b->inputs[i]);
    }
    return same && equals(argument(a, "--emit"), "test") != equals(argument(b, "--emit"), "test");
}

static bool has_other_side(const qf_provenance *rows, const qf_provenance *split) {
    if (are_sides(rows, split)) return true;
    for (size_t i = 0; i < rows->input_count; i++) {
        if (!is_map(rows, i) && has_other_side(rows->inputs[i], split)) return true;
    }
    return false;
}

/* Whether rows were all parted from the test rows by a split that both went through. */
static bool is_parted(const qf_provenance *rows, const qf_provenance *test) {
    if (has_other_side(test, rows)) return true;
    size_t parted = 0, inputs = 0;
    for (size_t i = 0; i < rows->input_count; i++) {
        if (is_map(rows, i)) continue;
        inputs++;
        parted += is_parted(rows->inputs[i], test);
    }
    return inputs > 0 && parted == inputs;
}

static bool saw_test_rows(const qf_provenance *map, const qf_provenance *prediction) {
    for (size_t i = 0; i < prediction->input_count; i++) {
        const qf_provenance *input = prediction->inputs[i];
        if (!qf_provenance_trainer(input) && !is_parted(map, input)) return true;
    }
    return false;
}

/* Where there is no split at all, no-split says what is wrong. A map fitted on the training part of
 * another split has seen test rows. */
static void judge_map(const qf_provenance *map, findings *f) {
    if (went_through_split(map, "test")) {
        f->found[code_of(map, SCALED_ON_TEST)] = true;
    } else if (f->same_data && saw_test_rows(map, f->prediction)) {
        f->found[code_of(map, SCALED_BEFORE_SPLIT)] = true;
    }
}

/* The fit of the map that this run applied, or NULL. */
static const qf_provenance *fit_of(const qf_provenance *node) {
    if (is_fit(node)) return node;
    for (size_t i = 0; i < node->input_count; i++) {
        if (is_map(node, i)) return node->inputs[i];
    }
    return NULL;
}

/* Whether two fits gave the same map: what it was saved as does not matter. */
static bool same_fit(const qf_provenance *a, const qf_provenance *b) {
    static const char *const options[][2] = {
        {"--fit", ""}, {"--clip", ""}, {"--to", ""}, {"--by", "pca"}};
    bool same =
        strcmp(a->tool, b->tool) == 0 && a->seed == b->seed && a->input_count == b->input_count;
    for (size_t i = 0; same && i < sizeof options / sizeof *options; i++) {
        const char *option = options[i][0], *initial = options[i][1];
        same = strcmp(setting(a, option, initial), setting(b, option, initial)) == 0;
    }
    for (size_t i = 0; same && i < a->input_count; i++) {
        same = same_source(a->inputs[i], b->inputs[i]);
    }
    return same;
}

static bool was_mapped_by(const qf_provenance *rows, const qf_provenance *fit) {
    const qf_provenance *own = fit_of(rows);
    if (own && same_fit(own, fit)) return true;
    for (size_t i = 0; i < rows->input_count; i++) {
        if (!is_map(rows, i) && was_mapped_by(rows->inputs[i], fit)) return true;
    }
    return false;
}

/* Whether every map of these rows was applied to the others, too; else each that was not is found.
 */
static void judge_likeness(const qf_provenance *rows, const qf_provenance *others, findings *f) {
    const qf_provenance *fit = fit_of(rows);
    if (fit && !was_mapped_by(others, fit)) f->found[code_of(fit, SCALED_UNLIKE_TRAINING)] = true;
    for (size_t i = 0; i < rows->input_count; i++) {
        if (!is_map(rows, i)) judge_likeness(rows->inputs[i], others, f);
    }
}

/* The audits of a path from an older to newer ones. */
typedef struct audits {
    const qf_provenance *run;
    const struct audits *newer;
} audits;

static bool was_dropped(const audits *list, const char *name) {
    static const char prefix[] = "audit:dropped=";
    for (; list; list = list->newer) {
        for (size_t i = 0; i < list->run->note_count; i++) {
            const char *note = list->run->notes[i];
            if (strncmp(note, prefix, sizeof prefix - 1) == 0 &&
                strcmp(note + sizeof prefix - 1, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

static qf_status print_kept(const char *code, const char *name, qf_bytes *entry, qf_error *error) {
    QF_TRY(qf_bytes_print(entry, error, "%s:", code));
    for (; *name; name++) {
        const unsigned char byte = (unsigned char)*name;
        const bool plain = byte >= 0x20 && byte != 0x7f && byte != ';';
        QF_TRY(qf_bytes_append(entry, plain ? name : "_", 1, error));
    }
    return qf_bytes_append(entry, ";", 1, error);
}

/* Enters the columns that an audit found ("audit:leak=NAME") and neither it nor a newer one
 * dropped. */
static qf_status enter_kept(const audits *list, const char *prefix, int code, qf_bytes *kept,
                            qf_error *error) {
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < list->run->note_count; i++) {
        const char *note = list->run->notes[i], *name = note + strlen(prefix);
        if (strncmp(note, prefix, strlen(prefix)) != 0 || was_dropped(list, name)) continue;
        qf_bytes entry = {0};
        status = print_kept(qf_violation_codes[code], name, &entry, error);
        const bool known =
            status == QF_OK && kept->data && strstr((char *)kept->data, (char *)entry.data);
        if (status == QF_OK && !known) {
            status = qf_bytes_append(kept, entry.data, entry.length, error);
        }
        free(entry.data);
    }
    return status;
}

static void judge_run(const qf_provenance *node, part p, bool beneath_split, findings *f) {
    if (is_resampler(node)) {
        judge_step(node, p, beneath_split, RESAMPLED_BEFORE_SPLIT, RESAMPLED_TEST, f);
    }
    if (is_fit(node)) {
        judge_step(node, p, beneath_split, code_of(node, SCALED_BEFORE_SPLIT),
                   code_of(node, SCALED_ON_TEST), f);
    }
    if (is_holdout(node)) {
        f->split[p] = true;
        if (equals(argument(node, "--group"), "none")) f->found[UNGROUPED_SPLIT] = true;
    }
}

/* From the newest run to the oldest. */
static qf_status walk_rows(const qf_provenance *node, part p, bool beneath_split,
                           const audits *newer, findings *f) {
    const audits here = {node, newer};
    f->reached[p] = true;
    judge_run(node, p, beneath_split, f);
    beneath_split |= is_holdout(node);
    if (is_tool(node, "qf-audit")) {
        f->audited[p] = true;
        newer = &here;
        QF_TRY(enter_kept(newer, "audit:identifier-kept=", IDENTIFIER_KEPT, &f->kept[0], f->error));
        QF_TRY(enter_kept(newer, "audit:leak=", LEAK_KEPT, &f->kept[1], f->error));
    }
    for (size_t i = 0; i < node->input_count; i++) {
        if (is_map(node, i)) {
            judge_map(node->inputs[i], f);
        } else {
            QF_TRY(walk_rows(node->inputs[i], p, beneath_split, newer, f));
        }
    }
    return QF_OK;
}

static qf_status enter_rows(const qf_provenance *rows, part p, findings *f) {
    if (!f->rows[p]) f->rows[p] = rows;
    return walk_rows(rows, p, false, NULL, f);
}

/* A trainer reads the rows that it chooses by, and does not fit to them, last. */
static size_t fitted_inputs(const qf_provenance *node) {
    const bool chooses = is_trainer(node) && argument(node, "--judge");
    return node->input_count - (chooses && node->input_count > 1);
}

static qf_status walk_model(qf_provenance *node, findings *f) {
    if (qf_provenance_listed(&f->models, node)) return QF_OK;
    QF_TRY(qf_provenance_enter(&f->models, node, f->error));
    for (size_t i = 0; i < fitted_inputs(node); i++) {
        if (is_tool(node->inputs[i], "qf-circuit")) continue; /* no rows */
        if (qf_provenance_trainer(node->inputs[i])) {
            QF_TRY(walk_model(node->inputs[i], f));
        } else if (is_trainer(node)) {
            QF_TRY(enter_rows(node->inputs[i], TRAIN, f));
        }
    }
    return QF_OK;
}

static const qf_provenance *find_prediction(const qf_provenance *run) {
    if (is_tool(run, "qf-predict")) return run;
    const qf_provenance *found = NULL;
    for (size_t i = 0; !found && i < run->input_count; i++) found = find_prediction(run->inputs[i]);
    return found;
}

static qf_status judge_provenance(const qf_provenance *run, findings *f) {
    const qf_provenance *prediction = f->prediction = find_prediction(run);
    for (size_t i = 0; prediction && i < prediction->input_count; i++) {
        qf_provenance *input = prediction->inputs[i];
        if (qf_provenance_trainer(input)) {
            QF_TRY(walk_model(input, f));
        } else {
            QF_TRY(enter_rows(input, TEST, f));
        }
    }
    f->found[UNKNOWN_ORIGIN] = !f->reached[TEST] || !f->reached[TRAIN];
    if (f->found[UNKNOWN_ORIGIN]) return QF_OK;
    const qf_provenance *test = f->rows[TEST], *train = f->rows[TRAIN];
    /* Scaled by a fit of their own, they are unlike the training rows, too. */
    judge_likeness(test, train, f);
    judge_likeness(train, test, f);
    f->found[SCALED_UNLIKE_TRAINING] &= !f->found[SCALED_ON_TEST];
    f->found[REDUCED_UNLIKE_TRAINING] &= !f->found[REDUCED_ON_TEST];
    f->found[DIFFERENT_DATA] = !f->same_data;
    f->found[NO_SPLIT] = f->same_data && !(f->split[TEST] && f->split[TRAIN]);
    f->found[NOT_AUDITED] = !(f->audited[TEST] && f->audited[TRAIN]);
    return QF_OK;
}

static const qf_input *find_input(const qf_input *inputs, size_t count, const char *type) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(inputs[i].type, type) == 0) return &inputs[i];
    }
    return NULL;
}

static qf_status print_codes(const findings *f, const size_t *counts, qf_bytes *codes,
                             qf_error *error) {
    const size_t start = codes->length;
    for (int i = 0; i < CODES; i++) {
        if (i == IDENTIFIER_KEPT || i == LEAK_KEPT) {
            const qf_bytes *kept = &f->kept[i - IDENTIFIER_KEPT];
            QF_TRY(qf_bytes_append(codes, kept->data, kept->length, error));
        } else if (counts[i] > 0) {
            QF_TRY(qf_bytes_print(codes, error, "%s:%zu;", qf_violation_codes[i], counts[i]));
        } else if (f->found[i]) {
            QF_TRY(qf_bytes_print(codes, error, "%s;", qf_violation_codes[i]));
        }
    }
    if (codes->length > start) codes->data[--codes->length] = 0;
    return QF_OK;
}

qf_status qf_violations_find(const qf_provenance *run, const qf_scores *scores,
                             const qf_input *inputs, size_t input_count, qf_bytes *codes,
                             qf_error *error) {
    const qf_input *table = find_input(inputs, input_count, "table");
    const qf_input *model = find_input(inputs, input_count, "model");
    findings f = {.error = error};
    f.same_data = !table || !model || qf_origins_equal(&table->origins, &model->origins);
    size_t counts[CODES] = {0};
    for (size_t i = 0; i < scores->count; i++) {
        if (scores->origins[i].neighbour >= 0) counts[SYNTHETIC_IN_TEST]++;
        if (!f.same_data) continue; /* equal row numbers are not equal rows */
        if (scores->seen[i] & QF_SEEN_ROW) counts[TRAINED_ON_TEST_ROWS]++;
        if (scores->seen[i] & QF_SEEN_PARENT) counts[TRAINED_ON_PARENTS]++;
        if (scores->seen[i] & QF_SEEN_CHOICE) counts[CHOSEN_ON_TEST_ROWS]++;
    }
    qf_status status = judge_provenance(run, &f);
    if (status == QF_OK) status = print_codes(&f, counts, codes, error);
    free(f.kept[0].data);
    free(f.kept[1].data);
    free(f.models.runs);
    return status;
}

qf_status qf_data_digest(const qf_input *inputs, size_t input_count, qf_bytes *digest,
                         qf_error *error) {
    const qf_input *table = find_input(inputs, input_count, "table");
    for (size_t i = 0; table && i < table->origins.count; i++) {
        char text[2 * QF_DIGEST_SIZE + 1];
        qf_digest_print(&table->origins.digests[i], text);
        QF_TRY(qf_bytes_print(digest, error, "%s%s", i ? "+" : "", text));
    }
    return QF_OK;
}
