/* Noise: which channels follow the gates of a circuit, and how its measurement errs.
 *
 * A channel acts on one wire. It follows each gate on every wire that the gate touches, or, at_end,
 * acts once on every wire behind the last gate. Strengths are from 0 to 1 and mean what they do in
 * PennyLane (Nielsen and Chuang 2010, section 8.3):
 *
 *     bit-flip, phase-flip   (1-p) rho + p P rho P with P = X, Z
 *     depolarising           (1-p) rho + p/3 (X rho X + Y rho Y + Z rho Z)
 *     amplitude-damping      K0 = diag(1, sqrt(1-g)), K1 = sqrt(g) |0><1|
 *     phase-damping          K0 = diag(1, sqrt(1-g)), K1 = sqrt(g) |1><1|
 *
 * The readout of a wire is a matrix of chances [read][true], columns adding up to 1, after turns
 * into the measured basis that are free of noise. */
#ifndef QF_QUANTUM_NOISE_H
#define QF_QUANTUM_NOISE_H

#include "quantum/lower.h"

typedef enum qf_channel_kind {
    QF_BIT_FLIP,
    QF_PHASE_FLIP,
    QF_DEPOLARISING,
    QF_AMPLITUDE_DAMPING,
    QF_PHASE_DAMPING,
    QF_CHANNELS
} qf_channel_kind;
/* "bit-flip" and so on. */
extern const char *const qf_channel_names[QF_CHANNELS];

typedef struct qf_channel {
    qf_channel_kind kind;
    double strength;
} qf_channel;

/* Zeroed is no noise. */
typedef struct qf_noise {
    size_t channel_count;
    qf_channel channels[QF_CHANNELS]; /* each kind at most once, in the order in which they act */
    bool at_end;
    double misread[QF_MAX_WIRES][2]; /* of a wire: the chances that 0 is read as 1, and 1 as 0 */
    uint64_t named; /* by the text: bit w the readout of wire w alone, bit QF_MAX_WIRES of all */
} qf_noise;

/* Noise from text, all of it but at_end: "none", or entries joined by commas: a channel
 * "depolarising:0.01", the readout of all wires "readout:0.02" or, 0 as 1 and 1 as 0 apart,
 * "readout:0.01/0.03", or of one wire "readout@2:0.01/0.03", in place of that of all. None stands
 * twice. QF_USAGE. */
qf_status qf_noise_parse(const char *text, qf_noise *noise, qf_error *error);
bool qf_noise_is_none(const qf_noise *noise);
/* QF_USAGE where the noise names a wire that is not among the circuit's. */
qf_status qf_noise_check(const qf_noise *noise, size_t wires, qf_error *error);

/* The channel's Kraus operators; returns how many. */
enum { QF_KRAUS = 4 };
size_t qf_channel_kraus(const qf_channel *channel, double complex operators[QF_KRAUS][4]);

/* What one or several channels do to a wire's Bloch vector: each coordinate is scaled, and z, to
 * begin with, shifted: z' = scale[2] z + shift. All channels here have this form. */
typedef struct qf_bloch_map {
    double scale[3], shift;
} qf_bloch_map;
/* Of all channels, one after the other. */
qf_bloch_map qf_noise_map(const qf_noise *noise);

/* Appends the steps of all gates and, where there are channels, QF_STEP_NOISE for each wire that
 * they act on. */
qf_status qf_noise_lower(const qf_circuit *circuit, const qf_noise *noise, qf_steps *steps,
                         qf_error *error);

/* Observables as sums of Pauli strings, misreading included. A string's number has two bits for
 * each wire, wire 0 lowest: I, X, Y, Z are 0 to 3. */
typedef struct qf_observable_term {
    size_t output, string;
    double factor;
} qf_observable_term;

/* Zero-initialise, free(items). */
typedef struct qf_observables {
    size_t count, capacity;
    qf_observable_term *items;
} qf_observables;
/* Appends those of all measurements. Probabilities of k wires have 4^k terms. */
qf_status qf_noise_observables(const qf_circuit *circuit, const qf_noise *noise,
                               qf_observables *observables, qf_error *error);

#endif
