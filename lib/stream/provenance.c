#include "stream/provenance.h"

#include <stdlib.h>

static void free_texts(char **texts, size_t count) {
    for (size_t i = 0; i < count; i++) free(texts[i]);
    free(texts);
}

void qf_provenance_free(qf_provenance *node) {
    free(node->tool);
    free(node->version);
    free_texts(node->arguments, node->argument_count);
    free_texts(node->notes, node->note_count);
    for (size_t i = 0; i < node->input_count; i++) qf_provenance_free(&node->inputs[i]);
    free(node->inputs);
    *node = (qf_provenance){0};
}

static size_t count_runs(const qf_provenance *node) {
    size_t count = 1;
    for (size_t i = 0; i < node->input_count; i++) count += count_runs(&node->inputs[i]);
    return count;
}

/* In post-order: nothing nests however many programs stand in a row, and msgpack-c unpacks no more
 * than 32 levels. */
static void pack_runs(qf_pack *pack, const qf_provenance *node) {
    for (size_t i = 0; i < node->input_count; i++) pack_runs(pack, &node->inputs[i]);
    qf_pack_map(pack, node->seeded ? 6 : 5);
    qf_pack_text(pack, "tool");
    qf_pack_text(pack, node->tool);
    qf_pack_text(pack, "version");
    qf_pack_text(pack, node->version);
    qf_pack_text(pack, "arguments");
    qf_pack_texts(pack, node->arguments, node->argument_count);
    if (node->seeded) {
        qf_pack_text(pack, "seed");
        qf_pack_unsigned(pack, node->seed);
    }
    qf_pack_text(pack, "notes");
    qf_pack_texts(pack, node->notes, node->note_count);
    qf_pack_text(pack, "inputs");
    qf_pack_unsigned(pack, node->input_count);
}

static qf_status check_height(const qf_provenance *node, qf_error *error) {
    if (node->height <= QF_MAX_PROVENANCE_HEIGHT) return QF_OK;
    return qf_fail(error, QF_DATA, "more than %d programs in a row", QF_MAX_PROVENANCE_HEIGHT);
}

void qf_pack_provenance(qf_pack *pack, const qf_provenance *node) {
    if (pack->status == QF_OK) pack->status = check_height(node, pack->error);
    qf_pack_list(pack, count_runs(node));
    pack_runs(pack, node);
}

qf_status qf_provenance_add_input(qf_provenance *node, const qf_provenance *input,
                                  qf_error *error) {
    size_t capacity = node->input_count;
    QF_TRY(qf_grow_array(&node->inputs, &capacity, node->input_count + 1, sizeof *node->inputs,
                         error));
    QF_TRY(qf_provenance_copy(input, &node->inputs[node->input_count], error));
    node->input_count++;
    if (node->height <= input->height) node->height = input->height + 1;
    return QF_OK;
}

static qf_status unpack_run(const msgpack_object *object, qf_provenance *node, uint64_t *inputs,
                            qf_error *error) {
    const msgpack_object *found;
    QF_TRY(qf_unpack_find(object, "tool", MSGPACK_OBJECT_STR, &found, error));
    QF_TRY(qf_unpack_text(found, &node->tool, error));
    QF_TRY(qf_unpack_find(object, "version", MSGPACK_OBJECT_STR, &found, error));
    QF_TRY(qf_unpack_text(found, &node->version, error));
    QF_TRY(qf_unpack_find(object, "arguments", MSGPACK_OBJECT_ARRAY, &found, error));
    QF_TRY(qf_unpack_texts(found, &node->arguments, &node->argument_count, error));
    QF_TRY(qf_unpack_find(object, "notes", MSGPACK_OBJECT_ARRAY, &found, error));
    QF_TRY(qf_unpack_texts(found, &node->notes, &node->note_count, error));
    const msgpack_object *seed = qf_unpack_optional(object, "seed");
    if (seed) {
        QF_TRY(qf_unpack_unsigned(seed, &node->seed, error));
        node->seeded = true;
    }
    QF_TRY(qf_unpack_find(object, "inputs", MSGPACK_OBJECT_POSITIVE_INTEGER, &found, error));
    return qf_unpack_unsigned(found, inputs, error);
}

/* The runs so far whose output no later one has read. */
typedef struct run_stack {
    qf_provenance *runs;
    size_t count, capacity;
} run_stack;

/* The last run takes the `inputs` runs before it, and their place. */
static qf_status adopt_inputs(run_stack *stack, uint64_t inputs, qf_error *error) {
    qf_provenance *run = &stack->runs[stack->count - 1];
    if (inputs >= stack->count) {
        return qf_fail(error, QF_DATA, "a run reads more streams than came before it");
    }
    qf_provenance *first = run - inputs;
    for (const qf_provenance *input = first; input < run; input++) {
        if (run->height <= input->height) run->height = input->height + 1;
    }
    QF_TRY(check_height(run, error));
    run->inputs = qf_copy_array(first, (size_t)inputs, sizeof *first, error);
    if (!run->inputs) return QF_MEMORY;
    run->input_count = (size_t)inputs;
    if (inputs) *first = *run;
    stack->count -= (size_t)inputs;
    return QF_OK;
}

static qf_status unpack_runs(const msgpack_object *list, run_stack *stack, qf_error *error) {
    if (list->type != MSGPACK_OBJECT_ARRAY) return qf_fail(error, QF_DATA, "expected a list");
    for (uint32_t i = 0; i < list->via.array.size; i++) {
        QF_TRY(qf_grow_array(&stack->runs, &stack->capacity, stack->count + 1, sizeof *stack->runs,
                             error));
        qf_provenance *run = &stack->runs[stack->count++];
        uint64_t inputs;
        *run = (qf_provenance){0};
        QF_TRY(unpack_run(&list->via.array.ptr[i], run, &inputs, error));
        QF_TRY(adopt_inputs(stack, inputs, error));
    }
    if (stack->count == 1) return QF_OK;
    return qf_fail(error, QF_DATA, "not one run wrote the stream but %zu", stack->count);
}

qf_status qf_unpack_provenance(const msgpack_object *object, qf_provenance *node, qf_error *error) {
    run_stack stack = {0};
    const qf_status status = unpack_runs(object, &stack, error);
    *node = status == QF_OK ? stack.runs[0] : (qf_provenance){0};
    for (size_t i = 0; status != QF_OK && i < stack.count; i++) qf_provenance_free(&stack.runs[i]);
    free(stack.runs);
    return status == QF_OK ? QF_OK : qf_error_context(error, "provenance");
}

static qf_status copy_texts(char *const *texts, size_t count, char ***copy, size_t *copied,
                            qf_error *error) {
    *copy = qf_new_array(count, sizeof **copy, error);
    if (!*copy) return QF_MEMORY;
    for (*copied = 0; *copied < count; (*copied)++) {
        (*copy)[*copied] = qf_copy_text(texts[*copied], error);
        if (!(*copy)[*copied]) return QF_MEMORY;
    }
    return QF_OK;
}

static qf_status copy_node(const qf_provenance *node, qf_provenance *copy, qf_error *error) {
    copy->tool = qf_copy_text(node->tool, error);
    copy->version = qf_copy_text(node->version, error);
    if (!copy->tool || !copy->version) return QF_MEMORY;
    copy->seeded = node->seeded;
    copy->seed = node->seed;
    copy->height = node->height;
    QF_TRY(copy_texts(node->arguments, node->argument_count, &copy->arguments,
                      &copy->argument_count, error));
    QF_TRY(copy_texts(node->notes, node->note_count, &copy->notes, &copy->note_count, error));
    copy->inputs = qf_new_array(node->input_count, sizeof *copy->inputs, error);
    if (!copy->inputs) return QF_MEMORY;
    for (size_t i = 0; i < node->input_count; i++) {
        copy->input_count = i + 1;
        QF_TRY(copy_node(&node->inputs[i], &copy->inputs[i], error));
    }
    return QF_OK;
}

qf_status qf_provenance_copy(const qf_provenance *node, qf_provenance *copy, qf_error *error) {
    *copy = (qf_provenance){0};
    const qf_status status = copy_node(node, copy, error);
    if (status != QF_OK) qf_provenance_free(copy);
    return status;
}
