/* qf-keys: the keys that a party has in common with others. */
#include "base/file.h"
#include "cli/cli.h"
#include "crypto/etsi.h"
#include "crypto/identity.h"
#include "crypto/key_wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct keys_options {
    const char *state, *into, *url, *sae, *cert, *key, *ca;
    int64_t peer, number;
    qf_texts ids;
} keys_options;

#define OPTION(member) .offset = offsetof(keys_options, member)
#define FILE_OF(n, member, a, h)                                                                   \
    {                                                                                              \
        .name = (n), .kind = QF_OPTION_FILE, OPTION(member), .argument = (a), .help = (h),         \
        .local = true                                                                              \
    }

static const qf_option options[] = {
    FILE_OF("state", state, "DIR", "the party's own directory"),
    {.name = "peer",
     .kind = QF_OPTION_INTEGER,
     OPTION(peer),
     .argument = "N",
     .minimum = 1,
     .maximum = QF_MAX_PARTY,
     .help = "with take and fetch: the other party's number"},
    {.name = "key-id",
     .kind = QF_OPTION_LIST,
     OPTION(ids),
     .argument = "ID",
     .help = "the key of this key_ID, which the peer sends with; without, the next for sending"},
    FILE_OF("into", into, "DIR", "with take: write the key to DIR/key.qf, of mode 0600"),
    {.name = "url",
     .kind = QF_OPTION_TEXT,
     OPTION(url),
     .argument = "URL",
     .help = "with fetch: the source, such as https://kme.example:8443"},
    {.name = "sae",
     .kind = QF_OPTION_TEXT,
     OPTION(sae),
     .argument = "ID",
     .help = "with fetch: what the source calls the peer"},
    FILE_OF("cert", cert, "FILE", "with fetch: this party's certificate (PEM)"),
    FILE_OF("key", key, "FILE", "with fetch: its private key (PEM)"),
    FILE_OF("ca", ca, "FILE", "with fetch: the certificate that the source's is signed by (PEM)"),
    {.name = "number",
     .kind = QF_OPTION_INTEGER,
     OPTION(number),
     .argument = "N",
     .initial = "1",
     .minimum = 1,
     .maximum = QF_ETSI_MAX_KEYS,
     .help = "with fetch: how many new keys"},
};

static const qf_example examples[] = {
    {"qf-keys list --state p3", "Which keys there are"},
    {"qf-keys take --state p3 --peer 5 --into out", "Hand the next key out, once"},
    {"qf-keys fetch --state p3 --peer 5 --url https://kme.example:8443 --sae bank5 --cert p3.crt "
     "--key p3.key --ca kme.crt",
     "Get a key from real QKD devices"},
};

static const qf_tool tool = {
    .name = "qf-keys",
    .summary = "list, hand out and fetch the keys of a party's pool",
    .description =
        "The pool in a state directory holds the keys of 256 bits that qf-qkd made with other "
        "parties, or that \"fetch\" got from a source that speaks ETSI GS QKD 014 over HTTPS with "
        "certificates on both sides. Every key has a key_ID and is handed out once, by \"take\" or "
        "to qf-seal --link qkd and qf-open; its bytes are gone from the pool then.\n\n"
        "\"list\" prints key_ID, peer, send or receive, and new or used. \"take\" and \"fetch\" "
        "print the key_ID alone: the peer needs it to get the same key from the source with "
        "--key-id. A sealed stream says its key_ID, too (qf-view).",
    .operands = "list|take|fetch",
    .max_operands = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .examples = examples,
    .example_count = sizeof examples / sizeof *examples,
};

static qf_status print(const qf_bytes *text, qf_error *error) {
    return qf_write_all(STDOUT_FILENO, text->data, text->length, "standard output", error);
}

static qf_status list(qf_cli *cli, const keys_options *o, qf_state *state, qf_error *error) {
    (void)cli;
    (void)o;
    qf_pool_key *keys;
    size_t count;
    qf_bytes text = {0};
    QF_TRY(qf_pool_list(state, &keys, &count, error));
    qf_status status = QF_OK;
    for (size_t i = 0; i < count && status == QF_OK; i++) {
        status =
            qf_bytes_print(&text, error, "%s %u %s %s\n", keys[i].id, keys[i].peer,
                           keys[i].outgoing ? "send" : "receive", keys[i].used ? "used" : "new");
    }
    if (status == QF_OK) status = print(&text, error);
    free(text.data);
    free(keys);
    return status;
}

static qf_status take(qf_cli *cli, const keys_options *o, qf_state *state, qf_error *error) {
    if (o->peer == 0 || !o->into || o->ids.count > 1) {
        return qf_fail(error, QF_USAGE, "take needs --peer and --into, and at most one --key-id");
    }
    qf_state into;
    qf_pool_key key = {0};
    qf_bytes line = {0};
    qf_status status = qf_state_open(&into, o->into, true, error);
    if (status == QF_OK) {
        status = qf_pool_take(state, (uint32_t)o->peer, o->ids.count ? o->ids.items[0] : NULL, &key,
                              error);
    }
    if (status == QF_OK) {
        status = qf_key_write_file(&cli->session, &into, "key.qf", key.id, key.key, sizeof key.key,
                                   error);
    }
    if (status == QF_OK) status = qf_bytes_print(&line, error, "%s\n", key.id);
    if (status == QF_OK) status = print(&line, error);
    free(line.data);
    qf_secret_wipe(&key, sizeof key);
    qf_state_close(&into);
    return status;
}

static qf_status fetch(qf_cli *cli, const keys_options *o, qf_state *state, qf_error *error) {
    (void)cli;
    if (o->peer == 0 || !o->url || !o->sae || !o->cert || !o->key || !o->ca) {
        return qf_fail(error, QF_USAGE, "fetch needs --peer, --url, --sae, --cert, --key and --ca");
    }
    const qf_etsi_source source = {o->url, o->cert, o->key, o->ca};
    const size_t count = o->ids.count ? o->ids.count : (size_t)o->number;
    qf_bytes text = {0};
    qf_secret room;
    QF_TRY(qf_secret_new(count * sizeof(qf_pool_key), &room, error));
    qf_pool_key *keys = (qf_pool_key *)(void *)room.data;
    qf_status status = o->ids.count
                           ? qf_etsi_keys_by_id(&source, o->sae, o->ids.items, count, keys, error)
                           : qf_etsi_new_keys(&source, o->sae, count, keys, error);
    for (size_t i = 0; i < count && status == QF_OK; i++) {
        keys[i].peer = (uint32_t)o->peer;
        status = qf_bytes_print(&text, error, "%s\n", keys[i].id);
    }
    if (status == QF_OK) status = qf_pool_add(state, keys, count, error);
    if (status == QF_OK) status = print(&text, error);
    free(text.data);
    qf_secret_free(&room);
    return status;
}

typedef qf_status command(qf_cli *cli, const keys_options *o, qf_state *state, qf_error *error);
static const struct {
    const char *name;
    command *run;
} commands[] = {{"list", list}, {"take", take}, {"fetch", fetch}};

static qf_status run(qf_cli *cli, void *given, qf_error *error) {
    const keys_options *o = given;
    const char *name = cli->operand_count ? cli->operands[0] : "";
    size_t c = 0;
    while (c < sizeof commands / sizeof *commands && strcmp(commands[c].name, name) != 0) c++;
    if (c == sizeof commands / sizeof *commands) {
        return qf_fail(error, QF_USAGE, "expected list, take or fetch, got \"%s\"", name);
    }
    if (!o->state) return qf_fail(error, QF_USAGE, "give --state");
    QF_TRY(qf_secret_protect_process(error));
    qf_state state;
    qf_status status = qf_state_open(&state, o->state, false, error);
    if (status == QF_OK) status = commands[c].run(cli, o, &state, error);
    qf_state_close(&state);
    return status;
}

int main(int argc, char **argv) {
    keys_options given = {0};
    return qf_cli_main(&tool, argc, argv, &given, run);
}
