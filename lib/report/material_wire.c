#include "report/material_wire.h"

#include "base/file.h"
#include "report/circuits.h"
#include "report/comparisons.h"
#include "stream/view.h"

#include <stdlib.h>
#include <unistd.h>

enum { MAX_FILE = 1 << 26 };

/* A small file's bytes, with a zero after them. */
static qf_status read_file(const char *path, qf_bytes *text, qf_error *error) {
    int fd;
    size_t got = 1;
    QF_TRY(qf_open_input(path, &fd, error));
    qf_status status = qf_bytes_append(text, "", 0, error);
    while (status == QF_OK && got > 0) {
        char buffer[4096];
        status = qf_read_some(fd, buffer, sizeof buffer, path, &got, error);
        if (status == QF_OK) status = qf_bytes_append(text, buffer, got, error);
        if (status == QF_OK && text->length > MAX_FILE) {
            status = qf_fail(error, QF_DATA, "%s: longer than 64 MiB", path);
        }
    }
    if (fd != STDIN_FILENO) close(fd);
    return status;
}

static qf_status read_sheet(const char *path, qf_sheet *sheet, qf_error *error) {
    qf_bytes text = {0};
    qf_status status = read_file(path, &text, error);
    if (status == QF_OK) {
        status = qf_sheet_parse((char *)text.data, text.length, sheet, error);
        if (status != QF_OK) qf_error_context(error, "%s", path);
    }
    if (status == QF_OK && qf_sheet_find(sheet, "model") == sheet->columns) {
        status = qf_fail(error, QF_DATA, "%s: no column \"model\"", path);
    }
    free(text.data);
    return status;
}

/* Reads streams of one type and lists their records. */
static qf_status read_records(qf_session *session, const char *path, const char *type,
                              qf_record_streams *streams, qf_record **records, size_t *count,
                              qf_error *error) {
    QF_TRY(qf_record_streams_read(session, path, type, streams, error));
    size_t total = 0;
    for (size_t i = 0; i < streams->count; i++) total += streams->items[i].count;
    *records = qf_new_array(total, sizeof **records, error);
    if (!*records) return QF_MEMORY;
    for (size_t i = 0; i < streams->count; i++) {
        const qf_record_stream *stream = &streams->items[i];
        for (size_t j = 0; j < stream->count; j++) (*records)[(*count)++] = stream->records[j];
    }
    return QF_OK;
}

static qf_status print_commands(qf_material *m, qf_error *error) {
    m->commands = qf_new_array(m->metrics_count, sizeof *m->commands, error);
    if (!m->commands) return QF_MEMORY;
    size_t place = 0;
    for (size_t i = 0; i < m->metrics_streams.count; i++) {
        const qf_record_stream *stream = &m->metrics_streams.items[i];
        for (size_t j = 0; j < stream->count; j++, place++) {
            qf_bytes text = {0};
            if (!*qf_record_text(&stream->records[j], "model")) continue; /* nobody asks */
            const qf_status status = qf_view_provenance(stream->provenance, &text, error);
            m->commands[place] = (char *)text.data;
            QF_TRY(status);
        }
    }
    return QF_OK;
}

qf_status qf_material_read(qf_session *session, const qf_material_files *files, qf_material *m,
                           qf_error *error) {
    QF_TRY(read_records(session, files->metrics, "metrics", &m->metrics_streams, &m->metrics,
                        &m->metrics_count, error));
    QF_TRY(print_commands(m, error));
    if (files->profile) {
        QF_TRY(read_records(session, files->profile, "metrics", &m->profile_streams, &m->profile,
                            &m->profile_count, error));
        for (size_t i = 0; i < m->profile_count; i++) {
            if (*qf_record_text(&m->profile[i], "record")) continue;
            return qf_fail(error, QF_DATA, "%s: its metrics are not of qf-profile", files->profile);
        }
    }
    if (files->curves) {
        QF_TRY(read_records(session, files->curves, "curve", &m->curve_streams, &m->curves,
                            &m->curve_count, error));
    }
    if (files->comparisons) {
        QF_TRY(read_records(session, files->comparisons, "metrics", &m->comparison_streams,
                            &m->comparisons, &m->comparison_count, error));
        for (size_t i = 0; i < m->comparison_count; i++) {
            if (qf_is_comparison(&m->comparisons[i])) continue;
            return qf_fail(error, QF_DATA, "%s: its metrics are not of qf-compare",
                           files->comparisons);
        }
    }
    if (files->noise) {
        QF_TRY(read_records(session, files->noise, "metrics", &m->noise_streams, &m->noise,
                            &m->noise_count, error));
    }
    if (files->circuits) {
        QF_TRY(read_records(session, files->circuits, "metrics", &m->circuit_streams, &m->circuits,
                            &m->circuit_count, error));
        for (size_t i = 0; i < m->circuit_count; i++) {
            if (qf_is_diagnosis(&m->circuits[i])) continue;
            return qf_fail(error, QF_DATA, "%s: its metrics are not of qf-circuit --diagnose",
                           files->circuits);
        }
    }
    if (files->audit) QF_TRY(read_file(files->audit, &m->audit, error));
    if (files->published) QF_TRY(read_sheet(files->published, &m->published, error));
    if (files->epochs) QF_TRY(read_sheet(files->epochs, &m->epochs, error));
    if (files->timings) QF_TRY(read_sheet(files->timings, &m->timings, error));
    return QF_OK;
}

void qf_material_free(qf_material *m) {
    for (size_t i = 0; m->commands && i < m->metrics_count; i++) free(m->commands[i]);
    free(m->commands);
    free(m->metrics);
    free(m->profile);
    free(m->curves);
    free(m->comparisons);
    free(m->noise);
    free(m->circuits);
    free(m->audit.data);
    qf_sheet_free(&m->published);
    qf_sheet_free(&m->epochs);
    qf_sheet_free(&m->timings);
    qf_record_streams_free(&m->metrics_streams);
    qf_record_streams_free(&m->profile_streams);
    qf_record_streams_free(&m->curve_streams);
    qf_record_streams_free(&m->comparison_streams);
    qf_record_streams_free(&m->noise_streams);
    qf_record_streams_free(&m->circuit_streams);
}

qf_report qf_material_report(const qf_material *m, const qf_material_files *files) {
    return (qf_report){.records = m->metrics,
                       .count = m->metrics_count,
                       .commands = (const char *const *)m->commands,
                       .audit = (const char *)m->audit.data,
                       .published = files->published ? &m->published : NULL,
                       .epochs = files->epochs ? &m->epochs : NULL,
                       .timings = files->timings ? &m->timings : NULL,
                       .profile = m->profile,
                       .profile_count = m->profile_count,
                       .curves = m->curves,
                       .curve_count = m->curve_count,
                       .comparisons = m->comparisons,
                       .comparison_count = m->comparison_count,
                       .noise = m->noise,
                       .noise_count = m->noise_count,
                       .circuits = m->circuits,
                       .circuit_count = m->circuit_count};
}
