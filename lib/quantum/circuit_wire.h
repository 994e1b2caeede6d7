/* Circuits on streams, and from files of either form. Type "circuit"; parameters: wires, inputs,
 * weights and outputs; one record: `program`, OpenQASM 3 with the inputs x0, x1 ... and w0, w1 ...,
 * and `measure`, the text of what is measured (circuit.h). */
#ifndef QF_QUANTUM_CIRCUIT_WIRE_H
#define QF_QUANTUM_CIRCUIT_WIRE_H

#include "quantum/qasm_read.h"
#include "stream/reader.h"

enum { QF_PROGRAM_SIZE = 1 << 24 }; /* bytes of an OpenQASM file that is read */

/* The two texts by which streams and models keep a circuit; the caller frees them. QF_DATA for one
 * that no text says: with amplitudes at the start, or measurements of several kinds. */
qf_status qf_circuit_print(const qf_circuit *circuit, qf_bytes *program, qf_bytes *measure,
                           qf_error *error);

/* Writes a whole circuit stream to an open file; `name` is for messages. */
qf_status qf_circuit_write(qf_session *session, int fd, const char *name, const qf_circuit *circuit,
                           qf_error *error);

/* Reads the only circuit of a file, a circuit stream or OpenQASM; NULL or "-" is standard input.
 * The caller frees it. It enters the session as type "circuit". QF_DATA; QF_USAGE for a pattern of
 * features where a stream has them settled, and as qf_qasm_read. */
qf_status qf_circuit_read(qf_session *session, const char *path,
                          const qf_qasm_read_options *options, qf_circuit *circuit,
                          qf_error *error);
/* The same from an input that qf_reader_open_any opened. */
qf_status qf_circuit_read_open(qf_reader *reader, bool is_stream,
                               const qf_qasm_read_options *options, qf_circuit *circuit,
                               qf_error *error);

#endif
