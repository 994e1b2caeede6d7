/* Streams: what is written is read back; a stream cut or altered anywhere is refused; hostile bytes
 * never crash or exhaust the memory. */
#include "base/file.h"
#include "data/table_wire.h"
#include "learn/scores_wire.h"
#include "stream/records.h"
#include "stream/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct bytes {
    unsigned char *data;
    size_t length;
} bytes;

static int new_file(void) {
    int fd;
    qf_error error;
    assert_int_equal(qf_open_spill(&fd, &error), QF_OK);
    return fd;
}

static bytes slurp(int fd) {
    bytes all = {.length = (size_t)lseek(fd, 0, SEEK_END)};
    all.data = malloc(all.length + 1);
    assert_int_equal(pread(fd, all.data, all.length, 0), all.length);
    close(fd);
    return all;
}

static qf_session new_session(void) {
    qf_session session = {0};
    session.self.tool = strdup("qf-test");
    session.self.version = strdup("1");
    session.self.seeded = true;
    session.self.seed = UINT64_MAX;
    return session;
}

static void make_table(qf_table *table, size_t rows) {
    static const char *const names[] = {"small", "real", "big"};
    qf_error error;
    assert_int_equal(qf_table_init(table, 3, names, "fraud", &error), QF_OK);
    for (size_t r = 0; r < rows; r++) {
        const double values[] = {(double)(r % 7) - 3, (double)r / 3,
                                 (double)r * 1e12 * (r % 2 ? 1 : -1)};
        const qf_origin origin = {(int64_t)r, r % 3 ? -1 : (int64_t)r + 1};
        assert_int_equal(qf_table_append(table, values, r % 2, origin, &error), QF_OK);
    }
}

static bytes write_table(const qf_table *table) {
    qf_error error;
    qf_session session = new_session();
    qf_table_writer writer;
    const int fd = new_file();
    assert_int_equal(qf_session_note(&session, &error, "test:%d", 1), QF_OK);
    assert_int_equal(qf_table_writer_open(&writer, &session, fd, "file", table, &error), QF_OK);
    assert_int_equal(qf_table_writer_write(&writer, table, &error), QF_OK);
    assert_int_equal(qf_table_writer_close(&writer, &error), QF_OK);
    qf_table_writer_free(&writer);
    qf_session_free(&session);
    return slurp(fd);
}

static bytes write_scores(void) {
    qf_error error;
    qf_session session = new_session();
    qf_writer writer;
    qf_record parameters = {0};
    double probabilities[] = {0, 0.25, 1};
    uint8_t labels[] = {0, 1, 1}, seen[] = {0, 1, 3};
    qf_origin origins[] = {{0, -1}, {5, -1}, {6, 7}};
    const qf_scores scores = {3, 3, probabilities, labels, origins, seen, 0.5};
    const int fd = new_file();
    qf_record_set_real(&parameters, "threshold", 0.5, &error);
    qf_record_set_text(&parameters, "model", "tree", &error);
    assert_int_equal(qf_scores_writer_open(&writer, &session, fd, "file", &parameters, &error),
                     QF_OK);
    assert_int_equal(qf_scores_write(&writer, &scores, &error), QF_OK);
    assert_int_equal(qf_writer_close(&writer, &error), QF_OK);
    qf_writer_free(&writer);
    qf_record_free(&parameters);
    qf_session_free(&session);
    return slurp(fd);
}

static bytes write_arrays(void) {
    qf_error error;
    qf_session session = new_session();
    qf_writer writer;
    qf_arrays arrays = {0};
    const double reals[] = {1, 2, 3, 4, 5, 6};
    const int32_t whole[] = {-1, 0, 1};
    qf_arrays_add(&arrays, "reals", QF_F64, 2, 3, reals, &error);
    qf_arrays_add(&arrays, "whole", QF_I32, 3, 1, whole, &error);
    qf_arrays_add(&arrays, "none", QF_U8, 0, 1, NULL, &error);
    const int fd = new_file();
    assert_int_equal(qf_writer_open(&writer, &session, fd, "file", "arrays", NULL, NULL, &error),
                     QF_OK);
    assert_int_equal(qf_writer_arrays(&writer, &arrays, &error), QF_OK);
    assert_int_equal(qf_writer_close(&writer, &error), QF_OK);
    qf_writer_free(&writer);
    qf_arrays_free(&arrays);
    qf_session_free(&session);
    return slurp(fd);
}

static bytes write_records(void) {
    qf_error error;
    qf_session session = new_session();
    qf_writer writer;
    qf_record record = {0};
    const double reals[] = {0.5, -1};
    const char *const texts[] = {"a", "b"};
    qf_record_set_text(&record, "text", "x", &error);
    qf_record_set_integer(&record, "integer", -5, &error);
    qf_record_set_real(&record, "real", 0.1, &error);
    qf_record_set_reals(&record, "reals", reals, 2, &error);
    qf_record_set_texts(&record, "texts", texts, 2, &error);
    const int fd = new_file();
    assert_int_equal(qf_writer_open(&writer, &session, fd, "file", "metrics", NULL, NULL, &error),
                     QF_OK);
    assert_int_equal(qf_writer_record(&writer, &record, &error), QF_OK);
    assert_int_equal(qf_writer_close(&writer, &error), QF_OK);
    qf_writer_free(&writer);
    qf_record_free(&record);
    qf_session_free(&session);
    return slurp(fd);
}

/* Opens bytes as a file by its descriptor's path, so that the reader's own opening is tested too.
 */
static int as_file(const unsigned char *data, size_t length, char path[64]) {
    qf_error error;
    const int fd = new_file();
    assert_int_equal(qf_write_all(fd, data, length, "file", &error), QF_OK);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

/* Reads every stream of the bytes to the end, decoding all: QF_OK only when all is valid. */
static qf_status read_all(const unsigned char *data, size_t length, const char *type,
                          qf_error *error) {
    char path[64];
    const int fd = as_file(data, length, path);
    qf_session session = new_session();
    qf_reader reader;
    qf_bytes out = {0};
    bool more = true;
    qf_status status = qf_reader_open(&reader, &session, path, type, error);
    while (status == QF_OK && more) {
        qf_message message = {.kind = QF_MESSAGE_ROWS};
        while (status == QF_OK && message.kind != QF_MESSAGE_END) {
            status = qf_reader_next(&reader, &message, error);
            if (status == QF_OK) status = qf_view_message(&reader, &message, &out, error);
        }
        if (status == QF_OK) status = qf_reader_next_stream(&reader, type, &more, error);
    }
    free(out.data);
    qf_reader_close(&reader);
    qf_session_free(&session);
    close(fd);
    return status;
}

static void check_every_byte(bytes stream, const char *type) {
    qf_error error;
    assert_int_equal(read_all(stream.data, stream.length, type, &error), QF_OK);
    assert_int_equal(read_all(stream.data, stream.length, "other", &error), QF_DATA);
    for (size_t cut = 0; cut < stream.length; cut++) {
        error.message[0] = 0;
        assert_int_equal(read_all(stream.data, cut, type, &error), QF_DATA);
        assert_true(strlen(error.message) > 10);
    }
    for (size_t at = 0; at < stream.length; at++) {
        for (int bit = 0; bit < 8; bit++) {
            stream.data[at] ^= (unsigned char)(1 << bit);
            assert_int_equal(read_all(stream.data, stream.length, type, &error), QF_DATA);
            stream.data[at] ^= (unsigned char)(1 << bit);
        }
    }
    free(stream.data);
}

static void table_every_byte(void **state) {
    (void)state;
    qf_table table;
    make_table(&table, 5);
    check_every_byte(write_table(&table), "table");
    qf_table_free(&table);
}

static void scores_every_byte(void **state) {
    (void)state;
    check_every_byte(write_scores(), "scores");
}

static void arrays_every_byte(void **state) {
    (void)state;
    check_every_byte(write_arrays(), "arrays");
}

static void records_every_byte(void **state) {
    (void)state;
    check_every_byte(write_records(), "metrics");
}

static qf_status read_table(bytes stream, qf_table *table, qf_error *error) {
    char path[64];
    const int fd = as_file(stream.data, stream.length, path);
    qf_session session = new_session();
    const qf_status status = qf_table_read(&session, path, table, NULL, error);
    qf_session_free(&session);
    close(fd);
    return status;
}

static void table_round_trip(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 8191, 8192, 8193, 20000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        qf_table table, back;
        qf_error error;
        make_table(&table, sizes[i]);
        bytes stream = write_table(&table);
        assert_int_equal(read_table(stream, &back, &error), QF_OK);
        assert_int_equal(back.rows, table.rows);
        assert_string_equal(back.target, "fraud");
        assert_string_equal(back.names[2], "big");
        if (table.rows) {
            assert_memory_equal(back.values, table.values, table.rows * 3 * sizeof(double));
            assert_memory_equal(back.labels, table.labels, table.rows);
            assert_memory_equal(back.origins, table.origins, table.rows * sizeof(qf_origin));
        }
        qf_table_free(&back);
        qf_table_free(&table);
        free(stream.data);
    }
}

/* The bytes depend on the rows alone, not on how many came at a time. */
static void blocks_do_not_depend_on_delivery(void **state) {
    (void)state;
    qf_table table;
    qf_error error;
    make_table(&table, 10000);
    bytes whole = write_table(&table);
    qf_session session = new_session();
    qf_table_writer writer;
    const int fd = new_file();
    assert_int_equal(qf_session_note(&session, &error, "test:%d", 1), QF_OK);
    assert_int_equal(qf_table_writer_open(&writer, &session, fd, "file", &table, &error), QF_OK);
    for (size_t first = 0, step = 1; first < table.rows; first += step, step = step * 3 % 4001) {
        qf_table part = table;
        part.values += first * 3;
        part.labels += first;
        part.origins += first;
        part.rows = table.rows - first < step ? table.rows - first : step;
        assert_int_equal(qf_table_writer_write(&writer, &part, &error), QF_OK);
    }
    assert_int_equal(qf_table_writer_close(&writer, &error), QF_OK);
    qf_table_writer_free(&writer);
    qf_session_free(&session);
    bytes parts = slurp(fd);
    assert_int_equal(parts.length, whole.length);
    assert_memory_equal(parts.data, whole.data, whole.length);
    free(parts.data);
    free(whole.data);
    qf_table_free(&table);
}

static void concatenated_tables_are_one(void **state) {
    (void)state;
    qf_table table, back;
    qf_error error;
    make_table(&table, 4);
    bytes one = write_table(&table);
    bytes two = {malloc(2 * one.length), 2 * one.length};
    memcpy(two.data, one.data, one.length);
    memcpy(two.data + one.length, one.data, one.length);
    assert_int_equal(read_table(two, &back, &error), QF_OK);
    assert_int_equal(back.rows, 8);
    qf_table_free(&back);
    two.length--;
    assert_int_equal(read_table(two, &back, &error), QF_DATA);
    qf_table_free(&table);
    free(one.data);
    free(two.data);
}

/* Announced sizes that never arrive: refused, without asking for the memory. */
static void hostile_counts(void **state) {
    (void)state;
    static const unsigned char array32[] = "\x85\xa9qf-stream\x01\xa4type\xdd\xff\xff\xff\xff";
    static const unsigned char map32[] = "\x85\xa9qf-stream\x01\xa4type\xdf\xff\xff\xff\xff";
    static const unsigned char bin32[] = "\x85\xa9qf-stream\x01\xa4type\xc6\xff\xff\xff\xff";
    static const unsigned char extension[] = "\x85\xa9qf-stream\x01\xa4type\xd4\x01\x01";
    qf_error error;
    assert_int_equal(read_all(array32, sizeof array32 - 1, NULL, &error), QF_DATA);
    assert_int_equal(read_all(map32, sizeof map32 - 1, NULL, &error), QF_DATA);
    assert_int_equal(read_all(bin32, sizeof bin32 - 1, NULL, &error), QF_DATA);
    assert_int_equal(read_all(extension, sizeof extension - 1, NULL, &error), QF_DATA);
    /* Few bytes an object in the stream, many in memory. */
    static const unsigned char many[] = "\x85\xa9qf-stream\x01\xa4type\xdd\x00\x50\x00\x00";
    assert_int_equal(read_all(many, sizeof many - 1, NULL, &error), QF_DATA);
    assert_non_null(strstr(error.message, "a record of more than 4194304 objects"));
    unsigned char deep[5000];
    memset(deep, 0x91, sizeof deep);
    memcpy(deep, array32, 17);
    assert_int_equal(read_all(deep, sizeof deep, NULL, &error), QF_DATA);
    assert_non_null(strstr(error.message, "nested too deeply"));
}

enum { FEW = 3, NONE = -1 };

/* Runs of which each read those of the places given, NONE ending them. */
static qf_status unpack_runs(const int64_t (*inputs)[FEW], size_t count, qf_provenance **run,
                             qf_error *error) {
    qf_bytes packed = {0};
    qf_pack pack;
    qf_pack_init(&pack, &packed, error);
    qf_pack_list(&pack, count);
    for (size_t i = 0; i < count; i++) {
        qf_pack_map(&pack, 5);
        for (int t = 0; t < 2; t++) {
            qf_pack_text(&pack, t ? "version" : "tool");
            qf_pack_text(&pack, "x");
            qf_pack_text(&pack, t ? "notes" : "arguments");
            qf_pack_list(&pack, 0);
        }
        size_t read = 0;
        while (read < FEW && inputs[i][read] != NONE) read++;
        qf_pack_text(&pack, "inputs");
        qf_pack_list(&pack, read);
        for (size_t j = 0; j < read; j++) qf_pack_unsigned(&pack, (uint64_t)inputs[i][j]);
    }
    assert_int_equal(pack.status, QF_OK);
    msgpack_unpacked object;
    msgpack_unpacked_init(&object);
    assert_int_equal(
        msgpack_unpack_next(&object, (const char *)packed.data, packed.length, &(size_t){0}),
        MSGPACK_UNPACK_SUCCESS);
    const qf_status status = qf_unpack_provenance(&object.data, run, error);
    msgpack_unpacked_destroy(&object);
    free(packed.data);
    return status;
}

static void hostile_provenance(void **state) {
    (void)state;
    qf_error error;
    qf_provenance *run;
    /* Two runs read what a third wrote, a fourth reads both, and one of them twice. */
    static const int64_t diamond[][FEW] = {{NONE}, {0, NONE}, {0, NONE}, {1, 2, 1}};
    assert_int_equal(unpack_runs(diamond, 4, &run, &error), QF_OK);
    assert_int_equal(run->input_count, 3);
    assert_int_equal(run->height, 2);
    assert_ptr_equal(run->inputs[0], run->inputs[2]);
    assert_ptr_equal(run->inputs[0]->inputs[0], run->inputs[1]->inputs[0]);
    qf_provenance_release(run);
    static const struct {
        int64_t inputs[2][FEW];
        size_t count;
        const char *message;
    } cases[] = {
        {{{NONE}}, 0, "provenance: no run wrote the stream"},
        {{{NONE}, {NONE}}, 2, "provenance: run 1 wrote what no other read"},
        {{{0, NONE}}, 1, "provenance: a run reads what no run before it wrote"},
        {{{NONE}, {0, 1, NONE}}, 2, "provenance: a run reads what no run before it wrote"},
        {{{NONE}, {0, INT64_MAX, NONE}}, 2, "provenance: a run reads what no run before it wrote"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(unpack_runs(cases[i].inputs, cases[i].count, &run, &error), QF_DATA);
        assert_string_equal(error.message, cases[i].message);
    }
}

static qf_status pack_and_drop(const qf_provenance *run, size_t *length, qf_error *error) {
    qf_bytes packed = {0};
    qf_pack pack;
    qf_pack_init(&pack, &packed, error);
    qf_pack_provenance(&pack, run);
    *length = packed.length;
    free(packed.data);
    return pack.status;
}

/* As many programs in a row as are allowed, and one more, for the reader and for the writer. */
static void programs_in_a_row(void **state) {
    (void)state;
    enum { MOST = QF_MAX_PROVENANCE_HEIGHT + 1 };
    static int64_t inputs[MOST + 1][FEW] = {{NONE}};
    for (int64_t i = 1; i < MOST + 1; i++) {
        inputs[i][0] = i - 1;
        inputs[i][1] = NONE;
    }
    qf_error error;
    qf_provenance *run, next = {0};
    size_t length;
    assert_int_equal(unpack_runs(inputs, MOST + 1, &run, &error), QF_DATA);
    assert_string_equal(error.message, "provenance: more than 1000 programs in a row");
    assert_int_equal(unpack_runs(inputs, MOST, &run, &error), QF_OK);
    assert_int_equal(run->height, QF_MAX_PROVENANCE_HEIGHT);
    assert_int_equal(pack_and_drop(run, &length, &error), QF_OK);
    assert_int_equal(qf_provenance_add_input(&next, run, &error), QF_OK);
    next.tool = strdup("x");
    next.version = strdup("x");
    assert_int_equal(pack_and_drop(&next, &length, &error), QF_DATA);
    qf_provenance_clear(&next);
    qf_provenance_release(run);
}

static qf_provenance *new_run(const char *tool) {
    qf_provenance *run = calloc(1, sizeof *run);
    run->tool = strdup(tool);
    run->version = strdup("1");
    return run;
}

/* Two parties read the round before, each from a file of its own, and a run joins them: a round
 * adds three runs, however often paths double. */
static void equal_runs_become_one(void **state) {
    (void)state;
    enum { ROUNDS = 40 };
    qf_error error;
    size_t lengths[ROUNDS + 1];
    qf_provenance *round = new_run("start");
    assert_int_equal(pack_and_drop(round, &lengths[0], &error), QF_OK);
    for (int r = 1; r <= ROUNDS; r++) {
        qf_provenance *next = new_run("join");
        for (int party = 0; party < 2; party++) {
            qf_provenance *run = new_run(party ? "first" : "second");
            assert_int_equal(qf_provenance_add_input(run, round, &error), QF_OK);
            assert_int_equal(qf_provenance_add_input(next, run, &error), QF_OK);
            qf_provenance_release(run);
        }
        /* The same again, made apart: what is equal is found. */
        qf_provenance *again = new_run("first");
        qf_provenance *start = r == 1 ? new_run("start") : qf_provenance_share(round);
        assert_int_equal(qf_provenance_add_input(again, start, &error), QF_OK);
        assert_int_equal(qf_provenance_add_input(next, again, &error), QF_OK);
        assert_ptr_equal(next->inputs[1], next->inputs[2]);
        qf_provenance_release(again);
        qf_provenance_release(start);
        qf_provenance_release(round);
        round = next;
        assert_int_equal(pack_and_drop(round, &lengths[r], &error), QF_OK);
    }
    assert_true(lengths[ROUNDS] < lengths[1] * (ROUNDS + 1));
    qf_provenance_release(round);
}

static void names_are_printable(void **state) {
    (void)state;
    static const char *const names[] = {"\033[2J", "a\nb", "\x7f", "\xff", "\xc2\x9b", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (int is_target = 0; is_target < 2; is_target++) {
            const char *const column = is_target ? "a" : names[i];
            qf_table table, back = {0};
            qf_error error = {0};
            assert_int_equal(qf_table_init(&table, 1, &column, is_target ? names[i] : "y", &error),
                             QF_OK);
            bytes stream = write_table(&table);
            const bool printable = i == 5;
            assert_int_equal(read_table(stream, &back, &error), printable ? QF_OK : QF_DATA);
            if (!printable) assert_non_null(strstr(error.message, "is not printable UTF-8"));
            qf_table_free(&back);
            qf_table_free(&table);
            free(stream.data);
        }
    }
}

static void another_version(void **state) {
    (void)state;
    bytes stream = write_records();
    stream.data[11] = 1;
    qf_error error;
    assert_int_equal(read_all(stream.data, stream.length, "metrics", &error), QF_DATA);
    assert_non_null(strstr(error.message, "stream version 1, this program reads version 2"));
    free(stream.data);
}

static void large_arrays_come_in_pieces(void **state) {
    (void)state;
    enum { COUNT = (1 << 20) * 2 + 5 };
    qf_error error;
    qf_session session = new_session();
    qf_arrays arrays = {0}, back = {0};
    int32_t *values = malloc(COUNT * sizeof *values);
    for (int i = 0; i < COUNT; i++) values[i] = i * 7;
    assert_int_equal(qf_arrays_add(&arrays, "a", QF_I32, COUNT, 1, values, &error), QF_OK);
    qf_writer writer;
    const int fd = new_file();
    assert_int_equal(qf_writer_open(&writer, &session, fd, "file", "arrays", NULL, NULL, &error),
                     QF_OK);
    assert_int_equal(qf_writer_arrays(&writer, &arrays, &error), QF_OK);
    assert_int_equal(qf_writer_close(&writer, &error), QF_OK);
    assert_int_equal(writer.records, 3);
    qf_writer_free(&writer);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    qf_reader reader;
    assert_int_equal(qf_reader_open(&reader, &session, path, "arrays", &error), QF_OK);
    assert_int_equal(qf_reader_arrays(&reader, &back, &error), QF_OK);
    assert_int_equal(back.items[0].rows, COUNT);
    assert_memory_equal(back.items[0].data, values, COUNT * sizeof *values);
    qf_reader_close(&reader);
    bytes stream = slurp(fd);
    assert_int_equal(read_all(stream.data, stream.length, "arrays", &error), QF_OK);
    free(stream.data);
    qf_arrays_free(&arrays);
    qf_arrays_free(&back);
    qf_session_free(&session);
    free(values);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_round_trip),
        cmocka_unit_test(blocks_do_not_depend_on_delivery),
        cmocka_unit_test(concatenated_tables_are_one),
        cmocka_unit_test(table_every_byte),
        cmocka_unit_test(scores_every_byte),
        cmocka_unit_test(arrays_every_byte),
        cmocka_unit_test(records_every_byte),
        cmocka_unit_test(hostile_counts),
        cmocka_unit_test(hostile_provenance),
        cmocka_unit_test(equal_runs_become_one),
        cmocka_unit_test(programs_in_a_row),
        cmocka_unit_test(names_are_printable),
        cmocka_unit_test(another_version),
        cmocka_unit_test(large_arrays_come_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
