#include "stream/provenance.h"

#include <stdlib.h>
#include <string.h>

static void free_texts(char **texts, size_t count) {
    for (size_t i = 0; i < count; i++) free(texts[i]);
    free(texts);
}

void qf_provenance_clear(qf_provenance *run) {
    free(run->tool);
    free(run->version);
    free_texts(run->arguments, run->argument_count);
    free_texts(run->notes, run->note_count);
    for (size_t i = 0; i < run->input_count; i++) qf_provenance_release(run->inputs[i]);
    free(run->inputs);
    *run = (qf_provenance){0};
}

qf_provenance *qf_provenance_share(qf_provenance *run) {
    if (run) run->owners++;
    return run;
}

void qf_provenance_release(qf_provenance *run) {
    if (!run || run->owners-- > 0) return;
    qf_provenance_clear(run);
    free(run);
}

static qf_status check_height(const qf_provenance *run, qf_error *error) {
    if (run->height <= QF_MAX_PROVENANCE_HEIGHT) return QF_OK;
    return qf_fail(error, QF_DATA, "more than %d programs in a row", QF_MAX_PROVENANCE_HEIGHT);
}

bool qf_provenance_listed(const qf_provenance_list *list, const qf_provenance *run) {
    return run->place < list->count && list->runs[run->place] == run;
}

qf_status qf_provenance_enter(qf_provenance_list *list, qf_provenance *run, qf_error *error) {
    QF_TRY(qf_grow_array(&list->runs, &list->capacity, list->count + 1, sizeof *list->runs, error));
    run->place = list->count;
    list->runs[list->count++] = run;
    return QF_OK;
}

qf_status qf_provenance_enter_inputs(qf_provenance_list *list, const qf_provenance *run,
                                     qf_error *error) {
    for (size_t i = 0; i < run->input_count; i++) {
        qf_provenance *input = run->inputs[i];
        if (qf_provenance_listed(list, input)) continue;
        QF_TRY(qf_provenance_enter_inputs(list, input, error));
        QF_TRY(qf_provenance_enter(list, input, error));
    }
    return QF_OK;
}

static bool equal_texts(char *const *a, size_t a_count, char *const *b, size_t b_count) {
    bool equal = a_count == b_count;
    for (size_t i = 0; equal && i < a_count; i++) equal = strcmp(a[i], b[i]) == 0;
    return equal;
}

/* Whether two runs did the same work on the same inputs, given that equal inputs are one already.
 */
static bool equal_runs(const qf_provenance *a, const qf_provenance *b) {
    return a->input_count == b->input_count && a->height == b->height && a->seed == b->seed &&
           a->seeded == b->seeded && strcmp(a->tool, b->tool) == 0 &&
           strcmp(a->version, b->version) == 0 &&
           equal_texts(a->arguments, a->argument_count, b->arguments, b->argument_count) &&
           equal_texts(a->notes, a->note_count, b->notes, b->note_count) &&
           (a->input_count == 0 ||
            memcmp(a->inputs, b->inputs, a->input_count * sizeof *a->inputs) == 0);
}

/* Another share in the run of the list that equals this one; in this one when there is none. */
static qf_provenance *share_equal(const qf_provenance_list *known, qf_provenance *run) {
    qf_provenance *equal = run;
    for (size_t i = 0; equal == run && i < known->count; i++) {
        if (equal_runs(known->runs[i], run)) equal = known->runs[i];
    }
    return qf_provenance_share(equal);
}

/* `input` and what is beneath it, but with the known runs where these are equal: the caller's
 * share. From the oldest run on, so that the inputs of a run are known ones before it is compared.
 */
static qf_status merge(const qf_provenance_list *known, qf_provenance *input,
                       qf_provenance **merged, qf_error *error) {
    qf_provenance_list list = {0};
    qf_status status = qf_provenance_enter_inputs(&list, input, error);
    for (size_t i = 0; status == QF_OK && i <= list.count; i++) {
        qf_provenance *run = i < list.count ? list.runs[i] : input;
        for (size_t j = 0; j < run->input_count; j++) {
            qf_provenance *own = run->inputs[j];
            run->inputs[j] = share_equal(known, own);
            qf_provenance_release(own);
        }
    }
    if (status == QF_OK) *merged = share_equal(known, input);
    free(list.runs);
    return status;
}

qf_status qf_provenance_add_input(qf_provenance *run, qf_provenance *input, qf_error *error) {
    size_t capacity = run->input_count;
    QF_TRY(qf_grow_array(&run->inputs, &capacity, run->input_count + 1, sizeof(qf_provenance *),
                         error));
    qf_provenance_list known = {0};
    qf_status status = qf_provenance_enter_inputs(&known, run, error);
    if (status == QF_OK) status = merge(&known, input, &run->inputs[run->input_count], error);
    free(known.runs);
    if (status != QF_OK) return status;
    run->input_count++;
    if (run->height <= input->height) run->height = input->height + 1;
    return QF_OK;
}

static void pack_run(qf_pack *pack, const qf_provenance *run) {
    qf_pack_map(pack, run->seeded ? 6 : 5);
    qf_pack_text(pack, "tool");
    qf_pack_text(pack, run->tool);
    qf_pack_text(pack, "version");
    qf_pack_text(pack, run->version);
    qf_pack_text(pack, "arguments");
    qf_pack_texts(pack, run->arguments, run->argument_count);
    if (run->seeded) {
        qf_pack_text(pack, "seed");
        qf_pack_unsigned(pack, run->seed);
    }
    qf_pack_text(pack, "notes");
    qf_pack_texts(pack, run->notes, run->note_count);
    qf_pack_text(pack, "inputs");
    qf_pack_list(pack, run->input_count);
    for (size_t i = 0; i < run->input_count; i++) qf_pack_unsigned(pack, run->inputs[i]->place);
}

void qf_pack_provenance(qf_pack *pack, const qf_provenance *run) {
    qf_provenance_list list = {0};
    if (pack->status == QF_OK) pack->status = check_height(run, pack->error);
    if (pack->status == QF_OK) pack->status = qf_provenance_enter_inputs(&list, run, pack->error);
    qf_pack_list(pack, list.count + 1);
    for (size_t i = 0; i < list.count; i++) pack_run(pack, list.runs[i]);
    pack_run(pack, run);
    free(list.runs);
}

static qf_status unpack_inputs(const msgpack_object_array *places, const qf_provenance_list *list,
                               qf_provenance *run, qf_error *error) {
    run->inputs = qf_new_array(places->size, sizeof(qf_provenance *), error);
    if (!run->inputs) return QF_MEMORY;
    for (uint32_t i = 0; i < places->size; i++) {
        uint64_t place;
        QF_TRY(qf_unpack_unsigned(&places->ptr[i], &place, error));
        if (place >= list->count) {
            return qf_fail(error, QF_DATA, "a run reads what no run before it wrote");
        }
        qf_provenance *input = list->runs[place];
        run->inputs[run->input_count++] = qf_provenance_share(input);
        if (run->height <= input->height) run->height = input->height + 1;
    }
    return check_height(run, error);
}

static qf_status unpack_run(const msgpack_object *object, const qf_provenance_list *list,
                            qf_provenance *run, qf_error *error) {
    const msgpack_object *found;
    QF_TRY(qf_unpack_find(object, "tool", MSGPACK_OBJECT_STR, &found, error));
    QF_TRY(qf_unpack_text(found, &run->tool, error));
    QF_TRY(qf_unpack_find(object, "version", MSGPACK_OBJECT_STR, &found, error));
    QF_TRY(qf_unpack_text(found, &run->version, error));
    QF_TRY(qf_unpack_find(object, "arguments", MSGPACK_OBJECT_ARRAY, &found, error));
    QF_TRY(qf_unpack_texts(found, &run->arguments, &run->argument_count, error));
    QF_TRY(qf_unpack_find(object, "notes", MSGPACK_OBJECT_ARRAY, &found, error));
    QF_TRY(qf_unpack_texts(found, &run->notes, &run->note_count, error));
    const msgpack_object *seed = qf_unpack_optional(object, "seed");
    if (seed) {
        QF_TRY(qf_unpack_unsigned(seed, &run->seed, error));
        run->seeded = true;
    }
    QF_TRY(qf_unpack_find(object, "inputs", MSGPACK_OBJECT_ARRAY, &found, error));
    return unpack_inputs(&found->via.array, list, run, error);
}

/* The list gets a share in every run, failed or not. */
static qf_status unpack_runs(const msgpack_object *object, qf_provenance_list *list,
                             qf_error *error) {
    if (object->type != MSGPACK_OBJECT_ARRAY) return qf_fail(error, QF_DATA, "expected a list");
    for (uint32_t i = 0; i < object->via.array.size; i++) {
        qf_provenance *run = qf_new_array(1, sizeof *run, error);
        if (!run) return QF_MEMORY;
        qf_status status = unpack_run(&object->via.array.ptr[i], list, run, error);
        if (status == QF_OK) status = qf_provenance_enter(list, run, error);
        if (status != QF_OK) {
            qf_provenance_release(run);
            return status;
        }
    }
    if (list->count == 0) return qf_fail(error, QF_DATA, "no run wrote the stream");
    for (size_t i = 0; i + 1 < list->count; i++) {
        if (list->runs[i]->owners == 0) {
            return qf_fail(error, QF_DATA, "run %zu wrote what no other read", i + 1);
        }
    }
    return QF_OK;
}

qf_status qf_unpack_provenance(const msgpack_object *object, qf_provenance **run, qf_error *error) {
    qf_provenance_list list = {0};
    const qf_status status = unpack_runs(object, &list, error);
    *run = status == QF_OK ? qf_provenance_share(list.runs[list.count - 1]) : NULL;
    for (size_t i = 0; i < list.count; i++) qf_provenance_release(list.runs[i]);
    free(list.runs);
    return status == QF_OK ? QF_OK : qf_error_context(error, "provenance");
}
