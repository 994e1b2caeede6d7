#include "trainer/checkpoint.h"

#include "base/file.h"
#include "stream/reader.h"
#include "stream/writer.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- Writing ---- */

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool is_due(void *context) {
    const qf_checkpoint *c = context;
    const double since = seconds_now() - c->last;
    return c->interval == 0 || (since >= c->interval && since >= 20 * c->took);
}

static qf_status write_stream(const qf_checkpoint *c, int fd, const qf_arrays *arrays,
                              qf_error *error) {
    qf_record parameters = {0};
    qf_status status =
        qf_record_set_text(&parameters, "simd", qf_simd_name(c->cli->run.simd), error);
    if (status == QF_OK) {
        status = qf_arrays_write(&c->cli->session, fd, c->path, "checkpoint", NULL, &parameters,
                                 arrays, error);
    }
    qf_record_free(&parameters);
    return status;
}

static qf_status keep(void *context, const qf_arrays *arrays, qf_error *error) {
    qf_checkpoint *c = context;
    const double start = seconds_now();
    qf_output_file file;
    QF_TRY(qf_output_file_open(&file, c->path, error));
    qf_status status = write_stream(c, file.fd, arrays, error);
    if (status == QF_OK) status = qf_output_file_commit(&file, error);
    qf_output_file_discard(&file);
    c->last = seconds_now();
    c->took = c->last - start;
    return status;
}

/* ---- Reading ---- */

static qf_status differ(const qf_checkpoint *c, qf_error *error, const char *what, const char *its,
                        const char *ours) {
    return qf_fail(error, QF_MISMATCH, "%s: the checkpoint of another training: its %s %s, not %s",
                   c->path, what, its, ours);
}

/* Of an argument list, or what stands for one that is not there. */
static const char *argument(const qf_provenance *run, size_t index) {
    return index < run->argument_count ? run->arguments[index] : "missing";
}

static qf_status check_command(const qf_checkpoint *c, const qf_provenance *its, qf_error *error) {
    const qf_provenance *ours = &c->cli->session.self;
    char seeds[2][24], place[40];
    if (strcmp(its->tool, ours->tool) != 0) {
        return differ(c, error, "tool is", its->tool, ours->tool);
    }
    if (strcmp(its->version, ours->version) != 0) {
        return differ(c, error, "version is", its->version, ours->version);
    }
    for (size_t i = 0; i < its->argument_count || i < ours->argument_count; i++) {
        if (strcmp(argument(its, i), argument(ours, i)) == 0) continue;
        snprintf(place, sizeof place, "argument %zu is", i + 1);
        return differ(c, error, place, argument(its, i), argument(ours, i));
    }
    if (its->seed == ours->seed) return QF_OK;
    snprintf(seeds[0], sizeof seeds[0], "%llu", (unsigned long long)its->seed);
    snprintf(seeds[1], sizeof seeds[1], "%llu", (unsigned long long)ours->seed);
    return differ(c, error, "seed is", seeds[0], seeds[1]);
}

/* The same inputs in the same order, to the byte. */
static qf_status check_inputs(const qf_checkpoint *c, const qf_reader *reader, qf_error *error) {
    const qf_session *session = &c->cli->session;
    for (size_t i = 0; i < session->input_count; i++) {
        const qf_input *ours = &session->inputs[i];
        const qf_input *its = i < reader->trailer_input_count ? &reader->trailer_inputs[i] : NULL;
        if (its && memcmp(&its->digest, &ours->digest, sizeof its->digest) == 0) continue;
        return qf_fail(error, QF_MISMATCH,
                       "%s: the checkpoint of another training: its %s (input %zu) is another one",
                       c->path, ours->type, i + 1);
    }
    return QF_OK;
}

static qf_status read_stream(qf_checkpoint *c, qf_reader *reader, qf_error *error) {
    const char *its = qf_record_text(&reader->parameters, "simd");
    const char *ours = qf_simd_name(c->cli->run.simd);
    QF_TRY(check_command(c, reader->provenance, error));
    if (strcmp(its, ours) != 0) return differ(c, error, "SIMD level is", its, ours);
    QF_TRY(qf_reader_arrays(reader, &c->kept, error));
    QF_TRY(qf_reader_expect_end(reader, error));
    return check_inputs(c, reader, error);
}

qf_status qf_checkpoint_open(qf_checkpoint *c, qf_cli *cli, const char *path, double interval,
                             qf_error *error) {
    *c = (qf_checkpoint){.cli = cli, .path = path, .interval = interval, .last = seconds_now()};
    c->keeper = (qf_keeper){.due = is_due, .keep = keep, .context = c};
    if (access(path, F_OK) != 0) return QF_OK;
    /* It is no input of the model, which is the same without it. */
    qf_session apart = {0};
    qf_reader reader;
    qf_status status = qf_reader_open(&reader, &apart, path, "checkpoint", error);
    if (status == QF_OK) status = read_stream(c, &reader, error);
    qf_reader_close(&reader);
    qf_session_free(&apart);
    if (status != QF_OK) return status;
    qf_cli_tell(cli, "goes on from %s", path);
    c->keeper.kept = &c->kept;
    return QF_OK;
}

void qf_checkpoint_free(qf_checkpoint *c) {
    qf_arrays_free(&c->kept);
}

void qf_checkpoint_remove(const qf_checkpoint *c) {
    qf_output_file_withdraw(c->path);
}
