#include "data/undersample.h"

#include "base/memory.h"
#include "base/random.h"

#include <stdlib.h>

qf_status qf_undersample(const qf_table *table, double ratio, uint64_t seed, qf_table *result,
                         qf_error *error) {
    *result = (qf_table){0};
    QF_TRY(qf_table_require_classes(table, 1, error));
    size_t counts[2];
    qf_table_count_classes(table, counts);
    const int minority = counts[1] <= counts[0];
    const double room = (double)counts[minority] / ratio;
    size_t *kept = qf_new_array(table->rows, sizeof *kept, error);
    if (!kept) return QF_MEMORY;
    /* Knuth's selection sampling: one pass, the order kept (TAOCP 2, 3.4.2, algorithm S). */
    qf_random random = qf_random_stream(seed, "undersample", 0);
    size_t left = counts[!minority];
    size_t wanted = room < (double)left ? (size_t)room : left;
    size_t count = 0;
    for (size_t r = 0; r < table->rows; r++) {
        if (table->labels[r] == minority) {
            kept[count++] = r;
        } else if (qf_random_below(&random, left--) < wanted) {
            kept[count++] = r;
            wanted--;
        }
    }
    const qf_status status = qf_table_select_rows(table, kept, count, result, error);
    free(kept);
    return status;
}
