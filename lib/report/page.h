/* A page being written: the same headings, paragraphs and tables as terminal text, Markdown or
 * HTML. All text is escaped for its format, what is no printable UTF-8 becomes U+FFFD: names come
 * from other people's files. */
#ifndef QF_REPORT_PAGE_H
#define QF_REPORT_PAGE_H

#include "base/memory.h"

#include <stdbool.h>

typedef enum qf_page_format { QF_PAGE_TEXT, QF_PAGE_MARKDOWN, QF_PAGE_HTML } qf_page_format;

/* Keeps the first failure in `status`; every function below does nothing after one. */
typedef struct qf_page {
    qf_page_format format;
    bool colour; /* of text, by ANSI escapes */
    qf_bytes *out;
    qf_error *error;
    qf_status status;
} qf_page;

typedef struct qf_grid_column {
    const char *title;
    const char *meaning; /* shown by HTML when the pointer rests on the title, or NULL */
    bool number;         /* aligned right */
} qf_grid_column;

typedef struct qf_grid_note {
    size_t row;
    char *head, *sentence;
} qf_grid_note;

/* A table of text cells, filled row by row. Zero-initialise with columns, column_count and error;
 * free with qf_grid_free. It keeps its first failure as the page does. */
typedef struct qf_grid {
    const qf_grid_column *columns;
    size_t column_count;
    char **cells;
    size_t cell_count, cell_capacity;
    qf_grid_note *notes; /* printed beneath their row, rows ascending */
    size_t note_count, note_capacity;
    qf_error *error;
    qf_status status;
} qf_grid;

__attribute__((format(printf, 2, 3))) void qf_grid_add(qf_grid *grid, const char *format, ...);
/* A note to the row whose last cell was added last. */
void qf_grid_add_note(qf_grid *grid, const char *head, const char *sentence);
void qf_grid_free(qf_grid *grid);

/* Begins and ends the document. */
void qf_page_begin(qf_page *page, const char *title);
void qf_page_end(qf_page *page);

void qf_page_heading(qf_page *page, const char *text);
__attribute__((format(printf, 2, 3))) void qf_page_paragraph(qf_page *page, const char *format,
                                                             ...);
void qf_page_grid(qf_page *page, const qf_grid *grid);
/* Text whose lines stay as they are; with a summary, HTML folds it away beneath that line. */
void qf_page_block(qf_page *page, const char *summary, const char *text);

/* Escaped text, and markup that is not: for figures. */
void qf_page_escape(qf_page *page, const char *text);
__attribute__((format(printf, 2, 3))) void qf_page_raw(qf_page *page, const char *format, ...);

#endif
