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

void qf_pack_provenance(qf_pack *pack, const qf_provenance *node) {
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
    qf_pack_list(pack, node->input_count);
    for (size_t i = 0; i < node->input_count; i++) qf_pack_provenance(pack, &node->inputs[i]);
}

static qf_status unpack_node(const msgpack_object *object, qf_provenance *node, qf_error *error) {
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
    QF_TRY(qf_unpack_find(object, "inputs", MSGPACK_OBJECT_ARRAY, &found, error));
    node->inputs = qf_new_array(found->via.array.size, sizeof *node->inputs, error);
    if (!node->inputs) return QF_MEMORY;
    for (size_t i = 0; i < found->via.array.size; i++) {
        node->input_count = i + 1;
        QF_TRY(unpack_node(&found->via.array.ptr[i], &node->inputs[i], error));
    }
    return QF_OK;
}

/* Recursion is bounded by the nesting that qf_measure_object allows. */
qf_status qf_unpack_provenance(const msgpack_object *object, qf_provenance *node, qf_error *error) {
    *node = (qf_provenance){0};
    const qf_status status = unpack_node(object, node, error);
    if (status == QF_OK) return QF_OK;
    qf_provenance_free(node);
    return qf_error_context(error, "provenance");
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
