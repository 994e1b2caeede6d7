#include "crypto/etsi.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <jansson.h>
#include <openssl/evp.h>

enum { MAX_ANSWER = 1 << 18, TIMEOUT_SECONDS = 30, KEY_TEXT = 44 };

/* An answer as it comes in; more than fits ends the transfer. */
typedef struct answer {
    qf_secret bytes;
    size_t filled;
} answer;

static size_t receive(char *data, size_t one, size_t length, void *context) {
    answer *a = context;
    if (length * one > a->bytes.length - a->filled) return 0;
    memcpy(a->bytes.data + a->filled, data, length * one);
    a->filled += length * one;
    return length * one;
}

/* ---- The request ---- */

static int set_up(CURL *curl, const qf_etsi_source *source, const char *url,
                  struct curl_slist *headers, const char *body, answer *a) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, url);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    if (!code) code = curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_CAINFO, source->authority);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_SSLCERT, source->certificate);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_SSLKEY, source->private_key);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (!code && body) code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    if (!code) code = curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
    return code == CURLE_OK;
}

static qf_status fail_transfer(CURLcode code, const char *url, qf_error *error) {
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        return qf_fail(error, QF_REFUSED, "%s: %s", url, curl_easy_strerror(code));
    case CURLE_WRITE_ERROR:
        return qf_fail(error, QF_DATA, "%s: the answer is too long", url);
    default:
        return qf_fail(error, QF_UNAVAILABLE, "%s: %s", url, curl_easy_strerror(code));
    }
}

static qf_status judge_response(CURL *curl, const char *url, qf_error *error) {
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    if (code == 200) return QF_OK;
    const qf_status status = code == 401 || code == 403 ? QF_REFUSED : QF_UNAVAILABLE;
    return qf_fail(error, status, "%s: the source answered with HTTP status %ld", url, code);
}

static qf_status request(const qf_etsi_source *source, const char *url, const char *body, answer *a,
                         qf_error *error) {
    QF_TRY(qf_secret_new(MAX_ANSWER, &a->bytes, error));
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    qf_status status;
    if (!curl || !headers || !set_up(curl, source, url, headers, body, a)) {
        status = qf_fail(error, QF_INTERNAL, "libcurl cannot be set up");
    } else {
        const CURLcode code = curl_easy_perform(curl);
        status =
            code == CURLE_OK ? judge_response(curl, url, error) : fail_transfer(code, url, error);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}

/* ---- The answer ---- */

/* OpenSSL's decoder looks characters up in a table, which is not in constant time. */
static bool decode_key(const char *text, unsigned char key[QF_POOL_KEY]) {
    unsigned char decoded[KEY_TEXT / 4 * 3];
    if (strlen(text) != KEY_TEXT || text[KEY_TEXT - 1] != '=' || text[KEY_TEXT - 2] == '=') {
        return false;
    }
    const bool right =
        EVP_DecodeBlock(decoded, (const unsigned char *)text, KEY_TEXT) == (int)sizeof decoded;
    if (right) memcpy(key, decoded, QF_POOL_KEY);
    qf_secret_wipe(decoded, sizeof decoded);
    return right;
}

/* jansson's own copy is wiped; what its reader grew through is not. */
static qf_status take_key(json_t *item, bool outgoing, qf_pool_key *key, qf_error *error) {
    const char *id = json_string_value(json_object_get(item, "key_ID"));
    const char *text = json_string_value(json_object_get(item, "key"));
    *key = (qf_pool_key){.outgoing = outgoing};
    const bool right = id && text && qf_key_id_valid(id) && decode_key(text, key->key);
    if (right) memcpy(key->id, id, strlen(id));
    if (text) qf_secret_wipe((char *)(size_t)text, strlen(text));
    return right ? QF_OK : qf_fail(error, QF_DATA, "the source's answer has no key of 256 bits");
}

static qf_status parse(const answer *a, bool outgoing, size_t count, qf_pool_key *keys,
                       qf_error *error) {
    json_error_t unused;
    json_t *root =
        json_loadb((const char *)a->bytes.data, a->filled, JSON_REJECT_DUPLICATES, &unused);
    const json_t *list = json_object_get(root, "keys");
    qf_status status = QF_OK;
    if (!json_is_array(list) || json_array_size(list) != count) {
        status = qf_fail(error, QF_DATA, "the source's answer is not a list of %zu keys", count);
    }
    for (size_t i = 0; i < count && status == QF_OK; i++) {
        status = take_key(json_array_get(list, i), outgoing, &keys[i], error);
    }
    json_decref(root);
    return status;
}

/* ---- Both methods ---- */

/* URL/api/v1/keys/SAE/METHOD. */
static qf_status make_url(const qf_etsi_source *source, const char *sae, const char *method,
                          qf_bytes *url, qf_error *error) {
    if (strncmp(source->url, "https://", 8) != 0) {
        return qf_fail(error, QF_USAGE, "a source of keys must be at an https:// address");
    }
    char *escaped = curl_easy_escape(NULL, sae, 0);
    if (!escaped) return qf_fail(error, QF_MEMORY, "out of memory");
    const qf_status status =
        qf_bytes_print(url, error, "%s/api/v1/keys/%s/%s", source->url, escaped, method);
    curl_free(escaped);
    return status;
}

static qf_status fetch(const qf_etsi_source *source, const char *url, const char *body,
                       bool outgoing, size_t count, qf_pool_key *keys, qf_error *error) {
    answer a = {0};
    if (count < 1 || count > QF_ETSI_MAX_KEYS) {
        return qf_fail(error, QF_USAGE, "1 to %d keys can be fetched at once", QF_ETSI_MAX_KEYS);
    }
    qf_status status = request(source, url, body, &a, error);
    if (status == QF_OK) status = parse(&a, outgoing, count, keys, error);
    if (status != QF_OK) qf_secret_wipe(keys, count * sizeof *keys);
    qf_secret_free(&a.bytes);
    return status;
}

qf_status qf_etsi_new_keys(const qf_etsi_source *source, const char *sae, size_t count,
                           qf_pool_key *keys, qf_error *error) {
    qf_bytes url = {0};
    qf_status status = make_url(source, sae, "enc_keys", &url, error);
    if (status == QF_OK) {
        status = qf_bytes_print(&url, error, "?number=%zu&size=%d", count, 8 * QF_POOL_KEY);
    }
    if (status == QF_OK) {
        status = fetch(source, (const char *)url.data, NULL, true, count, keys, error);
    }
    free(url.data);
    return status;
}

static json_t *ids_body(const char *const *ids, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_pack("{s:s}", "key_ID", ids[i]));
    }
    return json_pack("{s:o}", "key_IDs", list);
}

/* The source must answer with exactly what was asked for. */
static qf_status check_ids(const char *const *ids, size_t count, qf_pool_key *keys,
                           qf_error *error) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].id, ids[i]) == 0) continue;
        qf_secret_wipe(keys, count * sizeof *keys);
        return qf_fail(error, QF_DATA, "the source answered with another key than %s", ids[i]);
    }
    return QF_OK;
}

qf_status qf_etsi_keys_by_id(const qf_etsi_source *source, const char *sae, const char *const *ids,
                             size_t count, qf_pool_key *keys, qf_error *error) {
    qf_bytes url = {0};
    json_t *asked = ids_body(ids, count);
    char *body = asked ? json_dumps(asked, JSON_COMPACT) : NULL;
    qf_status status = body ? QF_OK : qf_fail(error, QF_USAGE, "a key_ID is malformed");
    if (status == QF_OK) status = make_url(source, sae, "dec_keys", &url, error);
    if (status == QF_OK) {
        status = fetch(source, (const char *)url.data, body, false, count, keys, error);
    }
    if (status == QF_OK) status = check_ids(ids, count, keys, error);
    free(body);
    json_decref(asked);
    free(url.data);
    return status;
}
