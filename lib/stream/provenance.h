/* Provenance: the tree of program runs that led to a stream, carried in its header. */
#ifndef QF_STREAM_PROVENANCE_H
#define QF_STREAM_PROVENANCE_H

#include "stream/pack.h"

/* One run of a tool. Arguments are canonical ("--test=0.2", operands last), files by base name; no
 * dates, hosts, directories or thread counts, so that the same work gives the same bytes anywhere.
 */
typedef struct qf_provenance {
    char *tool;
    char *version;
    char **arguments;
    size_t argument_count;
    bool seeded; /* the tool draws random numbers */
    uint64_t seed;
    char **notes; /* facts that a run established, "audit:leak=NAME": machine-readable, no prose */
    size_t note_count;
    struct qf_provenance *inputs; /* [input_count], owned, in the order in which they were opened */
    size_t input_count;
    size_t height; /* runs on the longest way down to one that read no stream, for which it is 0 */
} qf_provenance;

/* What recursion over a tree can count on: a higher one is neither read nor written. */
enum { QF_MAX_PROVENANCE_HEIGHT = 1000 };

void qf_provenance_free(qf_provenance *node);
qf_status qf_provenance_copy(const qf_provenance *node, qf_provenance *copy, qf_error *error);

/* Adds a copy of `input`, and raises the node's height. */
qf_status qf_provenance_add_input(qf_provenance *node, const qf_provenance *input, qf_error *error);

/* As a list of runs, each after those whose streams it read, the last being the node itself. */
void qf_pack_provenance(qf_pack *pack, const qf_provenance *node);
qf_status qf_unpack_provenance(const msgpack_object *object, qf_provenance *node, qf_error *error);

#endif
