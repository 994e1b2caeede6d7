/* Everything a report is made of, read from streams and files. */
#ifndef QF_REPORT_MATERIAL_WIRE_H
#define QF_REPORT_MATERIAL_WIRE_H

#include "report/report.h"
#include "stream/records.h"

/* Where it lies; NULL: not given. */
typedef struct qf_material_files {
    const char *metrics;     /* NULL: standard input */
    const char *audit;       /* text of qf-audit --report */
    const char *published;   /* CSV */
    const char *epochs;      /* CSV, of published losses and accuracies */
    const char *timings;     /* CSV */
    const char *profile;     /* stream of qf-profile */
    const char *curves;      /* streams of type "curve" */
    const char *comparisons; /* streams of qf-compare */
    const char *noise;       /* metrics of qf-score with the labels of noise_figures.h */
    const char *circuits;    /* streams of qf-circuit --diagnose */
} qf_material_files;

/* Zero-initialise; free with qf_material_free. The records of a list lie one behind the other and
 * belong to its streams. */
typedef struct qf_material {
    qf_record_streams metrics_streams, profile_streams, curve_streams, comparison_streams,
        noise_streams, circuit_streams;
    qf_record *metrics, *profile, *curves, *comparisons, *noise, *circuits;
    size_t metrics_count, profile_count, curve_count, comparison_count, noise_count, circuit_count;
    char **commands; /* [metrics_count], NULL for records that are not of models */
    qf_bytes audit;
    qf_sheet published, epochs, timings;
} qf_material;

/* Reads what is given. Free on failure, too. */
qf_status qf_material_read(qf_session *session, const qf_material_files *files,
                           qf_material *material, qf_error *error);
void qf_material_free(qf_material *material);

/* The material as a report, to be completed; it borrows everything. */
qf_report qf_material_report(const qf_material *material, const qf_material_files *files);

#endif
