#include "learn/paired_wire.h"

#include "base/file.h"
#include "base/memory.h"
#include "learn/scores_wire.h"

#include <stdio.h>
#include <string.h>

static qf_status set_name(qf_paired_model *model, const char *path, qf_error *error) {
    model->name = qf_copy_text(qf_base_name(path), error);
    if (!model->name) return QF_MEMORY;
    const size_t length = strlen(model->name);
    if (length > 3 && strcmp(model->name + length - 3, ".qf") == 0) model->name[length - 3] = 0;
    return QF_OK;
}

static qf_status read_run(qf_reader *reader, qf_paired_run *run, qf_error *error) {
    run->trained_count = qf_record_number(&reader->parameters, "n_train_original");
    if (!(run->trained_count > 0)) {
        return qf_fail(error, QF_DATA, "%s: header: no positive n_train_original", reader->name);
    }
    QF_TRY(qf_scores_read(reader, &run->scores, error));
    qf_record facts = {0};
    const qf_status status = qf_scores_describe(&run->scores, &facts, error);
    snprintf(run->test_rows, sizeof run->test_rows, "%s", qf_record_text(&facts, "test_rows"));
    qf_record_free(&facts);
    return status;
}

qf_status qf_paired_model_read(qf_session *session, const char *path, qf_paired_model *model,
                               qf_error *error) {
    qf_reader reader;
    bool more = true;
    QF_TRY(set_name(model, path, error));
    qf_status status = qf_reader_open(&reader, session, path, "scores", error);
    while (status == QF_OK && more) {
        status = qf_grow_array(&model->runs, &model->capacity, model->count + 1,
                               sizeof *model->runs, error);
        if (status != QF_OK) break;
        qf_paired_run *run = &model->runs[model->count++];
        *run = (qf_paired_run){0};
        status = read_run(&reader, run, error);
        if (status == QF_OK) status = qf_reader_next_stream(&reader, "scores", &more, error);
    }
    qf_reader_close(&reader);
    return status;
}
