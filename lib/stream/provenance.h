/* Provenance: the program runs that led to a stream, carried in its header. A graph: what several
 * runs read stands once, so that rounds of many parties grow by their runs and not by their paths.
 */
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
    struct qf_provenance **inputs; /* [input_count], a share in each, in the order in which they
                                    * were opened */
    size_t input_count;
    size_t height; /* runs on the longest way down to one that read no stream, for which it is 0 */
    size_t owners; /* shares beside the first */
    size_t place;  /* in the last list that it was entered into */
} qf_provenance;

/* What recursion over a graph can count on: a higher one is neither read nor written. */
enum { QF_MAX_PROVENANCE_HEIGHT = 1000 };

/* Frees what the run holds, and gives up its shares in its inputs; not the run itself. */
void qf_provenance_clear(qf_provenance *run);
/* Another share in a run, and the end of one; the last frees it. NULL is allowed. */
qf_provenance *qf_provenance_share(qf_provenance *run);
void qf_provenance_release(qf_provenance *run);

/* Adds a share in `input`, and raises the run's height. Runs beneath it that equal others beneath
 * `run` become these. */
qf_status qf_provenance_add_input(qf_provenance *run, qf_provenance *input, qf_error *error);

/* Runs, each once. Zeroed is empty; the runs are not owned; free(list.runs). */
typedef struct qf_provenance_list {
    qf_provenance **runs;
    size_t count, capacity;
} qf_provenance_list;

/* Whether a run is in the list, as long as it was entered into no other since; then its place is
 * run->place. */
bool qf_provenance_listed(const qf_provenance_list *list, const qf_provenance *run);
qf_status qf_provenance_enter(qf_provenance_list *list, qf_provenance *run, qf_error *error);
/* Enters the runs beneath one, each after those whose streams it read. */
qf_status qf_provenance_enter_inputs(qf_provenance_list *list, const qf_provenance *run,
                                     qf_error *error);

/* As a list of runs, each with the places of those whose streams it read, all before it; the last
 * is the run itself. */
void qf_pack_provenance(qf_pack *pack, const qf_provenance *run);
/* The caller releases *run. */
qf_status qf_unpack_provenance(const msgpack_object *object, qf_provenance **run, qf_error *error);

#endif
