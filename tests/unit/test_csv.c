/* The CSV reader: what it accepts, what it refuses and where, however the reads cut the text. */
#include "base/number.h"
#include "base/random.h"
#include "data/csv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct text_source {
    const char *text;
    size_t length, at, most; /* at most this many bytes a read; 0: all */
} text_source;

static qf_status read_text(void *context, void *buffer, size_t room, size_t *length,
                           qf_error *error) {
    (void)error;
    text_source *source = context;
    *length = source->length - source->at;
    if (*length > room) *length = room;
    if (source->most && *length > source->most) *length = source->most;
    memcpy(buffer, source->text + source->at, *length);
    source->at += *length;
    return QF_OK;
}

/* Reads all of the text in reads and blocks of the given sizes into one table. */
static qf_status read_all(const char *text, size_t length, size_t read, size_t rows,
                          qf_csv_options options, qf_table *table, qf_error *error) {
    text_source source = {text, length, 0, read};
    qf_csv_reader *reader;
    *table = (qf_table){0};
    QF_TRY(qf_csv_open((qf_csv_source){read_text, &source}, &options, &reader, error));
    qf_table block;
    qf_status status = qf_csv_table(reader, table, error);
    assert_int_equal(status, QF_OK);
    assert_int_equal(qf_csv_table(reader, &block, error), QF_OK);
    do {
        status = qf_csv_read(reader, rows, &block, error);
        assert_true(block.rows <= rows);
        if (status == QF_OK) status = qf_table_append_table(table, &block, error);
    } while (status == QF_OK && block.rows > 0);
    qf_table_free(&block);
    qf_csv_close(reader);
    if (status != QF_OK) qf_table_free(table);
    return status;
}

static void check_tables_equal(const qf_table *a, const qf_table *b) {
    assert_int_equal(a->rows, b->rows);
    assert_int_equal(a->columns, b->columns);
    assert_string_equal(a->target, b->target);
    for (size_t c = 0; c < a->columns; c++) assert_string_equal(a->names[c], b->names[c]);
    if (a->rows == 0) return;
    assert_memory_equal(a->values, b->values, a->rows * a->columns * sizeof *a->values);
    assert_memory_equal(a->labels, b->labels, a->rows);
    assert_memory_equal(a->origins, b->origins, a->rows * sizeof *a->origins);
}

static void check_refused(const char *text, size_t length, qf_csv_options options,
                          const char *message) {
    for (size_t read = 0; read < 4; read++) {
        qf_table table;
        qf_error error = {0};
        const qf_status status = read_all(text, length, read, 3, options, &table, &error);
        if (status != QF_DATA) fail_msg("\"%s\": status %d", text, (int)status);
        assert_string_equal(error.message, message);
    }
}

static void test_table_of_every_form(void **state) {
    (void)state;
    static const char *const forms[] = {
        "a,\"b, c\",y\n1,-2.5,0\n3e2,4,1\n",
        "a,\"b, c\",y\n1,-2.5,0\n3e2,4,1",
        "\xef\xbb\xbf"
        "a,\"b, c\",y\r\n1,-2.5,0\r\n3e2,4,1\r\n",
        "a,\"b, c\",y\r1,-2.5,0\r3e2,4,1\r",
        "\n\n \t\na,\"b, c\",y\n\n1,-2.5,0\n   \n\r\n3e2,4,1\n\n",
        " a ,\"b, c\", y\n 1 ,\t-2.5 , 0\n\"300\",\"4.0\",\"1.0\"\n",
        "a,\"b, c\",\"y\"\n\"1\",-2.50,0.0\n300.,+4,01\n",
        "a,\"b, c\",y\n1.0,-25e-1,-0\n\" 300 \",4,1\n",
    };
    const double values[] = {1, -2.5, 300, 4};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        for (size_t read = 0; read < 4; read++) {
            qf_table table;
            qf_error error = {0};
            const qf_status status = read_all(forms[i], strlen(forms[i]), read, 1 + read,
                                              (qf_csv_options){0}, &table, &error);
            if (status != QF_OK) fail_msg("form %zu: %s", i, error.message);
            assert_int_equal(table.rows, 2);
            assert_int_equal(table.columns, 2);
            assert_string_equal(table.names[0], "a");
            assert_string_equal(table.names[1], "b, c");
            assert_string_equal(table.target, "y");
            assert_memory_equal(table.values, values, sizeof values);
            assert_int_equal(table.labels[0], 0);
            assert_int_equal(table.labels[1], 1);
            assert_int_equal(table.origins[1].row, 1);
            assert_int_equal(table.origins[1].neighbour, -1);
            qf_table_free(&table);
        }
    }
}

static void test_names_and_target(void **state) {
    (void)state;
    qf_table table;
    qf_error error = {0};
    const char text[] = ",x,,y\n7,1,5,9\n8,0,6,9\n";
    assert_int_equal(
        read_all(text, strlen(text), 0, 10, (qf_csv_options){.target = "x"}, &table, &error),
        QF_OK);
    assert_string_equal(table.names[0], "unnamed");
    assert_string_equal(table.names[1], "unnamed_3");
    assert_string_equal(table.names[2], "y");
    assert_string_equal(table.target, "x");
    const double values[] = {7, 5, 9, 8, 6, 9};
    assert_memory_equal(table.values, values, sizeof values);
    assert_int_equal(table.labels[0], 1);
    qf_table_free(&table);

    const char bare[] = "7,1,0\n8,0,1\n";
    assert_int_equal(read_all(bare, strlen(bare), 1, 1,
                              (qf_csv_options){.target = "column_2", .no_header = true}, &table,
                              &error),
                     QF_OK);
    assert_int_equal(table.rows, 2);
    assert_string_equal(table.names[1], "column_3");
    assert_string_equal(table.target, "column_2");
    assert_true(table.values[0] == 7 && table.values[3] == 1);
    qf_table_free(&table);
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the file is empty"},
        {"\xef\xbb\xbf\n \n", "the file is empty"},
        {"a,y\n", "the file has a header and no rows"},
        {"a,y\n1,2\n",
         "row 1 (line 2), column \"y\": the label, which is the last column unless --target names it, must be 0 or 1: \"2\""},
        {"a,y\n1,0\n\n1,0.5",
         "row 2 (line 4), column \"y\": the label, which is the last column unless --target names it, must be 0 or 1: \"0.5\""},
        {"a,y\n1,0\n,1\n", "row 2 (line 3), column \"a\": empty cell"},
        {"a,y\n1,\n", "row 1 (line 2), column \"y\": empty cell"},
        {"a,y\n\"\",1\n", "row 1 (line 2), column \"a\": empty cell"},
        {"a,y\nnan,1\n", "row 1 (line 2), column \"a\": not a finite number: \"nan\""},
        {"a,y\n-Inf,1\n", "row 1 (line 2), column \"a\": not a finite number: \"-Inf\""},
        {"a,y\n1e999,1\n", "row 1 (line 2), column \"a\": not a finite number: \"1e999\""},
        {"a,y\n12x,1\n", "row 1 (line 2), column \"a\": not a number: \"12x\""},
        {"a,y\n1-2,1\n", "row 1 (line 2), column \"a\": not a number: \"1-2\""},
        {"a,y\n0x1F,1\n", "row 1 (line 2), column \"a\": not a number: \"0x1F\""},
        {"a,y\nabcdefghijklmnopqrstuvwxyz,1\n",
         "row 1 (line 2), column \"a\": not a number: \"abcdefghijklmnopqrstuvwx...\""},
        {"a,y\n1,0\n1,0,1\n", "row 2 (line 3): expected 2 fields, got 3"},
        {"a,y\r\n1,0\r\n1\r\n", "row 2 (line 3): expected 2 fields, got 1"},
        {"a,y\n1,0,\n", "row 1 (line 2): expected 2 fields, got 3"},
        {"a,y\n1,0\n\"1,0\n1,0\n", "row 2 (line 3), column \"a\": a quote is not closed"},
        {"a,y\n1\"2,0\n", "row 1 (line 2), column \"a\": a quote inside a field"},
        {"a,y\n1,0\n\"1\"2,0\n", "row 2 (line 3), column \"a\": a quote inside a field"},
        {"a,y\n1,0\"\n", "row 1 (line 2), column \"y\": a quote inside a field"},
        {"a,y\n1,0,\"\n", "row 1 (line 2), column 3 of 2: a quote is not closed"},
        {"a,b\"c,y\n1,0\n", "line 1, column 2: a quote inside a field"},
        {"a\n1\n", "line 1: one column: a feature and a label are needed, separated by commas"},
        {"a;y\n1;0\n",
         "line 1: one column: a feature and a label are needed, separated by commas, not semicolons"},
        {"a,b,a\n", "header: the name \"a\" occurs twice"},
        {"unnamed,,y\n", "header: the name \"unnamed\" occurs twice"},
        {"3,3,0\n",
         "header: the name \"3\" occurs twice (a file without a header needs "
         "--no-header)"},
        {"a\xff,y\n1,1\n", "header, column 1: the name is not printable UTF-8"},
        {"\"a\nb\",y\n1,1\n", "header, column 1: the name is not printable UTF-8"},
        {"a,y\n\"1\n2\",1\n", "row 1 (line 2), column \"a\": not a number: \"1?2\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_refused(cases[i].text, strlen(cases[i].text), (qf_csv_options){0}, cases[i].message);
    }
    check_refused("a,y\n1\0,1\n", 9, (qf_csv_options){0},
                  "row 1 (line 2), column \"a\": a NUL byte: not a text file");
    check_refused("a,y\n1,0\n2,\"1\n\0\"\n", 15, (qf_csv_options){0},
                  "row 2 (line 4), column \"y\": a NUL byte: not a text file");
    check_refused("a,\0y\n1,0\n", 9, (qf_csv_options){0},
                  "line 1, column 2: a NUL byte: not a text file");
    check_refused("a,y\n1,0\n", 8, (qf_csv_options){.target = "z"}, "no column is called \"z\"");
}

static void test_endless_line(void **state) {
    (void)state;
    const size_t length = (size_t)QF_CSV_MAX_RECORD + 100;
    char *text = malloc(length);
    assert_non_null(text);
    memset(text, 'a', length);
    qf_table table;
    qf_error error = {0};
    assert_int_equal(read_all(text, length, 0, 1, (qf_csv_options){0}, &table, &error), QF_DATA);
    assert_string_equal(error.message, "line 1: longer than 16777216 bytes");
    memset(text, '\n', length);
    text[0] = '"';
    assert_int_equal(read_all(text, length, 0, 1, (qf_csv_options){0}, &table, &error), QF_DATA);
    assert_string_equal(error.message, "line 1: a quoted field longer than 16777216 bytes");
    free(text);
}

/* Random numbers in random clothes: the same table as the numbers, for any size of reads. */
static void test_random_numbers(void **state) {
    (void)state;
    enum { ROWS = 500, COLUMNS = 7 };
    qf_random random = qf_random_stream(1, "csv", 0);
    char *text = malloc(ROWS * (COLUMNS + 1) * 64 + 64);
    double *values = malloc(ROWS * COLUMNS * sizeof *values);
    assert_non_null(text);
    assert_non_null(values);
    size_t length = (size_t)sprintf(text, "a,b,c,d,e,f,g,y\n");
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            char cell[64];
            const int form = (int)qf_random_below(&random, 12);
            const double normal = qf_random_normal(&random);
            if (form < 6) {
                snprintf(cell, sizeof cell, "%d", (int)(normal * (form < 3 ? 1 : 1e5)));
            } else if (form < 9) {
                snprintf(cell, sizeof cell, "%.*f", form * 3 - 17, normal * 1000);
            } else {
                qf_print_double(cell, normal * 1e-6);
            }
            values[r * COLUMNS + c] = strtod(cell, NULL);
            const bool quoted = qf_random_below(&random, 200) == 0;
            length += (size_t)sprintf(text + length, quoted ? "\"%s\"," : "%s,", cell);
        }
        length += (size_t)sprintf(text + length, "%zu%s", r % 2, r % 3 ? "\n" : "\r\n");
    }
    const size_t reads[] = {0, 1, 2, 7, 4096};
    qf_table first = {0};
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        qf_table table;
        qf_error error = {0};
        const qf_status status =
            read_all(text, length, reads[i], 64, (qf_csv_options){0}, &table, &error);
        if (status != QF_OK) fail_msg("%s", error.message);
        assert_int_equal(table.rows, ROWS);
        assert_memory_equal(table.values, values, ROWS * COLUMNS * sizeof *values);
        if (i == 0) {
            first = table;
        } else {
            check_tables_equal(&first, &table);
            qf_table_free(&table);
        }
    }
    qf_table_free(&first);
    free(values);
    free(text);
}

static qf_status read_nothing(void *context, void *buffer, size_t room, size_t *length,
                              qf_error *error) {
    (void)context, (void)buffer, (void)room, (void)length;
    return qf_fail(error, QF_IO, "broken");
}

static void test_read_failure(void **state) {
    (void)state;
    qf_csv_reader *reader;
    qf_error error = {0};
    assert_int_equal(
        qf_csv_open((qf_csv_source){read_nothing, NULL}, &(qf_csv_options){0}, &reader, &error),
        QF_IO);
    assert_null(reader);
    assert_string_equal(error.message, "broken");
}

static void test_printed_table_reads_back(void **state) {
    (void)state;
    const char *const names[] = {"plain", "a, b", "say \"x\"", " blank ", "", "größe", "y"};
    const double row[] = {1, -0.0, 0.1, 1e300, 5e-324, -123456.789, 1};
    qf_bytes text = {0};
    qf_error error = {0};
    assert_int_equal(qf_csv_print_names(&text, names, 7, &error), QF_OK);
    assert_int_equal(qf_csv_print_row(&text, row, 7, &error), QF_OK);
    assert_string_equal(text.data,
                        "plain,\"a, b\",\"say \"\"x\"\"\",\" blank \",\"\",größe,y\n"
                        "1,-0,0.1,1e+300,5e-324,-123456.789,1\n");
    qf_table table;
    assert_int_equal(
        read_all((const char *)text.data, text.length, 3, 1, (qf_csv_options){0}, &table, &error),
        QF_OK);
    assert_string_equal(table.names[1], "a, b");
    assert_string_equal(table.names[2], "say \"x\"");
    assert_string_equal(table.names[3], " blank ");
    assert_string_equal(table.names[4], "unnamed");
    assert_memory_equal(table.values, row, 6 * sizeof *row);
    qf_table_free(&table);
    free(text.data);
}

static void test_printed_records(void **state) {
    (void)state;
    qf_record records[2] = {{0}, {0}};
    qf_error error = {0};
    const double curve[] = {0.5, 1};
    assert_int_equal(qf_record_set_text(&records[0], "model", "forest, big", &error), QF_OK);
    assert_int_equal(qf_record_set_real(&records[0], "accuracy", 0.1, &error), QF_OK);
    assert_int_equal(qf_record_set_reals(&records[1], "curve", curve, 2, &error), QF_OK);
    assert_int_equal(qf_record_set_real(&records[1], "accuracy", (double)NAN, &error), QF_OK);
    assert_int_equal(qf_record_set_integer(&records[1], "tp", -3, &error), QF_OK);
    qf_bytes text = {0};
    assert_int_equal(qf_csv_print_records(&text, records, 2, &error), QF_OK);
    assert_string_equal(text.data,
                        "model,accuracy,curve,tp\n"
                        "\"forest, big\",0.1,,\n"
                        ",,0.5 1,-3\n");
    free(text.data);
    qf_record_free(&records[0]);
    qf_record_free(&records[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_of_every_form),
        cmocka_unit_test(test_names_and_target),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_endless_line),
        cmocka_unit_test(test_random_numbers),
        cmocka_unit_test(test_read_failure),
        cmocka_unit_test(test_printed_table_reads_back),
        cmocka_unit_test(test_printed_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
