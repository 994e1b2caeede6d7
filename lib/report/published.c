#include "report/published.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

bool qf_published_is_of(const qf_sheet *published, size_t row, const qf_record *record) {
    const size_t model = qf_sheet_find(published, "model");
    if (strcmp(qf_sheet_cell(published, row, model), qf_record_text(record, "model")) != 0) {
        return false;
    }
    for (size_t c = 0; c < published->columns; c++) {
        const qf_field *field = qf_record_find(record, published->cells[c]);
        if (!field || field->kind != QF_FIELD_TEXT) continue;
        if (strcmp(qf_sheet_cell(published, row, c), field->text) != 0) return false;
    }
    return true;
}

const char *const qf_confusion_columns[QF_CONFUSION] = {"tn", "fp", "fn", "tp"};

static bool read_confusion(const qf_sheet *published, size_t row, double counts[QF_CONFUSION]) {
    for (size_t k = 0; k < QF_CONFUSION; k++) {
        const size_t column = qf_sheet_find(published, qf_confusion_columns[k]);
        const char *cell = qf_sheet_cell(published, row, column);
        if (qf_parse_double(cell, strlen(cell), &counts[k]) != QF_NUMBER_VALID) return false;
    }
    return true;
}

bool qf_published_confusion(const qf_sheet *published, const qf_record *record,
                            double counts[QF_CONFUSION]) {
    for (size_t row = 0; published && row < published->rows; row++) {
        if (qf_published_is_of(published, row, record) && read_confusion(published, row, counts)) {
            return true;
        }
    }
    return false;
}

double qf_published_share(const qf_sheet *published, size_t row, size_t column) {
    const char *cell = qf_sheet_cell(published, row, column);
    char text[QF_NUMBER_TEXT + 4];
    double percent, share;
    if (qf_parse_double(cell, strlen(cell), &percent) != QF_NUMBER_VALID) return NAN;
    /* 84.9 percent is the double nearest to 0.849, which a division by 100 may miss. */
    const size_t length = qf_print_double(text, percent);
    if (strchr(text, 'e')) return percent / 100;
    memcpy(text + length, "e-2", 4);
    return qf_parse_double(text, length + 3, &share) == QF_NUMBER_VALID ? share : NAN;
}

double qf_published_nearest(const qf_sheet *published, const qf_record *record, const char *column,
                            double ours) {
    double nearest = NAN;
    if (!published) return NAN;
    const size_t place = qf_sheet_find(published, column);
    for (size_t row = 0; row < published->rows; row++) {
        if (!qf_published_is_of(published, row, record)) continue;
        const double share = qf_published_share(published, row, place);
        if (isnan(share)) continue;
        if (isnan(nearest) || fabs(share - ours) < fabs(nearest - ours)) nearest = share;
    }
    return nearest;
}
