/* Checkpoints: an unfinished training in a file, so that the same command goes on from it and
 * writes the bytes that it would have written without a break. */
#ifndef QF_TRAINER_CHECKPOINT_H
#define QF_TRAINER_CHECKPOINT_H

#include "cli/cli.h"

/* A stream of type "checkpoint": in its header and trailer, as in any stream's, the command and the
 * digests of its inputs; parameter "simd"; the arrays of the keeper. */
typedef struct qf_checkpoint {
    qf_cli *cli;
    const char *path;
    qf_arrays kept;              /* what was in the file */
    qf_keeper keeper;            /* for the run of the fit */
    double interval, last, took; /* seconds: from one to the next at least, when the last was
                                  * written, and how long that took */
} qf_checkpoint;

/* Once all inputs have been read: takes what the file holds, where there is one. QF_MISMATCH,
 * naming what differs, when that is of another command, seed, version, SIMD level or input; QF_DATA
 * when it is no checkpoint. It writes no sooner than `interval` seconds after the last time, and,
 * unless that is 0, so seldom that it takes a twentieth of the time at most. `cli` and `path` must
 * outlive it, and it stays where it is; free with qf_checkpoint_free, on failure too. */
qf_status qf_checkpoint_open(qf_checkpoint *checkpoint, qf_cli *cli, const char *path,
                             double interval, qf_error *error);
void qf_checkpoint_free(qf_checkpoint *checkpoint);
/* Removes the file: the training is done. */
void qf_checkpoint_remove(const qf_checkpoint *checkpoint);

#endif
