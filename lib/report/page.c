#include "report/page.h"

#include "base/utf8.h"
#include "report/style.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(qf_page *page, const char *text, size_t length) {
    if (page->status == QF_OK) page->status = qf_bytes_append(page->out, text, length, page->error);
}

static void put_text(qf_page *page, const char *text) {
    put(page, text, strlen(text));
}

static qf_status print_list(qf_bytes *bytes, qf_error *error, const char *format,
                            va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) return qf_fail(error, QF_INTERNAL, "text cannot be formatted");
    QF_TRY(qf_grow_array(&bytes->data, &bytes->capacity, bytes->length + (size_t)length + 1, 1,
                         error));
    vsnprintf((char *)bytes->data + bytes->length, (size_t)length + 1, format, arguments);
    bytes->length += (size_t)length;
    return QF_OK;
}

void qf_page_raw(qf_page *page, const char *format, ...) {
    if (page->status != QF_OK) return;
    va_list arguments;
    va_start(arguments, format);
    page->status = print_list(page->out, page->error, format, arguments);
    va_end(arguments);
}

static const char *html_entity(unsigned char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static bool is_word(unsigned char c) {
    return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* Whether Markdown could take the character at `at` for markup; an underscore inside a word is
 * none. */
static bool is_markup(const unsigned char *at, unsigned char before) {
    if (*at == '_') return !(is_word(before) && is_word(at[1]));
    return strchr("\\`*[]<>|&~#", *at) != NULL;
}

static void escape(qf_page *page, const char *text, bool keep_lines) {
    unsigned char before = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        const size_t length = qf_utf8_length(at);
        const char *entity = page->format == QF_PAGE_HTML ? html_entity(*at) : NULL;
        if (keep_lines && (*at == '\n' || *at == '\t')) {
            put(page, (const char *)at, 1);
        } else if (length == 0 || qf_utf8_is_control(at)) {
            put_text(page, "\xef\xbf\xbd");
        } else if (entity) {
            put_text(page, entity);
        } else {
            const bool markup =
                page->format == QF_PAGE_MARKDOWN && !keep_lines && is_markup(at, before);
            if (markup) put_text(page, "\\");
            put(page, (const char *)at, length);
        }
        before = *at;
        at += length ? length : 1;
    }
}

void qf_page_escape(qf_page *page, const char *text) {
    escape(page, text, false);
}

/* Characters, taken as one place each, of the escaped text. */
static size_t width(const char *text) {
    size_t places = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at; places++) {
        const size_t length = qf_utf8_length(at);
        at += length ? length : 1;
    }
    return places;
}

static void repeat(qf_page *page, const char *text, size_t times) {
    for (size_t i = 0; i < times; i++) put_text(page, text);
}

/* Text in a style of the terminal: 1 bold, 2 faint, 33 yellow. */
static void style(qf_page *page, const char *code) {
    if (page->format == QF_PAGE_TEXT && page->colour) qf_page_raw(page, "\033[%sm", code);
}

void qf_page_begin(qf_page *page, const char *title) {
    if (page->format == QF_PAGE_HTML) {
        put_text(page,
                 "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
        escape(page, title, false);
        put_text(page, "</title>\n<style>\n");
        put_text(page, qf_report_style);
        put_text(page, "</style>\n<main>\n<h1>");
        escape(page, title, false);
        put_text(page, "</h1>\n");
    } else {
        style(page, "1");
        put_text(page, page->format == QF_PAGE_MARKDOWN ? "# " : "");
        escape(page, title, false);
        style(page, "0");
        put_text(page, "\n");
    }
}

void qf_page_end(qf_page *page) {
    if (page->format == QF_PAGE_HTML) put_text(page, "</main>\n</html>\n");
}

void qf_page_heading(qf_page *page, const char *text) {
    static const char *const before[] = {"\n", "\n## ", "<h2>"}, *const after[] = {"\n", "\n",
                                                                                   "</h2>\n"};
    put_text(page, before[page->format]);
    style(page, "1");
    escape(page, text, false);
    style(page, "0");
    put_text(page, after[page->format]);
}

/* Words up to column 80, further lines indented; the first begins at column `indent`. */
static void wrap(qf_page *page, const char *text, size_t indent) {
    size_t column = indent;
    while (*text) {
        const size_t length = strcspn(text, " ");
        char word[256];
        snprintf(word, sizeof word, "%.*s", (int)(length < 255 ? length : 255), text);
        const size_t places = width(word);
        if (column > indent && column + 1 + places > 80) {
            put_text(page, "\n");
            repeat(page, " ", indent);
            column = indent;
        } else if (column > indent) {
            put_text(page, " ");
            column++;
        }
        escape(page, word, false);
        column += places;
        text += length + (text[length] == ' ');
    }
}

void qf_page_paragraph(qf_page *page, const char *format, ...) {
    qf_bytes text = {0};
    va_list arguments;
    va_start(arguments, format);
    if (page->status == QF_OK) page->status = print_list(&text, page->error, format, arguments);
    va_end(arguments);
    if (page->status == QF_OK) {
        put_text(page, page->format == QF_PAGE_HTML ? "<p>" : "\n");
        if (page->format == QF_PAGE_HTML) {
            escape(page, (const char *)text.data, false);
        } else {
            wrap(page, (const char *)text.data, 0);
        }
        put_text(page, page->format == QF_PAGE_HTML ? "</p>\n" : "\n");
    }
    free(text.data);
}

void qf_page_block(qf_page *page, const char *summary, const char *text) {
    const bool html = page->format == QF_PAGE_HTML;
    if (html && summary) put_text(page, "<details><summary>");
    if (!html) put_text(page, "\n");
    if (summary) {
        escape(page, summary, false);
        put_text(page, html ? "</summary>" : "\n\n");
    }
    if (html) {
        put_text(page, "<pre>");
        escape(page, text, true);
        put_text(page, summary ? "</pre></details>\n" : "</pre>\n");
        return;
    }
    while (*text) {
        const size_t length = strcspn(text, "\n");
        char *line = page->status == QF_OK ? qf_new_array(length + 1, 1, page->error) : NULL;
        if (!line) page->status = page->status == QF_OK ? QF_MEMORY : page->status;
        if (!line) return;
        memcpy(line, text, length);
        put_text(page, page->format == QF_PAGE_MARKDOWN ? "    " : "  ");
        escape(page, line, true);
        put_text(page, "\n");
        free(line);
        text += length + (text[length] == '\n');
    }
}

void qf_grid_add(qf_grid *grid, const char *format, ...) {
    if (grid->status != QF_OK) return;
    qf_bytes cell = {0};
    va_list arguments;
    va_start(arguments, format);
    grid->status = print_list(&cell, grid->error, format, arguments);
    va_end(arguments);
    if (grid->status == QF_OK) {
        grid->status = qf_grow_array(&grid->cells, &grid->cell_capacity, grid->cell_count + 1,
                                     sizeof *grid->cells, grid->error);
    }
    if (grid->status == QF_OK) {
        grid->cells[grid->cell_count++] = (char *)cell.data;
    } else {
        free(cell.data);
    }
}

void qf_grid_add_note(qf_grid *grid, const char *head, const char *sentence) {
    if (grid->status == QF_OK) {
        grid->status = qf_grow_array(&grid->notes, &grid->note_capacity, grid->note_count + 1,
                                     sizeof *grid->notes, grid->error);
    }
    if (grid->status != QF_OK) return;
    qf_grid_note *note = &grid->notes[grid->note_count++];
    note->row = (grid->cell_count - 1) / grid->column_count;
    note->head = qf_copy_text(head, grid->error);
    note->sentence = qf_copy_text(sentence, grid->error);
    if (!note->head || !note->sentence) grid->status = QF_MEMORY;
}

void qf_grid_free(qf_grid *grid) {
    for (size_t i = 0; i < grid->cell_count; i++) free(grid->cells[i]);
    for (size_t i = 0; i < grid->note_count; i++) {
        free(grid->notes[i].head);
        free(grid->notes[i].sentence);
    }
    free(grid->cells);
    free(grid->notes);
}

/* A cell of HTML; what follows " ± " is set apart, so that the eye finds the numbers. */
static void html_cell(qf_page *page, const char *text) {
    const char *spread = strstr(text, " \xc2\xb1 ");
    char number[32];
    if (!spread || (size_t)(spread - text) >= sizeof number) {
        escape(page, text, false);
        return;
    }
    snprintf(number, sizeof number, "%.*s", (int)(spread - text), text);
    escape(page, number, false);
    put_text(page, "<small>");
    escape(page, spread, false);
    put_text(page, "</small>");
}

static void html_notes(qf_page *page, const qf_grid *grid, size_t row, size_t *next) {
    if (*next == grid->note_count || grid->notes[*next].row != row) return;
    qf_page_raw(page, "<tr class=\"note\"><td colspan=\"%zu\"><ul>", grid->column_count);
    for (; *next < grid->note_count && grid->notes[*next].row == row; (*next)++) {
        put_text(page, "<li><strong>");
        escape(page, grid->notes[*next].head, false);
        put_text(page, "</strong> ");
        escape(page, grid->notes[*next].sentence, false);
        put_text(page, "</li>");
    }
    put_text(page, "</ul></td></tr>\n");
}

static void html_grid(qf_page *page, const qf_grid *grid) {
    put_text(page, "<div class=\"wide\"><table>\n<thead><tr>");
    for (size_t c = 0; c < grid->column_count; c++) {
        put_text(page, grid->columns[c].number ? "<th class=\"number\" scope=\"col\""
                                               : "<th scope=\"col\"");
        if (grid->columns[c].meaning) {
            put_text(page, " title=\"");
            escape(page, grid->columns[c].meaning, false);
            put_text(page, "\"");
        }
        put_text(page, ">");
        escape(page, grid->columns[c].title, false);
        put_text(page, "</th>");
    }
    put_text(page, "</tr></thead>\n<tbody>\n");
    size_t note = 0;
    for (size_t r = 0; r < grid->cell_count / grid->column_count; r++) {
        put_text(page, "<tr>");
        for (size_t c = 0; c < grid->column_count; c++) {
            put_text(page, grid->columns[c].number ? "<td class=\"number\">" : "<td>");
            html_cell(page, grid->cells[r * grid->column_count + c]);
            put_text(page, "</td>");
        }
        put_text(page, "</tr>\n");
        html_notes(page, grid, r, &note);
    }
    put_text(page, "</tbody></table></div>\n");
}

static void text_cell(qf_page *page, const qf_grid *grid, size_t c, const char *text, size_t most) {
    const size_t blanks = most - width(text);
    const bool last = c + 1 == grid->column_count, markdown = page->format == QF_PAGE_MARKDOWN;
    if (markdown) put_text(page, "| ");
    if (grid->columns[c].number) repeat(page, " ", blanks);
    escape(page, text, false);
    if (!grid->columns[c].number && (markdown || !last)) repeat(page, " ", blanks);
    put_text(page, markdown ? last ? " |\n" : " " : last ? "\n" : "  ");
}

static void text_notes(qf_page *page, const qf_grid *grid, size_t row, size_t *next) {
    for (; *next < grid->note_count && grid->notes[*next].row == row; (*next)++) {
        put_text(page, "  ");
        style(page, "33");
        put_text(page, "! ");
        wrap(page, grid->notes[*next].head, 4);
        style(page, "0");
        put_text(page, "\n");
        if (!*grid->notes[*next].sentence) continue;
        put_text(page, "    ");
        wrap(page, grid->notes[*next].sentence, 4);
        put_text(page, "\n");
    }
}

/* Markdown has no place beneath a row: its notes follow the table. */
static void markdown_notes(qf_page *page, const qf_grid *grid) {
    for (size_t i = 0; i < grid->note_count; i++) {
        const qf_grid_note *note = &grid->notes[i];
        if (i == 0 || note->row != note[-1].row) {
            put_text(page, "\nAgainst **");
            escape(page, grid->cells[note->row * grid->column_count], false);
            put_text(page, "**");
            for (size_t c = 1; c < grid->column_count && !grid->columns[c].number; c++) {
                put_text(page, ", ");
                escape(page, grid->cells[note->row * grid->column_count + c], false);
            }
            put_text(page, ":\n\n");
        }
        put_text(page, "- **");
        escape(page, note->head, false);
        put_text(page, "** ");
        escape(page, note->sentence, false);
        put_text(page, "\n");
    }
}

static void text_grid(qf_page *page, const qf_grid *grid) {
    const size_t columns = grid->column_count, rows = grid->cell_count / columns;
    const bool markdown = page->format == QF_PAGE_MARKDOWN;
    size_t *widths = qf_new_array(columns, sizeof *widths, page->error);
    if (!widths) {
        page->status = QF_MEMORY;
        return;
    }
    for (size_t c = 0; c < columns; c++) {
        widths[c] = width(grid->columns[c].title);
        for (size_t r = 0; r < rows; r++) {
            const size_t places = width(grid->cells[r * columns + c]);
            if (places > widths[c]) widths[c] = places;
        }
    }
    put_text(page, "\n");
    style(page, "1");
    for (size_t c = 0; c < columns; c++) {
        text_cell(page, grid, c, grid->columns[c].title, widths[c]);
    }
    style(page, "0");
    for (size_t c = 0; markdown && c < columns; c++) {
        put_text(page, "|");
        repeat(page, "-", widths[c] + 1);
        put_text(page, grid->columns[c].number ? ":" : "-");
    }
    if (markdown) put_text(page, "|\n");
    size_t note = 0;
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            text_cell(page, grid, c, grid->cells[r * columns + c], widths[c]);
        }
        if (!markdown) text_notes(page, grid, r, &note);
    }
    if (markdown) markdown_notes(page, grid);
    free(widths);
}

void qf_page_grid(qf_page *page, const qf_grid *grid) {
    if (page->status == QF_OK) page->status = grid->status;
    if (page->status != QF_OK || grid->column_count == 0) return;
    if (page->format == QF_PAGE_HTML) {
        html_grid(page, grid);
    } else {
        text_grid(page, grid);
    }
}
