#include "quantum/draw.h"

#include "quantum/angle_text.h"

#include <stdlib.h>
#include <string.h>

/* ---- Columns ---- */

/* What stands on a wire in a column. */
typedef enum mark { MARK_NONE, MARK_CONTROL, MARK_NOT, MARK_SWAP, MARK_BOX } mark;

typedef struct drawing {
    const qf_circuit *circuit;
    size_t *columns; /* [gates] the column of each */
    size_t count;
    size_t *widths; /* [columns] letters of the widest label */
    size_t *grid;   /* [columns][wires] the gate that a wire meets, counted from 1, or 0 */
    qf_bytes label; /* of the box at hand */
} drawing;

static void span_of(const qf_gate *gate, size_t *low, size_t *high) {
    const size_t wires = qf_gate_form_of(gate->kind)->wires;
    *low = *high = gate->wires[0];
    for (size_t i = 1; i < wires; i++) {
        *low = gate->wires[i] < *low ? gate->wires[i] : *low;
        *high = gate->wires[i] > *high ? gate->wires[i] : *high;
    }
}

static mark mark_of(const qf_gate *gate, size_t wire) {
    const qf_gate_form *form = qf_gate_form_of(gate->kind);
    for (size_t i = 0; i < form->wires; i++) {
        if (gate->wires[i] != wire) continue;
        if (i < form->controls || gate->kind == QF_GATE_CZ) return MARK_CONTROL;
        if (gate->kind == QF_GATE_CNOT || gate->kind == QF_GATE_CCX) return MARK_NOT;
        if (gate->kind == QF_GATE_SWAP || gate->kind == QF_GATE_CSWAP) return MARK_SWAP;
        return MARK_BOX;
    }
    return MARK_NONE;
}

/* "RY(w0)"; of a controlled gate without the C. */
static qf_status make_label(drawing *d, const qf_gate *gate, qf_error *error) {
    const qf_gate_form *form = qf_gate_form_of(gate->kind);
    const qf_angle_text how = {.style = QF_ANGLE_DRAWN};
    d->label.length = 0;
    QF_TRY(qf_bytes_print(&d->label, error, "%s", form->name + form->controls));
    for (size_t i = 0; i < form->angles; i++) {
        QF_TRY(qf_bytes_print(&d->label, error, i ? "," : "("));
        QF_TRY(qf_angle_print(d->circuit, &gate->angles[i], &how, &d->label, error));
    }
    return form->angles ? qf_bytes_print(&d->label, error, ")") : QF_OK;
}

/* Each gate's column: the first that is free on all wires that it spans. */
static void choose_columns(drawing *d) {
    const qf_circuit *c = d->circuit;
    size_t free_from[QF_MAX_WIRES] = {0};
    for (size_t g = 0; g < c->gate_count; g++) {
        size_t low, high, column = 0;
        span_of(&c->gates[g], &low, &high);
        for (size_t w = low; w <= high; w++) {
            column = free_from[w] > column ? free_from[w] : column;
        }
        for (size_t w = low; w <= high; w++) free_from[w] = column + 1;
        d->columns[g] = column;
        d->count = column + 1 > d->count ? column + 1 : d->count;
    }
}

static qf_status fill_columns(drawing *d, qf_error *error) {
    const qf_circuit *c = d->circuit;
    for (size_t g = 0; g < c->gate_count; g++) {
        const qf_gate *gate = &c->gates[g];
        const size_t last = qf_gate_form_of(gate->kind)->wires - 1;
        size_t low, high, width = 1;
        span_of(gate, &low, &high);
        for (size_t w = low; w <= high; w++) d->grid[d->columns[g] * c->wires + w] = g + 1;
        if (mark_of(gate, gate->wires[last]) == MARK_BOX) {
            QF_TRY(make_label(d, gate, error));
            width = d->label.length;
        }
        size_t *widest = &d->widths[d->columns[g]];
        *widest = width > *widest ? width : *widest;
    }
    return QF_OK;
}

static qf_status arrange(drawing *d, qf_error *error) {
    const qf_circuit *c = d->circuit;
    d->columns = qf_new_array(c->gate_count, sizeof *d->columns, error);
    if (!d->columns) return QF_MEMORY;
    choose_columns(d);
    d->widths = qf_new_array(d->count, sizeof *d->widths, error);
    d->grid = qf_new_array(d->count * c->wires, sizeof *d->grid, error);
    return d->widths && d->grid ? fill_columns(d, error) : QF_MEMORY;
}

static void drawing_free(drawing *d) {
    free(d->columns);
    free(d->widths);
    free(d->grid);
    free(d->label.data);
}

/* The gate that a wire meets in a column, or NULL. */
static const qf_gate *gate_at(const drawing *d, size_t column, size_t wire) {
    const size_t gate = d->grid[column * d->circuit->wires + wire];
    return gate ? &d->circuit->gates[gate - 1] : NULL;
}

static bool measured_in_z(const qf_circuit *c, size_t wire) {
    for (size_t m = 0; m < c->measurement_count; m++) {
        const qf_measurement *at = &c->measurements[m];
        if (at->kind == QF_MEASURE_PAULI && at->x == 0 && at->z == (uint64_t)1 << wire) return true;
    }
    return false;
}

/* ---- Text ---- */

static qf_status repeat(const char *what, size_t count, qf_bytes *text, qf_error *error) {
    for (size_t i = 0; i < count; i++) QF_TRY(qf_bytes_append(text, what, strlen(what), error));
    return QF_OK;
}

static qf_status text_cell(drawing *d, size_t column, size_t wire, qf_bytes *text,
                           qf_error *error) {
    static const char *const marks[] = {
        [MARK_NONE] = "┼", [MARK_CONTROL] = "●", [MARK_NOT] = "⊕", [MARK_SWAP] = "×"};
    const qf_gate *gate = gate_at(d, column, wire);
    const char *shown = "─";
    size_t width = 1;
    if (gate && mark_of(gate, wire) == MARK_BOX) {
        QF_TRY(make_label(d, gate, error));
        shown = (const char *)d->label.data;
        width = d->label.length;
    } else if (gate) {
        shown = marks[mark_of(gate, wire)];
    }
    const size_t room = d->widths[column] - width;
    QF_TRY(repeat("─", 1 + room / 2, text, error));
    QF_TRY(qf_bytes_append(text, shown, strlen(shown), error));
    return repeat("─", room - room / 2, text, error);
}

/* What joins a wire with the next. */
static qf_status text_link(const drawing *d, size_t column, size_t wire, qf_bytes *text,
                           qf_error *error) {
    const qf_gate *gate = gate_at(d, column, wire);
    const size_t room = d->widths[column] - 1;
    const char *shown = gate && gate == gate_at(d, column, wire + 1) ? "│" : " ";
    QF_TRY(repeat(" ", 1 + room / 2, text, error));
    QF_TRY(qf_bytes_append(text, shown, strlen(shown), error));
    return repeat(" ", room - room / 2, text, error);
}

static void trim(qf_bytes *text) {
    while (text->length > 0 && text->data[text->length - 1] == ' ') text->length--;
}

static qf_status text_wires(drawing *d, qf_bytes *text, qf_error *error) {
    const qf_circuit *c = d->circuit;
    for (size_t wire = 0; wire < c->wires; wire++) {
        QF_TRY(qf_bytes_print(text, error, "%2zu ", wire));
        for (size_t column = 0; column < d->count; column++) {
            QF_TRY(text_cell(d, column, wire, text, error));
        }
        QF_TRY(qf_bytes_print(text, error, measured_in_z(c, wire) ? "─ <Z>\n" : "─\n"));
        if (wire + 1 == c->wires) break;
        QF_TRY(qf_bytes_print(text, error, "   "));
        for (size_t column = 0; column < d->count; column++) {
            QF_TRY(text_link(d, column, wire, text, error));
        }
        trim(text);
        QF_TRY(qf_bytes_print(text, error, "\n"));
    }
    return QF_OK;
}

/* Measurements that do not stand at a wire's end. */
static qf_status text_measurements(const qf_circuit *c, qf_bytes *text, qf_error *error) {
    for (size_t m = 0; m < c->measurement_count; m++) {
        const qf_measurement *at = &c->measurements[m];
        const bool pauli = at->kind == QF_MEASURE_PAULI;
        if (pauli && at->x == 0 && at->z && (at->z & (at->z - 1)) == 0) continue;
        QF_TRY(qf_bytes_print(text, error, pauli ? "<" : "probabilities of wires"));
        for (size_t wire = 0; wire < c->wires; wire++) {
            const size_t x = at->x >> wire & 1, z = at->z >> wire & 1;
            if (pauli) {
                QF_TRY(qf_bytes_print(text, error, "%c", "IXZY"[x + 2 * z]));
            } else if (at->wires >> wire & 1) {
                QF_TRY(qf_bytes_print(text, error, " %zu", wire));
            }
        }
        QF_TRY(qf_bytes_print(text, error, pauli ? ">\n" : "\n"));
    }
    return QF_OK;
}

qf_status qf_circuit_draw_text(const qf_circuit *circuit, qf_bytes *text, qf_error *error) {
    drawing d = {.circuit = circuit};
    qf_status status = arrange(&d, error);
    if (status == QF_OK && circuit->start == QF_START_AMPLITUDES) {
        status = qf_bytes_print(text, error, "amplitudes x0 to x%zu\n", circuit->inputs - 1);
    }
    if (status == QF_OK) status = text_wires(&d, text, error);
    if (status == QF_OK) status = text_measurements(circuit, text, error);
    drawing_free(&d);
    return status;
}

/* ---- SVG ---- */

enum { LETTER = 7, GAP = 10, ROW = 36, BOX = 24, LEFT = 34, TOP = 22 };

static size_t row_of(size_t wire) {
    return TOP + wire * ROW;
}

static qf_status svg_mark(drawing *d, const qf_gate *gate, size_t wire, size_t x, qf_bytes *svg,
                          qf_error *error) {
    const size_t y = row_of(wire);
    switch (mark_of(gate, wire)) {
    case MARK_CONTROL:
        return qf_bytes_print(svg, error, "<circle cx=\"%zu\" cy=\"%zu\" r=\"4\"/>\n", x, y);
    case MARK_NOT:
        return qf_bytes_print(svg, error,
                              "<circle cx=\"%zu\" cy=\"%zu\" r=\"9\" fill=\"#fff\"/>"
                              "<path d=\"M%zu %zuh18M%zu %zuv18\"/>\n",
                              x, y, x - 9, y, x, y - 9);
    case MARK_SWAP:
        return qf_bytes_print(svg, error, "<path d=\"M%zu %zul12 12m0 -12l-12 12\"/>\n", x - 6,
                              y - 6);
    case MARK_BOX:
        break;
    default:
        return QF_OK;
    }
    QF_TRY(make_label(d, gate, error));
    const size_t width = d->label.length * LETTER + 8;
    return qf_bytes_print(svg, error,
                          "<rect x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%d\" fill=\"#fff\"/>"
                          "<text x=\"%zu\" y=\"%zu\" text-anchor=\"middle\">%s</text>\n",
                          x - width / 2, y - BOX / 2, width, BOX, x, y + 4,
                          (const char *)d->label.data);
}

static qf_status svg_gate(drawing *d, const qf_gate *gate, size_t x, qf_bytes *svg,
                          qf_error *error) {
    const size_t wires = qf_gate_form_of(gate->kind)->wires;
    size_t low, high;
    span_of(gate, &low, &high);
    if (high > low) {
        QF_TRY(qf_bytes_print(svg, error, "<path d=\"M%zu %zuV%zu\"/>\n", x, row_of(low),
                              row_of(high)));
    }
    for (size_t i = 0; i < wires; i++) {
        QF_TRY(svg_mark(d, gate, gate->wires[i], x, svg, error));
    }
    return QF_OK;
}

static size_t column_width(const drawing *d, size_t column) {
    return d->widths[column] * LETTER + 8 + GAP;
}

static qf_status svg_wires(const drawing *d, size_t width, qf_bytes *svg, qf_error *error) {
    for (size_t wire = 0; wire < d->circuit->wires; wire++) {
        const size_t y = row_of(wire);
        QF_TRY(qf_bytes_print(svg, error,
                              "<text x=\"8\" y=\"%zu\">%zu</text><path d=\"M%d %zuH%zu\"/>\n",
                              y + 4, wire, LEFT - GAP, y, width - LEFT));
        if (!measured_in_z(d->circuit, wire)) continue;
        QF_TRY(qf_bytes_print(svg, error, "<text x=\"%zu\" y=\"%zu\">&lt;Z&gt;</text>\n",
                              width - LEFT + 4, y + 4));
    }
    return QF_OK;
}

/* Gates column after column; a gate stands on the first wire that it spans. */
static qf_status svg_gates(drawing *d, qf_bytes *svg, qf_error *error) {
    size_t left = LEFT;
    for (size_t column = 0; column < d->count; column++) {
        const size_t width = column_width(d, column);
        for (size_t wire = 0; wire < d->circuit->wires; wire++) {
            const qf_gate *gate = gate_at(d, column, wire);
            if (!gate || (wire > 0 && gate == gate_at(d, column, wire - 1))) continue;
            QF_TRY(svg_gate(d, gate, left + width / 2, svg, error));
        }
        left += width;
    }
    return QF_OK;
}

static qf_status svg_body(drawing *d, qf_bytes *svg, qf_error *error) {
    size_t width = 2 * LEFT;
    for (size_t column = 0; column < d->count; column++) width += column_width(d, column);
    const size_t height = 2 * TOP + (d->circuit->wires - 1) * ROW;
    QF_TRY(qf_bytes_print(svg, error,
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %zu %zu\" "
                          "width=\"%zu\" height=\"%zu\">\n"
                          "<style>text{font:12px monospace;fill:#000;stroke:none}"
                          "path,rect,circle{stroke:#000}path{fill:none}</style>\n",
                          width, height, width, height));
    QF_TRY(svg_wires(d, width, svg, error));
    QF_TRY(svg_gates(d, svg, error));
    return qf_bytes_print(svg, error, "</svg>\n");
}

qf_status qf_circuit_draw_svg(const qf_circuit *circuit, qf_bytes *text, qf_error *error) {
    drawing d = {.circuit = circuit};
    qf_status status = arrange(&d, error);
    if (status == QF_OK) status = svg_body(&d, text, error);
    drawing_free(&d);
    return status;
}
