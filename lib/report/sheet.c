#include "report/sheet.h"

#include "base/memory.h"

#include <csv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct parse {
    qf_sheet *sheet;
    size_t row, cells; /* of the row being read */
    qf_status status;
    qf_error *error;
} parse;

static void take_cell(void *data, size_t length, void *context) {
    parse *p = context;
    if (p->status != QF_OK) return;
    qf_sheet *sheet = p->sheet;
    p->status = qf_grow_array(&sheet->cells, &sheet->capacity, sheet->cell_count + 1,
                              sizeof *sheet->cells, p->error);
    char *cell = p->status == QF_OK ? qf_new_array(length + 1, 1, p->error) : NULL;
    if (!cell) {
        p->status = QF_MEMORY;
        return;
    }
    if (length > 0) memcpy(cell, data, length);
    sheet->cells[sheet->cell_count++] = cell;
    p->cells++;
}

static void end_row(int terminator, void *context) {
    (void)terminator;
    parse *p = context;
    if (p->status != QF_OK) return;
    if (p->row == 0) p->sheet->columns = p->cells;
    if (p->cells != p->sheet->columns) {
        p->status = qf_fail(p->error, QF_DATA, "row %zu: expected %zu cells, got %zu", p->row,
                            p->sheet->columns, p->cells);
    }
    p->row++;
    p->cells = 0;
}

qf_status qf_sheet_parse(const char *text, size_t length, qf_sheet *sheet, qf_error *error) {
    *sheet = (qf_sheet){0};
    parse p = {.sheet = sheet, .error = error};
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return qf_fail(error, QF_INTERNAL, "libcsv cannot start");
    }
    const bool parsed = csv_parse(&parser, text, length, take_cell, end_row, &p) == length &&
                        csv_fini(&parser, take_cell, end_row, &p) == 0;
    csv_free(&parser);
    if (!parsed) return qf_fail(error, QF_DATA, "row %zu: a quote is out of place", p.row);
    if (p.status != QF_OK) return p.status;
    if (p.row == 0) return qf_fail(error, QF_DATA, "no header");
    sheet->rows = p.row - 1;
    return QF_OK;
}

void qf_sheet_free(qf_sheet *sheet) {
    for (size_t i = 0; i < sheet->cell_count; i++) free(sheet->cells[i]);
    free(sheet->cells);
    *sheet = (qf_sheet){0};
}

size_t qf_sheet_find(const qf_sheet *sheet, const char *name) {
    size_t column = 0;
    while (column < sheet->columns && strcmp(sheet->cells[column], name) != 0) column++;
    return column;
}

const char *qf_sheet_cell(const qf_sheet *sheet, size_t row, size_t column) {
    if (row >= sheet->rows || column >= sheet->columns) return "";
    return sheet->cells[(row + 1) * sheet->columns + column];
}
