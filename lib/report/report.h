/* Reports of metrics as text, Markdown, CSV or one HTML page without anything from outside. */
#ifndef QF_REPORT_REPORT_H
#define QF_REPORT_REPORT_H

#include "base/memory.h"
#include "base/record.h"
#include "report/sheet.h"

#include <stdbool.h>

/* What a report is made of. Records are metrics of models (they have the field "model"),
 * comparisons of qf-compare, or any others, then printed as they are; never two kinds. Metrics
 * whose field "part" is "train" are of rows trained on: they are no results, and stand beside them
 * only where a figure says so. All but the records may be missing. */
typedef struct qf_report {
    const qf_record *records;
    size_t count;
    const char *const *commands; /* [count], the commands behind each record */
    const char *title;
    const char *audit;         /* what qf-audit found */
    const qf_sheet *published; /* see published.h; accuracy, precision, recall, f1, the last three
                                  weighted by class; tn, fp, fn, tp as numbers of rows */
    const qf_sheet *epochs;    /* published, see training_figures.h */
    const qf_sheet *timings;   /* model, variant, protocol, seed, step, seconds */
    const qf_record *profile;  /* [profile_count], of qf-profile: for the correlations */
    size_t profile_count;
    const qf_record *curves; /* [curve_count], of qf-train-classic --curve */
    size_t curve_count;
    const qf_record *noise; /* [noise_count], metrics under noise: see noise_figures.h */
    size_t noise_count;
    const qf_record *comparisons; /* [comparison_count], of qf-compare */
    size_t comparison_count;
    const qf_record *circuits; /* [circuit_count], of qf-circuit --diagnose: the records are then
                                  comparisons of circuits with their twins */
    size_t circuit_count;
    const char *columns; /* of CSV, joined by commas; NULL: those that are usual */
    bool colour;         /* of text */
} qf_report;

typedef enum qf_report_format {
    QF_REPORT_TEXT,
    QF_REPORT_MARKDOWN,
    QF_REPORT_CSV,
    QF_REPORT_HTML
} qf_report_format;

/* Appends the report. As CSV every test record is a row; columns that were asked for are those of
 * qf_records_csv_of, else metrics of models have exactly the columns of qf_metrics_columns, any
 * others the fields that occur. QF_MISMATCH when records of models and others are mixed, or (but
 * for CSV) two of one model, variant, protocol, data and seed meet. */
qf_status qf_report_write(const qf_report *report, qf_report_format format, qf_bytes *out,
                          qf_error *error);

#endif
