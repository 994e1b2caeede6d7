/* A team of threads that stays for many short parallel sections, where starting threads for each
 * (qf_parallel) would take longer than the work. */
#ifndef QF_BASE_TEAM_H
#define QF_BASE_TEAM_H

#include "base/run.h"

typedef struct qf_team qf_team;

/* A team of run->threads, the caller among them; fewer where the system gives fewer. */
qf_status qf_team_open(const qf_run *run, qf_team **team, qf_error *error);
void qf_team_close(qf_team *team);

/* Runs task(context, i) for i in 0 .. tasks-1, in no stated order, and waits for all; by one caller
 * at a time. Tasks write to places of their own, so that the result does not depend on threads. */
typedef void qf_team_task(void *context, size_t index);
void qf_team_run(qf_team *team, size_t tasks, qf_team_task *task, void *context);

#endif
