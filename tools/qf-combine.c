/* qf-combine: a model from the answers of a committee. */
#include "base/memory.h"
#include "cli/cli.h"
#include "federated/committee_wire.h"
#include "federated/federated_wire.h"
#include "model/model_wire.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct combine_options {
    const char *ciphertext;
} combine_options;

static const qf_option options[] = {
    {.name = "ciphertext",
     .kind = QF_OPTION_FILE,
     .offset = offsetof(combine_options, ciphertext),
     .argument = "FILE",
     .help = "the sum of the contributions, from qf-aggregate"},
};

static const qf_example examples[] = {
    {"cat d2.qf d5.qf d9.qf | qf-combine --ciphertext sum.qf > model.qf",
     "The mean of the models in the sum"},
    {"qf-combine --ciphertext sum.qf answers.qf | qf-view", "Whose models, with which weights"},
};

static const qf_tool tool = {
    .name = "qf-combine",
    .summary = "decrypt a sum of models with the answers of a committee",
    .description =
        "Reads the answers (qf-decrypt) of exactly the members of a set for a sum, and writes the "
        "weighted mean of the models in it, exact to the bit: what a plain qf-aggregate makes of "
        "the same models has the same numbers.\n\n"
        "Answers are signed, for a sum that each member added up itself; the roster by whose keys "
        "they are checked is the one that the sum names. An answer for another sum, set or key, "
        "one that is missing or doubled, does not fit (exit code 76); a signature that is not "
        "right is refused (77).",
    .operands = "[FILE]",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status make_model(const qf_ckks *ckks, const qf_sum *sum, qf_answers *answers,
                            qf_model *model, qf_error *error) {
    qf_plan plan;
    QF_TRY(qf_terms_plan(ckks, &sum->subject.terms, &plan, error));
    int64_t *integers = qf_new_array(sum->subject.count, sizeof *integers, error);
    if (!integers) return QF_MEMORY;
    qf_status status =
        qf_answers_combine(ckks, sum, answers->items, answers->count, integers, error);
    if (status == QF_OK) status = qf_sum_model(sum, &plan.grid, integers, model, error);
    free(integers);
    return status;
}

static qf_status combine(qf_cli *cli, void *given, qf_error *error) {
    const combine_options *o = given;
    if (!o->ciphertext) return qf_fail(error, QF_USAGE, "give --ciphertext");
    qf_ckks ckks = {0};
    qf_sum sum = {0};
    qf_answers answers = {0};
    qf_model model = {0};
    QF_TRY(qf_sum_read(&cli->session, o->ciphertext, cli->run.simd, &ckks, &sum, error));
    qf_status status = qf_answers_read(&cli->session, qf_cli_input(cli), &ckks, &answers, error);
    if (status == QF_OK) status = make_model(&ckks, &sum, &answers, &model, error);
    if (status == QF_OK) {
        status = qf_model_write(&cli->session, STDOUT_FILENO, "standard output", &model, error);
        qf_model_free(&model);
    }
    qf_answers_free(&answers);
    qf_sum_free(&sum);
    qf_ckks_free(&ckks);
    return status;
}

int main(int argc, char **argv) {
    combine_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, combine);
}
