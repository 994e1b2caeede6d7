#include "report/reasons.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const qf_violation *find_code(const qf_violations *list, const char *code) {
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].code, code) == 0) return &list->items[i];
    }
    return NULL;
}

/* "2925 to 2937 of the test rows", or what stands for it where no number is known. */
static void print_rows(const qf_violation *v, char text[80]) {
    if (!v || !v->counted) {
        snprintf(text, 80, "no test row");
    } else if (v->least == v->greatest) {
        snprintf(text, 80, "%lld of the test rows", v->least);
    } else {
        snprintf(text, 80, "%lld to %lld of the test rows", v->least, v->greatest);
    }
}

static qf_status add_columns(const qf_violations *list, qf_bytes *text, qf_error *error) {
    const qf_violation *numbers = find_code(list, "identifier-kept");
    const qf_violation *leak = find_code(list, "leak-kept");
    if (!numbers && !leak) return QF_OK;
    const qf_violation *one = leak ? leak : numbers;
    const char *what = !leak      ? "only numbers the rows"
                       : !numbers ? "by itself gives the label away"
                                  : "numbers rows that lie sorted by their label, and so gives it "
                                    "away";
    return qf_bytes_print(text, error, " The column \"%s\", which %s, was kept as a feature.",
                          one->names.length ? (const char *)one->names.data : "", what);
}

static qf_status add_steps(const qf_violations *list, qf_bytes *text, qf_error *error) {
    char made[80], related[80];
    if (find_code(list, "resampled-before-split")) {
        print_rows(find_code(list, "synthetic-in-test"), made);
        print_rows(find_code(list, "trained-on-parents"), related);
        QF_TRY(qf_bytes_print(text, error,
                              " Resampling saw all rows before they were split: %s are made, and "
                              "%s have relatives among the rows trained on.",
                              made, related));
    }
    if (!find_code(list, "scaled-before-split")) return QF_OK;
    return qf_bytes_print(text, error, " Scaling was fitted to all rows before the split, too.");
}

/* Appends the sentences of one result; nothing where there is nothing to say. */
static qf_status explain(const qf_result *result, qf_bytes *text, qf_error *error) {
    qf_violations list;
    qf_status status = qf_result_violations(result, &list, error);
    if (status == QF_OK) status = add_columns(&list, text, error);
    if (status == QF_OK) status = add_steps(&list, text, error);
    qf_violations_free(&list);
    return status;
}

void qf_write_reasons(qf_page *page, const qf_results *results) {
    qf_bytes first = {0};
    bool all = true;
    qf_status status = page->status;
    for (size_t i = 0; status == QF_OK && all && i < results->count; i++) {
        qf_bytes other = {0};
        status = explain(&results->items[i], i == 0 ? &first : &other, page->error);
        all = i == 0 ? first.length > 0 : other.length > 0;
        free(other.data);
    }
    if (page->status == QF_OK) page->status = status;
    if (status == QF_OK && all && first.length > 0) {
        qf_page_paragraph(page, "Why these numbers are higher than new rows would give:%s",
                          (const char *)first.data);
    }
    free(first.data);
}
