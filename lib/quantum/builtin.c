#include "quantum/builtin.h"

#include "base/memory.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>

/* A circuit being built. The first failure stays and makes the rest do nothing, so that circuits
 * can be written down as their gates. */
typedef struct builder {
    qf_circuit *circuit;
    qf_error *error;
    qf_status status;
    size_t wires, layers;
    size_t weight; /* the next one */
    const qf_recipe *recipe;
} builder;

static void add(builder *b, qf_gate_kind kind, const size_t *wires, const qf_angle *angles) {
    if (b->status == QF_OK && b->circuit->gate_count == QF_MAX_GATES) {
        b->status = qf_fail(b->error, QF_USAGE, "a circuit has at most %d gates", QF_MAX_GATES);
    }
    if (b->status == QF_OK) b->status = qf_circuit_add(b->circuit, kind, wires, angles, b->error);
}

static void fixed(builder *b, qf_gate_kind kind, size_t wire) {
    add(b, kind, &wire, NULL);
}

static void pair(builder *b, qf_gate_kind kind, size_t first, size_t second) {
    add(b, kind, (size_t[]){first, second}, NULL);
}

static qf_angle next_weight(builder *b) {
    const size_t weight = b->weight++;
    if (b->circuit->weights < b->weight) b->circuit->weights = b->weight;
    return qf_angle_weight(weight);
}

/* A rotation by the next weight: of one wire, of the wires first .. last-1, of a pair. */
static void turn(builder *b, qf_gate_kind kind, size_t wire) {
    const qf_angle angle = next_weight(b);
    add(b, kind, &wire, &angle);
}

static void turns(builder *b, qf_gate_kind kind, size_t first, size_t last) {
    for (size_t wire = first; wire < last; wire++) turn(b, kind, wire);
}

static void turn_pair(builder *b, qf_gate_kind kind, size_t control, size_t target) {
    const qf_angle angle = next_weight(b);
    add(b, kind, (size_t[]){control, target}, &angle);
}

static void all(builder *b, qf_gate_kind kind) {
    turns(b, kind, 0, b->wires);
}

/* A fixed pair, or one that takes a weight. */
static void entangle(builder *b, qf_gate_kind kind, size_t control, size_t target) {
    if (qf_gate_form_of(kind)->angles) {
        turn_pair(b, kind, control, target);
    } else {
        pair(b, kind, control, target);
    }
}

/* i > i + range, for all wires. */
static void ring(builder *b, qf_gate_kind kind, size_t range) {
    for (size_t i = 0; i < b->wires; i++) entangle(b, kind, i, (i + range) % b->wires);
}

/* n-1 > n-2, ..., 1 > 0 */
static void chain_up(builder *b, qf_gate_kind kind) {
    for (size_t i = b->wires - 1; i > 0; i--) entangle(b, kind, i, i - 1);
}

/* ---- The paper's two ---- */

static void cross(builder *b) {
    const size_t last = b->wires - 1;
    pair(b, QF_GATE_CNOT, 0, 2);
    pair(b, QF_GATE_CNOT, 2, 0);
    turn(b, QF_GATE_RY, last);
    turn(b, QF_GATE_RY, last);
}

static void add_short(builder *b) {
    all(b, QF_GATE_RY);
    ring(b, QF_GATE_CNOT, 1);
    all(b, QF_GATE_RY);
    cross(b);
    turns(b, QF_GATE_RY, 0, b->wires - 1);
    turns(b, QF_GATE_RY, 0, b->wires - 1);
    ring(b, QF_GATE_CNOT, 1);
    all(b, QF_GATE_RZ);
}

/* Takes a weight that no gate uses, as published. */
static void build_short(builder *b) {
    add_short(b);
    next_weight(b);
}

static void build_long(builder *b) {
    add_short(b);
    cross(b);
    turns(b, QF_GATE_RZ, 0, b->wires - 1);
    turns(b, QF_GATE_RY, 0, b->wires - 1);
    ring(b, QF_GATE_CNOT, 1);
    all(b, QF_GATE_RZ);
    next_weight(b);
}

/* ---- PennyLane's ---- */

static void build_basic(builder *b) {
    for (size_t layer = 0; layer < b->layers; layer++) {
        all(b, QF_GATE_RX);
        if (b->wires == 2) pair(b, QF_GATE_CNOT, 0, 1);
        if (b->wires > 2) ring(b, QF_GATE_CNOT, 1);
    }
}

static void build_strong(builder *b) {
    for (size_t layer = 0; layer < b->layers; layer++) {
        for (size_t wire = 0; wire < b->wires; wire++) {
            turn(b, QF_GATE_RZ, wire);
            turn(b, QF_GATE_RY, wire);
            turn(b, QF_GATE_RZ, wire);
        }
        if (b->wires > 1) ring(b, QF_GATE_CNOT, layer % (b->wires - 1) + 1);
    }
}

/* ---- Qiskit's ---- */

/* n-2 > n-1, ..., 0 > 1 */
static void reverse_linear(builder *b) {
    for (size_t i = b->wires - 1; i > 0; i--) pair(b, QF_GATE_CNOT, i - 1, i);
}

static void build_real_amplitudes(builder *b) {
    for (size_t layer = 0; layer < b->layers; layer++) {
        all(b, QF_GATE_RY);
        reverse_linear(b);
    }
    all(b, QF_GATE_RY);
}

static void build_efficient_su2(builder *b) {
    for (size_t layer = 0; layer < b->layers; layer++) {
        all(b, QF_GATE_RY);
        all(b, QF_GATE_RZ);
        reverse_linear(b);
    }
    all(b, QF_GATE_RY);
    all(b, QF_GATE_RZ);
}

static void build_two_local(builder *b) {
    for (size_t layer = 0; layer < b->layers; layer++) {
        all(b, QF_GATE_RY);
        for (size_t i = 0; i < b->wires; i++) {
            for (size_t j = i + 1; j < b->wires; j++) pair(b, QF_GATE_CZ, i, j);
        }
    }
    all(b, QF_GATE_RY);
}

static void random_axes(builder *b, qf_random *random) {
    static const qf_gate_kind axes[] = {QF_GATE_RX, QF_GATE_RY, QF_GATE_RZ};
    for (size_t wire = 0; wire < b->wires; wire++) turn(b, axes[qf_random_below(random, 3)], wire);
}

static void build_pauli_two_design(builder *b) {
    static const double eighth = 0.78539816339744830962;
    qf_random random = qf_random_stream(b->recipe->seed, "pauli-two-design", 0);
    const qf_angle angle = qf_angle_constant(eighth);
    for (size_t wire = 0; wire < b->wires; wire++) add(b, QF_GATE_RY, &wire, &angle);
    for (size_t layer = 0; layer < b->layers; layer++) {
        random_axes(b, &random);
        for (size_t i = 0; i + 1 < b->wires; i += 2) pair(b, QF_GATE_CZ, i, i + 1);
        for (size_t i = 1; i + 1 < b->wires; i += 2) pair(b, QF_GATE_CZ, i, i + 1);
    }
    random_axes(b, &random);
}

/* ---- The nineteen of Sim et al. ---- */

static void turn_xz(builder *b) {
    all(b, QF_GATE_RX);
    all(b, QF_GATE_RZ);
}

static void sim_1(builder *b) {
    turn_xz(b);
}

static void chained(builder *b, qf_gate_kind kind) {
    turn_xz(b);
    chain_up(b, kind);
}
static void sim_2(builder *b) {
    chained(b, QF_GATE_CNOT);
}
static void sim_3(builder *b) {
    chained(b, QF_GATE_CRZ);
}
static void sim_4(builder *b) {
    chained(b, QF_GATE_CRX);
}

static void all_to_all(builder *b, qf_gate_kind kind) {
    turn_xz(b);
    for (size_t control = b->wires; control-- > 0;) {
        for (size_t target = b->wires; target-- > 0;) {
            if (target != control) turn_pair(b, kind, control, target);
        }
    }
    turn_xz(b);
}
static void sim_5(builder *b) {
    all_to_all(b, QF_GATE_CRZ);
}
static void sim_6(builder *b) {
    all_to_all(b, QF_GATE_CRX);
}

/* i+1 > i for i = first, first + 2, ... */
static void bricks(builder *b, qf_gate_kind kind, size_t first) {
    for (size_t i = first; i + 1 < b->wires; i += 2) entangle(b, kind, i + 1, i);
}

static void two_rows(builder *b, qf_gate_kind kind) {
    turn_xz(b);
    bricks(b, kind, 0);
    turn_xz(b);
    bricks(b, kind, 1);
}
static void sim_7(builder *b) {
    two_rows(b, QF_GATE_CRZ);
}
static void sim_8(builder *b) {
    two_rows(b, QF_GATE_CRX);
}

static void sim_9(builder *b) {
    for (size_t wire = 0; wire < b->wires; wire++) fixed(b, QF_GATE_H, wire);
    chain_up(b, QF_GATE_CZ);
    all(b, QF_GATE_RX);
}

/* Its first RY stand once, before the layers. */
static void sim_10(builder *b) {
    chain_up(b, QF_GATE_CZ);
    if (b->wires > 2) pair(b, QF_GATE_CZ, 0, b->wires - 1);
    all(b, QF_GATE_RY);
}

static void inner_turns(builder *b, qf_gate_kind kind) {
    all(b, QF_GATE_RY);
    all(b, QF_GATE_RZ);
    bricks(b, kind, 0);
    turns(b, QF_GATE_RY, 1, b->wires - 1);
    turns(b, QF_GATE_RZ, 1, b->wires - 1);
    bricks(b, kind, 1);
}
static void sim_11(builder *b) {
    inner_turns(b, QF_GATE_CNOT);
}
static void sim_12(builder *b) {
    inner_turns(b, QF_GATE_CZ);
}

/* n / gcd(n, range) gates, the first from wire n-1: c > c + range, and c goes down by range. */
static void ring_down(builder *b, qf_gate_kind kind, size_t range) {
    const size_t n = b->wires;
    size_t control = n - 1;
    do {
        entangle(b, kind, control, (control + range) % n);
        control = (control + n - range) % n;
    } while (control != n - 1);
}

static void two_rings(builder *b, qf_gate_kind kind) {
    all(b, QF_GATE_RY);
    ring_down(b, kind, 1);
    all(b, QF_GATE_RY);
    ring_down(b, kind, 3);
}
static void sim_13(builder *b) {
    two_rings(b, QF_GATE_CRZ);
}
static void sim_14(builder *b) {
    two_rings(b, QF_GATE_CRX);
}
static void sim_15(builder *b) {
    two_rings(b, QF_GATE_CNOT);
}

static void one_row(builder *b, qf_gate_kind kind) {
    turn_xz(b);
    bricks(b, kind, 0);
    bricks(b, kind, 1);
}
static void sim_16(builder *b) {
    one_row(b, QF_GATE_CRZ);
}
static void sim_17(builder *b) {
    one_row(b, QF_GATE_CRX);
}

static void one_ring(builder *b, qf_gate_kind kind) {
    turn_xz(b);
    ring_down(b, kind, 1);
}
static void sim_18(builder *b) {
    one_ring(b, QF_GATE_CRZ);
}
static void sim_19(builder *b) {
    one_ring(b, QF_GATE_CRX);
}

typedef void build(builder *b);
static build *const sims[] = {sim_1,  sim_2,  sim_3,  sim_4,  sim_5,  sim_6,  sim_7,
                              sim_8,  sim_9,  sim_10, sim_11, sim_12, sim_13, sim_14,
                              sim_15, sim_16, sim_17, sim_18, sim_19};

static void build_sim(builder *b, size_t number) {
    if (number == 10) all(b, QF_GATE_RY);
    for (size_t layer = 0; layer < b->layers; layer++) sims[number - 1](b);
}

/* ---- Feature maps: `layers` times each ---- */

static void embed(builder *b, qf_gate_kind kind) {
    for (size_t layer = 0; layer < b->layers; layer++) {
        for (size_t wire = 0; wire < b->wires; wire++) {
            const qf_angle angle = qf_angle_input(wire);
            if (kind == QF_GATE_RZ) fixed(b, QF_GATE_H, wire);
            add(b, kind, &wire, &angle);
        }
    }
}
static void map_rx(builder *b) {
    embed(b, QF_GATE_RX);
}
static void map_ry(builder *b) {
    embed(b, QF_GATE_RY);
}
static void map_rz(builder *b) {
    embed(b, QF_GATE_RZ);
}

static size_t term(builder *b, qf_term term) {
    size_t index = 0;
    if (b->status == QF_OK) {
        b->status = qf_circuit_add_term(b->circuit, term, &index, b->error);
    }
    return index;
}

/* Over the wires of a set, the product of x_i (operation QF_TERM_INPUT), or of `offset` and x_i
 * joined by the operation. */
static size_t product(builder *b, uint64_t wires, qf_operation operation, double offset) {
    size_t result = 0;
    bool first = true;
    for (size_t wire = 0; wire < b->wires; wire++) {
        if (!(wires >> wire & 1)) continue;
        size_t factor = term(b, (qf_term){.operation = QF_TERM_INPUT, .left = wire});
        if (operation != QF_TERM_INPUT) {
            const size_t constant =
                term(b, (qf_term){.operation = QF_TERM_CONSTANT, .value = offset});
            factor = term(b, (qf_term){.operation = operation, .left = constant, .right = factor});
        }
        result =
            first ? factor
                  : term(b,
                         (qf_term){.operation = QF_TERM_MULTIPLY, .left = result, .right = factor});
        first = false;
    }
    return result;
}

/* Qiskit's data map: x_i of one wire, the product of (pi - x_i) of several. */
static qf_angle data_angle(builder *b, uint64_t wires) {
    static const double half_turn = 3.14159265358979323846;
    if ((wires & (wires - 1)) == 0) {
        size_t wire = 0;
        while (wires >> wire != 1) wire++;
        qf_angle angle = qf_angle_input(wire);
        angle.scale = 2;
        return angle;
    }
    return qf_angle_term(product(b, wires, QF_TERM_SUBTRACT, half_turn), 2);
}

/* Turns each letter's basis to Z's, by a quarter turn of this sign for Y. */
static void change_basis(builder *b, const char *letters, const size_t *wires, size_t count,
                         double quarter) {
    const qf_angle angle = qf_angle_constant(quarter);
    for (size_t i = 0; i < count; i++) {
        if (letters[i] == 'X') fixed(b, QF_GATE_H, wires[i]);
        if (letters[i] == 'Y') add(b, QF_GATE_RX, &wires[i], &angle);
    }
}

/* A phase of the basis states of odd parity in the letters' bases; letter i is on wires[i]. */
static void evolve(builder *b, const char *letters, const size_t *wires, size_t count) {
    static const double quarter = 1.57079632679489661923;
    uint64_t set = 0;
    for (size_t i = 0; i < count; i++) set |= (uint64_t)1 << wires[i];
    const qf_angle phase = data_angle(b, set);
    change_basis(b, letters, wires, count, quarter);
    for (size_t i = 0; i + 1 < count; i++) pair(b, QF_GATE_CNOT, wires[i], wires[i + 1]);
    add(b, QF_GATE_P, &wires[count - 1], &phase);
    for (size_t i = count - 1; i > 0; i--) pair(b, QF_GATE_CNOT, wires[i - 1], wires[i]);
    change_basis(b, letters, wires, count, -quarter);
}

/* A string's letters on every ascending choice of as many wires (full entanglement). */
static void evolve_all(builder *b, const char *letters, size_t count) {
    size_t wires[QF_MAX_WIRES];
    for (size_t i = 0; i < count; i++) wires[i] = i;
    for (;;) {
        evolve(b, letters, wires, count);
        size_t i = count;
        while (i > 0 && wires[i - 1] == b->wires - count + i - 1) i--;
        if (i == 0) return;
        wires[i - 1]++;
        for (; i < count; i++) wires[i] = wires[i - 1] + 1;
    }
}

static void bad_paulis(builder *b, const char *paulis) {
    if (b->status != QF_OK) return;
    b->status = qf_fail(b->error, QF_USAGE,
                        "\"%s\": expected strings of 1 to %zu letters X, Y and Z with commas",
                        paulis, b->wires);
}

static void evolve_strings(builder *b, const char *paulis) {
    for (size_t layer = 0; layer < b->layers; layer++) {
        for (size_t wire = 0; wire < b->wires; wire++) fixed(b, QF_GATE_H, wire);
        const char *word = paulis;
        for (;;) {
            const size_t length = strspn(word, "XYZ");
            if (length == 0 || length > b->wires || (word[length] && word[length] != ',')) {
                bad_paulis(b, paulis);
                return;
            }
            evolve_all(b, word, length);
            if (!word[length]) break;
            word += length + 1;
        }
    }
}

static void map_z(builder *b) {
    evolve_strings(b, "Z");
}
static void map_zz(builder *b) {
    evolve_strings(b, b->wires > 1 ? "Z,ZZ" : "Z");
}
static void map_pauli(builder *b) {
    evolve_strings(b, b->recipe->paulis ? b->recipe->paulis : b->wires > 1 ? "Z,YY" : "Z");
}

static void map_iqp(builder *b) {
    for (size_t layer = 0; layer < b->layers; layer++) {
        for (size_t wire = 0; wire < b->wires; wire++) {
            const qf_angle angle = qf_angle_input(wire);
            fixed(b, QF_GATE_H, wire);
            add(b, QF_GATE_RZ, &wire, &angle);
        }
        for (size_t i = 0; i < b->wires; i++) {
            for (size_t j = i + 1; j < b->wires; j++) {
                const uint64_t set = (uint64_t)1 << i | (uint64_t)1 << j;
                const qf_angle angle = qf_angle_term(product(b, set, QF_TERM_INPUT, 0), 1);
                add(b, QF_GATE_RZZ, (size_t[]){i, j}, &angle);
            }
        }
    }
}

static void map_amplitude(builder *b) {
    b->circuit->start = QF_START_AMPLITUDES;
}

/* ---- Tables ---- */

typedef struct entry {
    qf_builtin shown;
    build *build;
} entry;

static const entry maps[] = {
    {{"rx", "angle embedding: RX of an input on every wire", 1, 1}, map_rx},
    {{"ry", "angle embedding: RY of an input on every wire", 1, 1}, map_ry},
    {{"rz", "angle embedding: H, then RZ of an input on every wire", 1, 1}, map_rz},
    {{"z", "Z feature map: H, P(2 x)", 1, 2}, map_z},
    {{"zz", "ZZ feature map: the Z map and phases 2 (pi - x)(pi - y) of pairs", 1, 2}, map_zz},
    {{"pauli", "Pauli feature map of chosen strings", 1, 2}, map_pauli},
    {{"iqp", "IQP embedding: H, RZ(x), RZZ(x y) of pairs", 1, 1}, map_iqp},
    {{"amplitude", "the inputs as amplitudes", 1, 0}, map_amplitude},
};

static const entry ansatzes[] = {
    {{"short", "the paper's shorter circuit: RY, CNOT rings, RZ", 3, 0}, build_short},
    {{"long", "the paper's longer circuit", 3, 0}, build_long},
    {{"basic", "basic entangling layers: RX, CNOT ring", 1, 1}, build_basic},
    {{"strong", "strongly entangling layers: RZ RY RZ, CNOTs of growing range", 1, 1},
     build_strong},
    {{"real-amplitudes", "RY, CNOT chain, RY", 1, 3}, build_real_amplitudes},
    {{"efficient-su2", "RY RZ, CNOT chain, RY RZ", 1, 3}, build_efficient_su2},
    {{"two-local", "RY, CZ of all pairs, RY", 1, 3}, build_two_local},
    {{"pauli-two-design", "rotations about random axes, CZ pairs", 1, 3}, build_pauli_two_design},
};

#define SIM(number, summary, least)                                                                \
    { "sim" #number, "Sim et al. 2019, circuit " #number ": " summary, least, 1 }
static const qf_builtin sim_table[] = {
    SIM(1, "RX RZ, no entanglement", 1),
    SIM(2, "RX RZ, CNOT chain", 1),
    SIM(3, "RX RZ, CRZ chain", 1),
    SIM(4, "RX RZ, CRX chain", 1),
    SIM(5, "RX RZ, CRZ of all pairs, RX RZ", 1),
    SIM(6, "RX RZ, CRX of all pairs, RX RZ", 1),
    SIM(7, "RX RZ and two rows of CRZ", 1),
    SIM(8, "RX RZ and two rows of CRX", 1),
    SIM(9, "H, CZ chain, RX", 1),
    SIM(10, "RY, then CZ ring and RY", 1),
    SIM(11, "RY RZ and two rows of CNOT", 2),
    SIM(12, "RY RZ and two rows of CZ", 2),
    SIM(13, "RY and two rings of CRZ", 4),
    SIM(14, "RY and two rings of CRX", 4),
    SIM(15, "RY and two rings of CNOT", 4),
    SIM(16, "RX RZ, two rows of CRZ", 1),
    SIM(17, "RX RZ, two rows of CRX", 1),
    SIM(18, "RX RZ, CRZ ring", 2),
    SIM(19, "RX RZ, CRX ring", 2),
};

enum {
    MAPS = sizeof maps / sizeof *maps,
    PLAIN = sizeof ansatzes / sizeof *ansatzes,
    SIMS = sizeof sim_table / sizeof *sim_table,
};

const qf_builtin *qf_ansatz_at(size_t index) {
    if (index < PLAIN) return &ansatzes[index].shown;
    return index < PLAIN + SIMS ? &sim_table[index - PLAIN] : NULL;
}

const qf_builtin *qf_feature_map_at(size_t index) {
    return index < MAPS ? &maps[index].shown : NULL;
}

qf_status qf_builtins_print(qf_bytes *text, qf_error *error) {
    const qf_builtin *b;
    for (size_t i = 0; (b = qf_ansatz_at(i)); i++) {
        QF_TRY(qf_bytes_print(text, error, "circuit  %-18s %s\n", b->name, b->summary));
    }
    for (size_t i = 0; (b = qf_feature_map_at(i)); i++) {
        QF_TRY(qf_bytes_print(text, error, "map      %-18s %s\n", b->name, b->summary));
    }
    return QF_OK;
}

typedef const qf_builtin *table_at(size_t index);

static qf_status find(table_at *at, const char *what, const char *name, size_t *index,
                      qf_error *error) {
    for (*index = 0; at(*index); ++*index) {
        if (strcmp(at(*index)->name, name) == 0) return QF_OK;
    }
    return qf_fail(error, QF_USAGE, "there is no %s \"%s\"", what, name);
}

static qf_status check(const qf_builtin *builtin, const qf_recipe *recipe, size_t layers,
                       qf_error *error) {
    if (recipe->wires < builtin->least_wires) {
        return qf_fail(error, QF_USAGE, "%s takes at least %zu wires, not %zu", builtin->name,
                       builtin->least_wires, recipe->wires);
    }
    if (builtin->layers == 0 && layers > 1) {
        return qf_fail(error, QF_USAGE, "%s has no layers to repeat", builtin->name);
    }
    return QF_OK;
}

static void measure_default(builder *b) {
    const char *ansatz = b->recipe->ansatz;
    const bool paper = ansatz && (strcmp(ansatz, "short") == 0 || strcmp(ansatz, "long") == 0);
    for (size_t wire = 0; wire + paper < b->wires && b->status == QF_OK; wire++) {
        b->status = qf_circuit_measure_z(b->circuit, wire, b->error);
    }
}

static qf_status assemble(builder *b, size_t map, size_t ansatz) {
    const qf_recipe *recipe = b->recipe;
    const size_t uploads = recipe->uploads ? recipe->uploads : 1;
    for (size_t upload = 0; upload < uploads && b->status == QF_OK; upload++) {
        b->layers = recipe->map_layers ? recipe->map_layers : maps[map].shown.layers;
        maps[map].build(b);
        if (!recipe->ansatz) continue;
        b->layers = recipe->layers ? recipe->layers : qf_ansatz_at(ansatz)->layers;
        if (ansatz < PLAIN) {
            ansatzes[ansatz].build(b);
        } else {
            build_sim(b, ansatz - PLAIN + 1);
        }
    }
    if (b->status == QF_OK && recipe->measure) {
        b->status = qf_circuit_measure_text(b->circuit, recipe->measure, b->error);
    } else {
        measure_default(b);
    }
    return b->status;
}

qf_status qf_builtin_build(const qf_recipe *recipe, qf_circuit *circuit, qf_error *error) {
    const char *map_name = recipe->feature_map ? recipe->feature_map : "rx";
    size_t map, ansatz = 0;
    *circuit = (qf_circuit){0};
    QF_TRY(find(qf_feature_map_at, "feature map", map_name, &map, error));
    QF_TRY(check(&maps[map].shown, recipe, recipe->map_layers, error));
    if (recipe->ansatz) {
        QF_TRY(find(qf_ansatz_at, "circuit", recipe->ansatz, &ansatz, error));
        QF_TRY(check(qf_ansatz_at(ansatz), recipe, recipe->layers, error));
    }
    const bool amplitudes = maps[map].build == map_amplitude;
    if (amplitudes && recipe->uploads > 1) {
        return qf_fail(error, QF_USAGE, "amplitudes can be uploaded only once");
    }
    if (amplitudes && recipe->wires > 30) {
        return qf_fail(error, QF_USAGE, "amplitudes of %zu wires are too many inputs",
                       recipe->wires);
    }
    const size_t inputs = amplitudes ? (size_t)1 << recipe->wires : recipe->wires;
    QF_TRY(qf_circuit_new(circuit, recipe->wires, inputs, 0, error));
    builder b = {.circuit = circuit, .error = error, .wires = recipe->wires, .recipe = recipe};
    const qf_status status = assemble(&b, map, ansatz);
    if (status != QF_OK) qf_circuit_free(circuit);
    return status;
}
