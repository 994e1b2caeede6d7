#include "federated/journal.h"

#include "base/memory.h"
#include "base/number.h"
#include "crypto/bytes.h"
#include "crypto/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 80, ID_TEXT = 2 * QF_ID_SIZE, CHECK = 8, CHECK_TEXT = 2 * CHECK };

static void print_id(const qf_id *id, char text[ID_TEXT + 1]) {
    qf_hex_print(id->bytes, QF_ID_SIZE, text);
}

static void print_name(const qf_id *key, char name[NAME]) {
    char text[ID_TEXT + 1];
    print_id(key, text);
    snprintf(name, NAME, "answers-%s", text);
}

/* ---- Lines ---- */

enum { FIRST_TEXT = 96 };

static void print_first(const qf_id *key, char text[FIRST_TEXT]) {
    char id[ID_TEXT + 1];
    print_id(key, id);
    snprintf(text, FIRST_TEXT, "qf-answers-1 %s", id);
}

/* The check of a line, of `length` characters, from that of the line before. */
static qf_status next_check(unsigned char check[CHECK], const char *line, size_t length,
                            qf_error *error) {
    qf_hash hash = {0};
    unsigned char digest[QF_HASH_SIZE];
    qf_status status = qf_hash_begin(&hash, error);
    if (status == QF_OK) status = qf_hash_add(&hash, check, CHECK, error);
    if (status == QF_OK) status = qf_hash_add(&hash, line, length, error);
    if (status == QF_OK) status = qf_hash_end(&hash, digest, error);
    qf_hash_free(&hash);
    if (status == QF_OK) memcpy(check, digest, CHECK);
    return status;
}

/* Appends text with its check as a line. */
static qf_status append(const qf_state *state, const char *name, qf_bytes *text,
                        unsigned char check[CHECK], qf_error *error) {
    char hex[CHECK_TEXT + 1];
    QF_TRY(next_check(check, (const char *)text->data, text->length, error));
    qf_hex_print(check, CHECK, hex);
    QF_TRY(qf_bytes_print(text, error, " %s", hex));
    return qf_state_append(state, name, (const char *)text->data, error);
}

static qf_status damaged(const qf_state *state, const char *name, size_t line, qf_error *error) {
    return qf_fail(error, QF_DATA, "%s/%s: line %zu is damaged: nothing is answered any more",
                   state->path, name, line);
}

/* ---- What a request meets ---- */

/* A contribution of the request, to be found by its name. */
typedef struct wanted {
    char text[ID_TEXT + 1];
    uint32_t party;
} wanted;

typedef struct scan {
    const qf_request *request;
    char sum[ID_TEXT + 1];
    qf_bytes set;    /* "2,5,9" */
    wanted *updates; /* [contributor_count], ascending by text */
    unsigned char check[CHECK];
    int64_t answered; /* ciphertexts so far */
    bool same;        /* this very request is there */
    size_t line;
} scan;

static int compare_wanted(const void *a, const void *b) {
    const wanted *first = a, *second = b;
    return memcmp(first->text, second->text, ID_TEXT);
}

static void scan_free(scan *s) {
    free(s->set.data);
    free(s->updates);
}

static qf_status scan_init(scan *s, const qf_request *request, qf_error *error) {
    const qf_sum *sum = request->sum;
    *s = (scan){.request = request};
    print_id(&sum->digest, s->sum);
    for (unsigned i = 0; i < request->threshold; i++) {
        QF_TRY(qf_bytes_print(&s->set, error, i ? ",%u" : "%u", request->set[i]));
    }
    s->updates = qf_new_array(sum->contributor_count, sizeof *s->updates, error);
    if (!s->updates) return QF_MEMORY;
    for (size_t i = 0; i < sum->contributor_count; i++) {
        print_id(&sum->contributors[i].body, s->updates[i].text);
        s->updates[i].party = sum->contributors[i].party;
    }
    qsort(s->updates, sum->contributor_count, sizeof *s->updates, compare_wanted);
    return QF_OK;
}

/* Of the names in a list "hex,hex,..." that the request has, too, that of the lowest party; or
 * NULL.
 */
static const wanted *find_update(const scan *s, const char *list) {
    const wanted *lowest = NULL;
    for (const char *at = list;; at += ID_TEXT + 1) {
        wanted key = {0};
        if (strnlen(at, ID_TEXT) < ID_TEXT) return lowest;
        memcpy(key.text, at, ID_TEXT);
        const wanted *found = bsearch(&key, s->updates, s->request->sum->contributor_count,
                                      sizeof *s->updates, compare_wanted);
        if (found && (!lowest || found->party < lowest->party)) lowest = found;
        if (at[ID_TEXT] != ',') return lowest;
    }
}

/* A line's fields: sum, ciphertexts, set, contributions. False where it has others. */
static bool split(char *line, char *fields[4]) {
    for (int i = 0; i < 4; i++) {
        fields[i] = line;
        line = strchr(line, ' ');
        if ((line == NULL) != (i == 3)) return false;
        if (line) *line++ = 0;
    }
    return true;
}

static qf_status meet(scan *s, char *line, bool *valid, qf_error *error) {
    char *fields[4];
    int64_t pieces;
    *valid = split(line, fields) && qf_parse_int64(fields[1], 1, INT32_MAX, &pieces);
    if (!*valid) return QF_OK;
    s->answered += pieces;
    if (strcmp(fields[0], s->sum) == 0) {
        s->same = strcmp(fields[2], (const char *)s->set.data) == 0;
        if (s->same) return QF_OK;
        return qf_fail(error, QF_REFUSED,
                       "this sum was answered for the set %s: another round, freshly encrypted, "
                       "may have another set",
                       fields[2]);
    }
    const wanted *update = find_update(s, fields[3]);
    if (!update) return QF_OK;
    return qf_fail(error, QF_REFUSED,
                   "the contribution of party %u is in a sum that was answered before: the "
                   "difference of two sums would show it",
                   update->party);
}

/* A line without its newline; checked, then met. */
static qf_status take_line(scan *s, char *line, size_t length, bool *valid, qf_error *error) {
    unsigned char check[CHECK];
    *valid = length > CHECK_TEXT && line[length - CHECK_TEXT - 1] == ' ' &&
             qf_hex_parse(line + length - CHECK_TEXT, check, CHECK);
    if (!*valid) return QF_OK;
    const size_t body = length - CHECK_TEXT - 1;
    QF_TRY(next_check(s->check, line, body, error));
    *valid = memcmp(s->check, check, CHECK) == 0 && memchr(line, 0, body) == NULL;
    line[body] = 0;
    if (!*valid || s->line > 1) return *valid ? meet(s, line, valid, error) : QF_OK;
    char first[FIRST_TEXT];
    print_first(&s->request->key, first);
    *valid = strcmp(line, first) == 0;
    return QF_OK;
}

static qf_status take_lines(scan *s, const qf_state *state, const char *name, qf_secret *content,
                            qf_error *error) {
    char *at = (char *)content->data, *const end = at + content->length;
    for (char *newline; at < end && (newline = memchr(at, '\n', (size_t)(end - at)));
         at = newline + 1) {
        bool valid;
        *newline = 0;
        s->line++;
        QF_TRY(take_line(s, at, (size_t)(newline - at), &valid, error));
        if (!valid) return damaged(state, name, s->line, error);
    }
    if (s->line > 0) return QF_OK;
    return qf_fail(error, QF_REFUSED, "%s/%s: the journal of this key is gone", state->path, name);
}

/* ---- The journal ---- */

static qf_status record(scan *s, const qf_state *state, const char *name, qf_error *error) {
    const qf_request *r = s->request;
    qf_bytes text = {0};
    qf_status status = qf_bytes_print(&text, error, "%s %zu %s ", s->sum, r->sum->piece_count,
                                      (const char *)s->set.data);
    for (size_t i = 0; status == QF_OK && i < r->sum->contributor_count; i++) {
        status = qf_bytes_print(&text, error, i ? ",%s" : "%s", s->updates[i].text);
    }
    if (status == QF_OK) status = append(state, name, &text, s->check, error);
    free(text.data);
    return status;
}

/* What was recorded by a process that was killed may not be on the disk yet. */
static qf_status admit(scan *s, const qf_state *state, const char *name, qf_error *error) {
    const qf_request *r = s->request;
    if (s->same) return qf_state_flush(state, name, error);
    if ((int64_t)r->sum->piece_count > r->allowed - s->answered) {
        return qf_fail(error, QF_REFUSED,
                       "the key has answered for %lld of its %lld ciphertexts, and this sum has "
                       "%zu: make a key of the next generation",
                       (long long)s->answered, (long long)r->allowed, r->sum->piece_count);
    }
    return record(s, state, name, error);
}

static qf_status admit_locked(const qf_state *state, const qf_request *request, qf_error *error) {
    char name[NAME];
    qf_secret content = {0};
    bool found;
    scan s;
    print_name(&request->key, name);
    qf_status status = scan_init(&s, request, error);
    if (status == QF_OK) status = qf_state_read(state, name, &content, &found, error);
    if (status == QF_OK) status = take_lines(&s, state, name, &content, error);
    if (status == QF_OK) status = admit(&s, state, name, error);
    qf_secret_free(&content);
    scan_free(&s);
    return status;
}

qf_status qf_journal_admit(qf_state *state, const qf_request *request, qf_error *error) {
    QF_TRY(qf_state_lock(state, error));
    const qf_status status = admit_locked(state, request, error);
    qf_state_unlock(state);
    return status;
}

qf_status qf_journal_begin(const qf_state *state, const qf_id *key, qf_error *error) {
    char name[NAME], first[FIRST_TEXT];
    qf_secret content;
    bool found;
    print_name(key, name);
    print_first(key, first);
    QF_TRY(qf_state_read(state, name, &content, &found, error));
    const bool begun = content.length > 0 && memchr(content.data, '\n', content.length) != NULL;
    qf_secret_free(&content);
    if (begun) return QF_OK;
    unsigned char check[CHECK] = {0};
    qf_bytes line = {0};
    qf_status status = qf_bytes_print(&line, error, "%s", first);
    if (status == QF_OK) status = append(state, name, &line, check, error);
    free(line.data);
    return status;
}
