/* fuzz_streams COUNT FILE...: mutates valid streams and decodes what comes out, COUNT times each.
 * The digest is mended after every mutation, so that the damage reaches the decoders behind it.
 * Built with the sanitizers, any read out of bounds ends the run; a decoder may accept or refuse,
 * but not crash, hang or exhaust the memory. */
#include "base/file.h"
#include "base/random.h"
#include "ckks/ckks_wire.h"
#include "ckks/coefficients.h"
#include "ckks/evaluate.h"
#include "ckks/packed.h"
#include "data/scaler_wire.h"
#include "data/table_wire.h"
#include "learn/reducer_wire.h"
#include "learn/scores_wire.h"
#include "model/circuit_source_wire.h"
#include "model/model_wire.h"
#include "mutate.h"
#include "quantum/draw.h"
#include "stream/records.h"
#include "stream/view.h"

#include <stdio.h>

static void decode_table(qf_session *session, const char *path, qf_error *error) {
    qf_table table;
    if (qf_table_read(session, path, &table, NULL, error) == QF_OK) qf_table_free(&table);
}

static void decode_model(qf_session *session, const char *path, qf_error *error) {
    qf_model model;
    if (qf_model_read(session, path, &model, NULL, error) != QF_OK) return;
    /* What was accepted must also be safe to use. */
    const qf_run run = qf_run_default();
    double *row = calloc(model.columns, sizeof *row), probability;
    const qf_table table = {.rows = 1, .columns = model.columns, .values = row};
    qf_model_probabilities(&model, &table, &run, &probability, error);
    free(row);
    qf_model_free(&model);
}

static void decode_scaler(qf_session *session, const char *path, qf_error *error) {
    qf_scaler scaler;
    if (qf_scaler_read(session, path, &scaler, error) == QF_OK) qf_scaler_free(&scaler);
}

static void decode_reducer(qf_session *session, const char *path, qf_error *error) {
    qf_reducer reducer;
    if (qf_reducer_read(session, path, &reducer, error) == QF_OK) qf_reducer_free(&reducer);
}

static void decode_circuit(qf_session *session, const char *path, qf_error *error) {
    qf_circuit_source source;
    const qf_qasm_read_options options = {0};
    qf_bytes text = {0};
    if (qf_circuit_source_read(session, path, &options, &source, error) != QF_OK) return;
    qf_circuit_draw_text(source.circuit, &text, error);
    free(text.data);
    qf_circuit_source_free(&source);
}

static void decode_scores(qf_session *session, const char *path, qf_error *error) {
    qf_reader reader;
    qf_scores scores = {0};
    if (qf_reader_open(&reader, session, path, "scores", error) == QF_OK) {
        qf_scores_read(&reader, &scores, error);
    }
    qf_scores_free(&scores);
    qf_reader_close(&reader);
}

static void decode_records(qf_session *session, const char *path, qf_error *error) {
    qf_record_streams streams = {0};
    qf_record_streams_read(session, path, "metrics", &streams, error);
    qf_record_streams_free(&streams);
}

/* What was accepted must also be safe to use. */
static void use_ciphertext(const qf_ckks *ckks, qf_ciphertext *ciphertext) {
    qf_error error;
    qf_id id;
    qf_ciphertext_identify(ckks, ciphertext, &id, &error);
    qf_ciphertext_add_multiple(ckks, ciphertext, ciphertext, 2, &error);
}

static void use_public_key(const qf_ckks *ckks, const qf_public_key *key) {
    const int64_t integers[] = {1, 2};
    const unsigned char seed[QF_SEED_SIZE] = {0};
    qf_error error;
    qf_sampler sampler;
    qf_plaintext plaintext = {0};
    qf_ciphertext ciphertext = {0};
    if (qf_sampler_seeded(&sampler, seed, 0, &error) != QF_OK) return;
    if (qf_coefficients_encode(ckks, integers, 2, 2, 16, &plaintext, &error) == QF_OK &&
        qf_encrypt(ckks, key, &plaintext, &sampler, &ciphertext, &error) == QF_OK) {
        qf_ciphertext_free(&ciphertext);
    }
    qf_plaintext_free(&plaintext);
    qf_sampler_free(&sampler);
}

/* Reads the items of a stream of lib/ckks, whichever it is. */
static void decode_ckks(qf_session *session, const char *path, qf_error *error) {
    qf_reader reader;
    qf_ckks ckks = {0};
    bool more = true;
    qf_status status = qf_reader_open(&reader, session, path, NULL, error);
    if (status == QF_OK) {
        status = qf_ckks_from_header(&reader.parameters, qf_simd_best(), &ckks, error);
    }
    while (status == QF_OK && more) {
        qf_ciphertext ciphertext = {0};
        qf_public_key key = {0};
        qf_member_public member = {0};
        qf_partial partial = {0};
        if (strcmp(reader.type, "ciphertext") == 0) {
            status = qf_ciphertext_next(&reader, &ckks, &ciphertext, &more, error);
        } else if (strcmp(reader.type, "public-key") == 0) {
            status = qf_public_key_next(&reader, &ckks, &key, &more, error);
        } else if (strcmp(reader.type, "key-part") == 0) {
            status = qf_member_public_next(&reader, &ckks, &member, &more, error);
        } else {
            status = qf_partial_next(&reader, &ckks, &partial, &more, error);
        }
        if (status == QF_OK && ciphertext.count) use_ciphertext(&ckks, &ciphertext);
        if (status == QF_OK && key.parties) use_public_key(&ckks, &key);
        qf_ciphertext_free(&ciphertext);
        qf_public_key_free(&key);
        qf_member_public_free(&member);
        qf_partial_free(&partial);
    }
    qf_ckks_free(&ckks);
    qf_reader_close(&reader);
}

static void decode_any(qf_session *session, const char *path, qf_error *error) {
    qf_reader reader;
    qf_bytes out = {0};
    qf_status status = qf_reader_open(&reader, session, path, NULL, error);
    qf_message message = {.kind = QF_MESSAGE_ROWS};
    while (status == QF_OK && message.kind != QF_MESSAGE_END) {
        status = qf_reader_next(&reader, &message, error);
        if (status == QF_OK) status = qf_view_message(&reader, &message, &out, error);
        out.length = 0;
    }
    free(out.data);
    qf_reader_close(&reader);
}

static void decode(const unsigned char *data, size_t length) {
    typedef void decoder(qf_session *, const char *, qf_error *);
    static decoder *const decoders[] = {decode_table,   decode_model,   decode_scaler,
                                        decode_reducer, decode_circuit, decode_scores,
                                        decode_records, decode_ckks,    decode_any};
    char path[64];
    qf_error error;
    int fd;
    if (qf_open_spill(&fd, &error) != QF_OK) exit(73);
    if (qf_write_all(fd, data, length, "mutant", &error) != QF_OK) exit(74);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++) {
        qf_session session = {0};
        decoders[i](&session, path, &error);
        qf_session_free(&session);
    }
    close(fd);
}

int main(int argc, char **argv) {
    const uint64_t count = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
    if (count == 0) {
        fprintf(stderr, "usage: fuzz_streams COUNT FILE...\n");
        return 64;
    }
    for (int i = 2; i < argc; i++) {
        size_t length;
        unsigned char *stream = load(argv[i], &length);
        const size_t room = length + 64;
        unsigned char *mutant = malloc(room);
        for (uint64_t round = 0; round < count; round++) {
            qf_random random = qf_random_stream(round, "fuzz", (uint64_t)i);
            memcpy(mutant, stream, length);
            decode(mutant, mutate_stream(&random, mutant, length, room));
        }
        free(mutant);
        free(stream);
    }
    printf("%llu mutants of %d streams decoded\n", (unsigned long long)count, argc - 2);
    return 0;
}
