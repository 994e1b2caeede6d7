/* Working ahead gives the items, the end and the failure of its producer, in order. */
#include "base/ahead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Items 1, 2 ... total, then the end or a failure. */
typedef struct sequence {
    int made, total;
    qf_status last;
} sequence;

static qf_status count(void *context, void *item, bool *more, qf_error *error) {
    sequence *s = context;
    *more = s->made < s->total;
    if (*more) *(int *)item = ++s->made;
    if (!*more && s->last != QF_OK) return qf_fail(error, s->last, "broken at %d", s->made);
    return QF_OK;
}

static int numbers[QF_AHEAD_ITEMS];
static void *const items[QF_AHEAD_ITEMS] = {&numbers[0], &numbers[1], &numbers[2]};

static void check(sequence source) {
    qf_error error = {0};
    qf_ahead *ahead;
    assert_int_equal(qf_ahead_open(count, &source, items, &ahead, &error), QF_OK);
    void *item;
    for (int expected = 1; expected <= source.total; expected++) {
        assert_int_equal(qf_ahead_next(ahead, &item, &error), QF_OK);
        assert_non_null(item);
        assert_int_equal(*(int *)item, expected);
    }
    for (int again = 0; again < 2; again++) {
        assert_int_equal(qf_ahead_next(ahead, &item, &error), source.last);
        assert_null(item);
        if (source.last != QF_OK) assert_non_null(strstr(error.message, "broken at"));
    }
    qf_ahead_close(ahead);
}

static void gives_every_item_and_the_end(void **state) {
    (void)state;
    const int totals[] = {0, 1, QF_AHEAD_ITEMS, QF_AHEAD_ITEMS + 1, 10000};
    for (size_t t = 0; t < sizeof totals / sizeof *totals; t++) {
        check((sequence){0, totals[t], QF_OK});
        check((sequence){0, totals[t], QF_IO});
    }
}

/* An item is the caller's until the next call, however far ahead the thread could be. */
static void leaves_an_item_alone_while_it_is_used(void **state) {
    (void)state;
    sequence source = {0, 1000, QF_OK};
    qf_ahead *ahead;
    assert_int_equal(qf_ahead_open(count, &source, items, &ahead, NULL), QF_OK);
    void *item;
    assert_int_equal(qf_ahead_next(ahead, &item, NULL), QF_OK);
    nanosleep(&(struct timespec){0, 10000000}, NULL);
    assert_int_equal(*(int *)item, 1);
    qf_ahead_close(ahead);
    assert_true(source.made <= QF_AHEAD_ITEMS);
}

/* Closing before the end makes no item after the one in the making. */
static void stops_at_a_close(void **state) {
    (void)state;
    for (int taken = 0; taken < 100; taken++) {
        sequence source = {0, 1000000, QF_OK};
        qf_ahead *ahead;
        assert_int_equal(qf_ahead_open(count, &source, items, &ahead, NULL), QF_OK);
        void *item;
        for (int i = 0; i < taken; i++) assert_int_equal(qf_ahead_next(ahead, &item, NULL), QF_OK);
        qf_ahead_close(ahead);
        assert_in_range(source.made, taken, taken + QF_AHEAD_ITEMS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_every_item_and_the_end),
        cmocka_unit_test(leaves_an_item_alone_while_it_is_used),
        cmocka_unit_test(stops_at_a_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
