/* Status and error: how every library function says what went wrong.
 *
 * A function that can fail returns a qf_status and takes a qf_error last. The status is the exit
 * code that a tool gives for it (sysexits.h numbers); the message is one line without a trailing
 * full stop and says what, where and which record. */
#ifndef QF_BASE_ERROR_H
#define QF_BASE_ERROR_H

typedef enum qf_status {
    QF_OK = 0,
    QF_VERDICT = 1,      /* the work was done and the answer is no (audit, verify, compare) */
    QF_USAGE = 64,       /* the command line is wrong */
    QF_DATA = 65,        /* the input is not what it should be */
    QF_NO_INPUT = 66,    /* a file cannot be opened */
    QF_UNAVAILABLE = 69, /* a service (a node, a simd level) is not there */
    QF_INTERNAL = 70,    /* a bug in qf */
    QF_MEMORY = 71,      /* out of memory or threads */
    QF_CANNOT_CREATE = 73,
    QF_IO = 74,       /* reading or writing failed */
    QF_MISMATCH = 76, /* inputs that are right alone do not fit together */
    QF_REFUSED = 77,  /* authentication failed or permission refused */
} qf_status;

typedef struct qf_error {
    qf_status status;
    char message[512];
} qf_error;

/* Sets the error and returns `status`, so that callers write `return qf_fail(error, QF_DATA, ...)`.
 */
__attribute__((format(printf, 3, 4))) qf_status qf_fail(qf_error *error, qf_status status,
                                                        const char *format, ...);

/* Puts "context: " before the message of an error already set; returns the error's status. */
__attribute__((format(printf, 2, 3))) qf_status qf_error_context(qf_error *error,
                                                                 const char *format, ...);

/* Leaves the calling function with the status of `call` unless that is QF_OK. */
#define QF_TRY(call)                                                                               \
    do {                                                                                           \
        const qf_status qf_try_status_ = (call);                                                   \
        if (qf_try_status_ != QF_OK) return qf_try_status_;                                        \
    } while (0)

#endif
