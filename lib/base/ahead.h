/* Working ahead: a thread makes the next item of a sequence while the caller uses the last one. */
#ifndef QF_BASE_AHEAD_H
#define QF_BASE_AHEAD_H

#include "base/error.h"

#include <stdbool.h>

enum { QF_AHEAD_ITEMS = 3 };

/* Makes the next item in the place of an old one; *more is false, and the item not used, at the
 * end. Not called again after that or a failure. */
typedef qf_status qf_produce(void *context, void *item, bool *more, qf_error *error);

/* Calls produce(context, items[i], ...) for i in turn, from a thread of its own; the items remain
 * the caller's. QF_MEMORY where the system gives no thread. Close it on every path, before the
 * items and the context go: that waits for the item being made, if any, and for no other. */
typedef struct qf_ahead qf_ahead;
qf_status qf_ahead_open(qf_produce *produce, void *context, void *const items[QF_AHEAD_ITEMS],
                        qf_ahead **ahead, qf_error *error);
void qf_ahead_close(qf_ahead *ahead);

/* The next item, to be used until the next call; NULL at the end. A failure of the producer comes
 * after the items made before it; it and the end stay. */
qf_status qf_ahead_next(qf_ahead *ahead, void **item, qf_error *error);

#endif
