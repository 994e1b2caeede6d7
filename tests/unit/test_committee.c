/* A committee's key, journal and answers: what fits together gives exact sums, anything else is
 * refused by the name of its party. */
#include "ckks_kit.h"

#include "ckks/coefficients.h"
#include "ckks/evaluate.h"
#include "federated/answer.h"
#include "federated/ceremony.h"
#include "federated/journal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PARTIES = 4, THRESHOLD = 2, COUNT = 40, WEIGHT = 12 };

/* One committee for all tests, with a party of the roster beside it. */
static struct {
    char directory[64];
    char paths[PARTIES + 1][80];
    qf_state states[PARTIES + 1];
    qf_own_identity parties[PARTIES + 1];
    qf_roster roster;
    qf_ckks ckks;
    qf_terms terms;
    qf_plan plan;
} our;

static qf_terms terms_of(int64_t generation) {
    qf_terms terms = {.parties = PARTIES,
                      .threshold = THRESHOLD,
                      .contributors = 2,
                      .most_contributors = 4,
                      .weight = WEIGHT,
                      .grid_bits = 16,
                      .flooding = {.decryptions = 6, .statistical_bits = 30},
                      .generation = generation};
    ASSERT_OK(qf_roster_digest(&our.roster, terms.roster.bytes, &error));
    return terms;
}

static int make_committee(void **unused) {
    (void)unused;
    snprintf(our.directory, sizeof our.directory, "/tmp/qf-committee-XXXXXX");
    if (!mkdtemp(our.directory)) return -1;
    for (unsigned i = 0; i <= PARTIES; i++) {
        snprintf(our.paths[i], sizeof our.paths[i], "%s/p%u", our.directory, i + 1);
        ASSERT_OK(qf_state_open(&our.states[i], our.paths[i], true, &error));
        ASSERT_OK(qf_identity_make(&our.states[i], i + 1, &our.parties[i], &error));
        ASSERT_OK(qf_roster_add(&our.roster, &our.parties[i].identity, &error));
    }
    our.ckks = context_at("rounds", qf_simd_best());
    our.terms = terms_of(1);
    ASSERT_OK(qf_terms_plan(&our.ckks, &our.terms, &our.plan, &error));
    return 0;
}

static int remove_committee(void **unused) {
    (void)unused;
    char command[96];
    for (unsigned i = 0; i <= PARTIES; i++) {
        qf_own_identity_free(&our.parties[i]);
        qf_state_close(&our.states[i]);
    }
    qf_roster_free(&our.roster);
    qf_ckks_free(&our.ckks);
    snprintf(command, sizeof command, "rm -r %s", our.directory);
    return system(command);
}

/* ---- Offers ---- */

static qf_offer offer_of(unsigned party, const qf_terms *terms, qf_secret_share *share) {
    qf_offer offer;
    ASSERT_OK(qf_offer_make(&our.ckks, terms, QF_LINK_X25519, &our.states[party - 1],
                            &our.parties[party - 1], &our.roster, &offer, share, &error));
    return offer;
}

static qf_offer copy_offer(const qf_offer *from) {
    qf_offer to = *from;
    const size_t size = (PARTIES - 1) * from->share_size;
    ASSERT_OK(qf_roster_copy(&from->roster, &to.roster, &error));
    ASSERT_OK(qf_poly_copy(&from->part.b, &to.part.b, &error));
    to.shares = malloc(size);
    memcpy(to.shares, from->shares, size);
    return to;
}

/* All offers of a generation, as their makers keep them. */
static void make_offers(const qf_terms *terms, qf_offer offers[PARTIES]) {
    for (unsigned i = 0; i < PARTIES; i++) {
        qf_secret_share share;
        unsigned char statement[QF_HASH_SIZE];
        offers[i] = offer_of(i + 1, terms, &share);
        ASSERT_OK(qf_offer_statement(&our.ckks, &offers[i], statement, &error));
        ASSERT_OK(qf_offered_save(&our.states[i], &our.ckks, offers[i].part.seed, statement, &share,
                                  &error));
        qf_secret_share_free(&share);
    }
}

static void free_offers(qf_offer offers[PARTIES]) {
    for (unsigned i = 0; i < PARTIES; i++) qf_offer_free(&offers[i]);
}

static qf_status gather(const qf_offer *offers, size_t count, const unsigned *order,
                        unsigned receiver, qf_ceremony *ceremony, qf_error *error) {
    *ceremony = (qf_ceremony){.receiver = receiver};
    qf_status status = QF_OK;
    for (size_t i = 0; status == QF_OK && i < count; i++) {
        qf_offer offer = copy_offer(&offers[order[i]]);
        status = qf_ceremony_add(&our.ckks, ceremony, &offer, error);
        qf_offer_free(&offer);
    }
    return status;
}

static const unsigned in_order[PARTIES] = {0, 1, 2, 3};

/* Every party accepts; the key's name. */
static qf_id accept_all(const qf_offer offers[PARTIES]) {
    qf_id id = {{0}}, first = {{0}};
    for (unsigned i = 0; i < PARTIES; i++) {
        qf_ceremony c;
        ASSERT_OK(gather(offers, PARTIES, in_order, i + 1, &c, &error));
        ASSERT_OK(qf_ceremony_accept(&our.ckks, &c, &our.states[i], &our.parties[i], &id, &error));
        if (i == 0) first = id;
        assert_true(qf_id_equal(&first, &id));
        qf_ceremony_free(&c);
    }
    return first;
}

static qf_member_key load_key(unsigned party, const qf_id *id) {
    qf_member_key key;
    bool found;
    ASSERT_OK(qf_member_key_load(&our.states[party - 1], id, &key, &found, &error));
    assert_true(found);
    return key;
}

/* Fails with this status and a message that has the text in it. */
#define ASSERT_REFUSED(call, expected, text)                                                       \
    do {                                                                                           \
        qf_error error = {0};                                                                      \
        const qf_status status_ = (call);                                                          \
        if (status_ != (expected) || !strstr(error.message, text)) {                               \
            fail_msg("status %d: \"%s\", expected %d: \"%s\"", (int)status_, error.message,        \
                     (int)(expected), text);                                                       \
        }                                                                                          \
    } while (0)

/* Adds an altered offer of party 2 to nothing. */
static void expect_offer_refused(qf_offer *offer, qf_status expected, const char *text) {
    qf_ceremony c = {.receiver = 1};
    ASSERT_REFUSED(qf_ceremony_add(&our.ckks, &c, offer, &error), expected, text);
    qf_ceremony_free(&c);
    qf_offer_free(offer);
}

static void test_altered_offers(void **unused) {
    (void)unused;
    qf_secret_share share;
    qf_offer good = offer_of(2, &our.terms, &share);
    qf_secret_share_free(&share);
    static const char wrong[] = "the offer of party 2: the signature is not right";
    const size_t size = (PARTIES - 1) * good.share_size;
    const size_t places[] = {0, 70, good.share_size - 1, good.share_size, size - 1};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        qf_offer offer = copy_offer(&good);
        offer.shares[places[i]] ^= 1;
        expect_offer_refused(&offer, QF_REFUSED, wrong);
    }
    qf_offer offer = copy_offer(&good);
    uint64_t *b = qf_poly_row(&offer.part.b, 1);
    b[4000] = b[4000] ? b[4000] - 1 : 1;
    expect_offer_refused(&offer, QF_REFUSED, wrong);
    offer = copy_offer(&good);
    offer.signature[9] ^= 16;
    expect_offer_refused(&offer, QF_REFUSED, wrong);
    offer = copy_offer(&good);
    offer.link = QF_LINK_QKD;
    expect_offer_refused(&offer, QF_REFUSED, wrong);
    /* Terms that were changed have another seed. */
    offer = copy_offer(&good);
    offer.terms.contributors = 3;
    expect_offer_refused(&offer, QF_MISMATCH, "party 2: its part of the key is for other terms");
    offer = copy_offer(&good);
    offer.part.seed[0] ^= 1;
    expect_offer_refused(&offer, QF_MISMATCH, "for other terms");
    /* A roster in which someone else is party 2. */
    offer = copy_offer(&good);
    memcpy(&offer.roster.identities[1], &our.parties[PARTIES].identity, sizeof(qf_identity));
    offer.roster.identities[1].party = 2;
    expect_offer_refused(&offer, QF_MISMATCH, "its roster is not that of its terms");
    /* Party 2's offer as party 3's, and one that party 5 signed. */
    offer = copy_offer(&good);
    offer.party = offer.part.party = 3;
    expect_offer_refused(&offer, QF_REFUSED, "the offer of party 3: the signature");
    offer = copy_offer(&good);
    offer.party = offer.part.party = 5;
    expect_offer_refused(&offer, QF_MISMATCH, "the offer of party 5: not one of the committee's");
    qf_offer_free(&good);
}

static void test_makers_refused(void **unused) {
    (void)unused;
    qf_offer offer;
    qf_secret_share share;
    qf_terms terms = our.terms;
    /* Party 5 is in the roster and not of the committee. */
    ASSERT_REFUSED(qf_offer_make(&our.ckks, &terms, QF_LINK_X25519, &our.states[4], &our.parties[4],
                                 &our.roster, &offer, &share, &error),
                   QF_MISMATCH, "committee's parties 1 to 4");
    /* No keys from qf-qkd: nothing is made. */
    ASSERT_REFUSED(qf_offer_make(&our.ckks, &terms, QF_LINK_QKD, &our.states[0], &our.parties[0],
                                 &our.roster, &offer, &share, &error),
                   QF_REFUSED, "no key left for party 2");
    terms.parties = 1;
    terms.threshold = 1;
    ASSERT_REFUSED(qf_offer_make(&our.ckks, &terms, QF_LINK_X25519, &our.states[0], &our.parties[0],
                                 &our.roster, &offer, &share, &error),
                   QF_USAGE, "hold the key alone");
    terms = our.terms;
    terms.flooding.statistical_bits = 60;
    ASSERT_REFUSED(qf_offer_make(&our.ckks, &terms, QF_LINK_X25519, &our.states[0], &our.parties[0],
                                 &our.roster, &offer, &share, &error),
                   QF_DATA, "no room");
}

static void test_gathering(void **unused) {
    (void)unused;
    qf_offer offers[PARTIES];
    qf_ceremony c;
    qf_public_key key, other;
    qf_id id;
    const qf_terms terms = terms_of(2);
    make_offers(&terms, offers);
    /* The same key in any order. */
    static const unsigned turned[] = {2, 0, 3, 1}, doubled[] = {0, 1, 2, 1};
    ASSERT_OK(gather(offers, PARTIES, in_order, 0, &c, &error));
    ASSERT_OK(qf_ceremony_public_key(&our.ckks, &c, &key, &error));
    qf_ceremony_free(&c);
    ASSERT_OK(gather(offers, PARTIES, turned, 0, &c, &error));
    ASSERT_OK(qf_ceremony_public_key(&our.ckks, &c, &other, &error));
    assert_true(qf_id_equal(&key.id, &other.id));
    qf_ceremony_free(&c);
    qf_public_key_free(&key);
    qf_public_key_free(&other);
    /* Missing, doubled. */
    ASSERT_OK(gather(offers, PARTIES - 1, turned, 3, &c, &error));
    ASSERT_REFUSED(qf_ceremony_public_key(&our.ckks, &c, &key, &error), QF_MISMATCH,
                   "the offer of party 2 is missing");
    ASSERT_REFUSED(qf_ceremony_accept(&our.ckks, &c, &our.states[2], &our.parties[2], &id, &error),
                   QF_MISMATCH, "the offer of party 2 is missing");
    qf_ceremony_free(&c);
    ASSERT_REFUSED(gather(offers, PARTIES, doubled, 1, &c, &error), QF_MISMATCH,
                   "the offer of party 2: it offers twice");
    qf_ceremony_free(&c);
    /* One of another generation. */
    const qf_terms later = terms_of(3);
    qf_secret_share share;
    qf_offer_free(&offers[3]);
    offers[3] = offer_of(4, &later, &share);
    qf_secret_share_free(&share);
    ASSERT_REFUSED(gather(offers, PARTIES, in_order, 1, &c, &error), QF_MISMATCH,
                   "the offer of party 4: terms: generation is 3, not 2");
    qf_ceremony_free(&c);
    free_offers(offers);
}

static void test_accepting(void **unused) {
    (void)unused;
    qf_offer offers[PARTIES];
    qf_ceremony c;
    qf_id id;
    const qf_terms terms = terms_of(4);
    make_offers(&terms, offers);
    /* A second offer of party 1 on the same terms is not the one in its state. */
    qf_secret_share share;
    qf_offer first = offers[0];
    offers[0] = offer_of(1, &terms, &share);
    qf_secret_share_free(&share);
    ASSERT_OK(gather(offers, PARTIES, in_order, 1, &c, &error));
    ASSERT_REFUSED(qf_ceremony_accept(&our.ckks, &c, &our.states[0], &our.parties[0], &id, &error),
                   QF_REFUSED, "the offer of party 1 is not the one that it made");
    qf_ceremony_free(&c);
    qf_offer_free(&offers[0]);
    offers[0] = first;
    /* Another party, and one without an offer. */
    ASSERT_OK(gather(offers, PARTIES, in_order, 1, &c, &error));
    ASSERT_REFUSED(qf_ceremony_accept(&our.ckks, &c, &our.states[1], &our.parties[1], &id, &error),
                   QF_MISMATCH, "party 2 is not of the committee");
    ASSERT_OK(qf_offered_remove(&our.states[0], offers[0].part.seed, &error));
    ASSERT_REFUSED(qf_ceremony_accept(&our.ckks, &c, &our.states[0], &our.parties[0], &id, &error),
                   QF_REFUSED, "made no offer on these terms");
    qf_ceremony_free(&c);
    free_offers(offers);
    /* Again is as well, and keeps the same key; nothing of the own secret stays. */
    const qf_terms next = terms_of(5);
    make_offers(&next, offers);
    id = accept_all(offers);
    qf_member_key key = load_key(3, &id);
    accept_all(offers);
    qf_member_key again = load_key(3, &id);
    assert_memory_equal(key.flood.data, again.flood.data, QF_FLOOD_KEY);
    assert_memory_equal(key.packed.data, again.packed.data, key.packed.length);
    unsigned char statement[QF_HASH_SIZE];
    bool found;
    ASSERT_OK(qf_offered_load(&our.states[2], &our.ckks, offers[2].part.seed, statement, &share,
                              &found, &error));
    assert_false(found);
    qf_member_key_free(&key);
    qf_member_key_free(&again);
    free_offers(offers);
}

/* A share sealed by its sender, but for another party, or of another key generation. */
static void test_wrong_shares(void **unused) {
    (void)unused;
    const qf_terms terms = terms_of(6), others = terms_of(7);
    qf_secret_share share;
    qf_offer offer = offer_of(2, &terms, &share);
    qf_secret_share_free(&share);
    qf_offer other = offer_of(2, &others, &share);
    qf_secret_share_free(&share);
    qf_sealed sealed;
    const qf_identity *sender = &our.parties[1].identity;
    ASSERT_OK(qf_offer_sealed(&our.ckks, &offer, 3, &sealed, &error));
    ASSERT_REFUSED(qf_offer_unseal(&our.ckks, &terms, &our.states[0], &our.parties[0], sender,
                                   &sealed, &share, &error),
                   QF_REFUSED, "the share from party 2: sealed for party 3");
    sealed.receiver = 1;
    ASSERT_REFUSED(qf_offer_unseal(&our.ckks, &terms, &our.states[0], &our.parties[0], sender,
                                   &sealed, &share, &error),
                   QF_REFUSED, "the share from party 2");
    free(sealed.bytes);
    ASSERT_OK(qf_offer_sealed(&our.ckks, &other, 1, &sealed, &error));
    ASSERT_REFUSED(qf_offer_unseal(&our.ckks, &terms, &our.states[0], &our.parties[0], sender,
                                   &sealed, &share, &error),
                   QF_REFUSED, "what is sealed is for another key");
    ASSERT_OK(qf_offer_unseal(&our.ckks, &others, &our.states[0], &our.parties[0], sender, &sealed,
                              &share, &error));
    qf_secret_share_free(&share);
    free(sealed.bytes);
    qf_offer_free(&offer);
    qf_offer_free(&other);
}

/* ---- Answers ---- */

/* A key that all have accepted. */
static qf_id make_key(int64_t generation, qf_public_key *key) {
    qf_offer offers[PARTIES];
    qf_ceremony c;
    const qf_terms terms = terms_of(generation);
    make_offers(&terms, offers);
    const qf_id id = accept_all(offers);
    ASSERT_OK(gather(offers, PARTIES, in_order, 0, &c, &error));
    ASSERT_OK(qf_ceremony_public_key(&our.ckks, &c, key, &error));
    assert_true(qf_id_equal(&id, &key->id));
    qf_ceremony_free(&c);
    free_offers(offers);
    return id;
}

/* A sum of two contributions of one piece, of integers that `number` draws; their sum in `plain`.
 */
static qf_sum make_sum(const qf_public_key *key, int64_t generation, unsigned char number,
                       int64_t plain[COUNT]) {
    qf_sum sum = {.subject = {.key = key->id, .terms = terms_of(generation), .count = COUNT},
                  .digest = {{number}}};
    qf_sampler sampler = sampler_of(number);
    memset(plain, 0, COUNT * sizeof *plain);
    sum.pieces = calloc(1, sizeof *sum.pieces);
    sum.contributors = calloc(2, sizeof *sum.contributors);
    sum.piece_count = 1;
    sum.contributor_count = 2;
    for (unsigned char i = 0; i < 2; i++) {
        int64_t integers[COUNT];
        qf_plaintext p;
        qf_ciphertext c;
        random_integers(integers, COUNT, our.plan.grid.limit, (uint64_t)(10 * number + i));
        for (size_t j = 0; j < COUNT; j++) plain[j] += integers[j];
        ASSERT_OK(qf_coefficients_encode(&our.ckks, integers, COUNT, our.plan.grid.limit,
                                         our.plan.scale_bits, &p, &error));
        ASSERT_OK(qf_encrypt(&our.ckks, key, &p, &sampler, &c, &error));
        qf_plaintext_free(&p);
        sum.contributors[i] = (qf_contributor){.party = i + 1u, .weight = 1, .body = {{number, i}}};
        if (i == 0) {
            sum.pieces[0] = c;
        } else {
            ASSERT_OK(qf_ciphertext_add(&our.ckks, &sum.pieces[0], &c, &error));
            qf_ciphertext_free(&c);
        }
    }
    qf_sampler_free(&sampler);
    return sum;
}

static void free_sum(qf_sum *sum) {
    for (size_t i = 0; i < sum->piece_count; i++) qf_ciphertext_free(&sum->pieces[i]);
    free(sum->pieces);
    free(sum->contributors);
}

static qf_status answer(unsigned party, const qf_sum *sum, const unsigned *set, qf_answer *answer,
                        qf_error *error) {
    qf_member_key key = load_key(party, &sum->subject.key);
    const qf_status status = qf_answer_make(&our.ckks, &our.states[party - 1],
                                            &our.parties[party - 1], &key, sum, set, answer, error);
    qf_member_key_free(&key);
    return status;
}

static void test_every_set(void **unused) {
    (void)unused;
    qf_public_key key;
    const int64_t generation = 10;
    make_key(generation, &key);
    unsigned char number = 0;
    for (unsigned i = 1; i <= PARTIES; i++) {
        for (unsigned j = i + 1; j <= PARTIES; j++) {
            const unsigned set[THRESHOLD] = {i, j};
            int64_t plain[COUNT], integers[COUNT];
            qf_sum sum = make_sum(&key, generation, ++number, plain);
            qf_answer answers[THRESHOLD], again;
            ASSERT_OK(answer(i, &sum, set, &answers[1], &error));
            ASSERT_OK(answer(j, &sum, set, &answers[0], &error));
            /* The same request has the same answer, flooding and all. */
            ASSERT_OK(answer(i, &sum, set, &again, &error));
            assert_memory_equal(again.signature, answers[1].signature, QF_SIGNATURE);
            assert_memory_equal(again.pieces[0].d.residues, answers[1].pieces[0].d.residues,
                                again.pieces[0].d.primes * our.ckks.n * sizeof(uint64_t));
            ASSERT_OK(qf_answers_combine(&our.ckks, &sum, answers, THRESHOLD, integers, &error));
            assert_memory_equal(integers, plain, sizeof plain);
            for (unsigned k = 0; k < THRESHOLD; k++) qf_answer_free(&answers[k]);
            qf_answer_free(&again);
            free_sum(&sum);
        }
    }
    qf_public_key_free(&key);
}

/* Combines copies in which one thing was changed. */
typedef void alter(qf_sum *sum, qf_answer answers[THRESHOLD]);

static void alter_piece(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)sum;
    uint64_t *d = qf_poly_row(&answers[1].pieces[0].d, 0);
    d[3] = d[3] ? d[3] - 1 : 1;
}
static void alter_flooding(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)sum;
    answers[0].pieces[0].flood_bits--;
}
static void alter_signature(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)sum;
    answers[1].signature[63] ^= 1;
}
static void swap_signatures(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)sum;
    memcpy(answers[0].signature, answers[1].signature, QF_SIGNATURE);
}
static void alter_sum(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)answers;
    sum->digest.bytes[0] ^= 1;
}
static void alter_ciphertext(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)answers;
    qf_poly_row(&sum->pieces[0].c0, 0)[0] ^= 1;
}
static void alter_key(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)answers;
    sum->subject.key.bytes[5] ^= 1;
}
static void alter_set(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)sum;
    answers[1].set[0] = 1;
}
static void alter_party(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)sum;
    answers[1].party = 2;
}
static void alter_roster(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)sum;
    answers[1].roster.identities[3].signing[0] ^= 1;
}
static void alter_terms(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)sum;
    answers[0].terms.flooding.decryptions++;
}
static void remove_contributor(qf_sum *sum, qf_answer answers[THRESHOLD]) {
    (void)answers;
    sum->contributor_count = 1;
}

static void test_altered_answers(void **unused) {
    (void)unused;
    static const struct {
        alter *change;
        qf_status status;
        const char *text;
    } cases[] = {
        {alter_piece, QF_REFUSED, "the answer of party 4: the signature is not right"},
        {alter_flooding, QF_REFUSED, "the answer of party 2: the signature is not right"},
        {alter_signature, QF_REFUSED, "the answer of party 4: the signature is not right"},
        {swap_signatures, QF_REFUSED, "the answer of party 2: the signature is not right"},
        {alter_sum, QF_MISMATCH, "the answer of party 2: it is for another sum"},
        {alter_ciphertext, QF_MISMATCH, "answered for another ciphertext"},
        {alter_key, QF_MISMATCH, "the answer of party 2: it is for another key"},
        {alter_set, QF_MISMATCH, "the answer of party 4: it is for another set"},
        {alter_party, QF_REFUSED, "the answer of party 2: the signature is not right"},
        {alter_roster, QF_REFUSED, "the answer of party 4: its roster is not that of its terms"},
        {alter_terms, QF_MISMATCH, "the answer of party 2: terms: decryptions is 7, not 6"},
        {remove_contributor, QF_REFUSED, "1 contributor"},
    };
    static const unsigned set[THRESHOLD] = {2, 4};
    qf_public_key key;
    int64_t plain[COUNT], integers[COUNT];
    make_key(11, &key);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qf_sum sum = make_sum(&key, 11, 1, plain);
        qf_answer answers[THRESHOLD];
        ASSERT_OK(answer(2, &sum, set, &answers[0], &error));
        ASSERT_OK(answer(4, &sum, set, &answers[1], &error));
        cases[i].change(&sum, answers);
        ASSERT_REFUSED(qf_answers_combine(&our.ckks, &sum, answers, THRESHOLD, integers, &error),
                       cases[i].status, cases[i].text);
        for (unsigned k = 0; k < THRESHOLD; k++) qf_answer_free(&answers[k]);
        free_sum(&sum);
    }
    qf_public_key_free(&key);
}

/* Two answers, doubled or one alone; a member with the share of another key. */
static void test_answers_that_do_not_fit(void **unused) {
    (void)unused;
    static const unsigned set[THRESHOLD] = {1, 3}, without[THRESHOLD] = {2, 3},
                          turned[THRESHOLD] = {3, 1};
    qf_public_key key, other;
    int64_t plain[COUNT], integers[COUNT];
    const qf_id id = make_key(12, &key), other_id = make_key(13, &other);
    qf_sum sum = make_sum(&key, 12, 1, plain);
    qf_answer answers[3], none;
    ASSERT_OK(answer(1, &sum, set, &answers[0], &error));
    ASSERT_OK(answer(1, &sum, set, &answers[1], &error));
    ASSERT_OK(answer(3, &sum, set, &answers[2], &error));
    ASSERT_REFUSED(qf_answers_combine(&our.ckks, &sum, answers, 1, integers, &error), QF_MISMATCH,
                   "the answer of party 3 is missing");
    ASSERT_REFUSED(qf_answers_combine(&our.ckks, &sum, answers, 3, integers, &error), QF_MISMATCH,
                   "party 1 answers twice");
    ASSERT_REFUSED(answer(1, &sum, without, &none, &error), QF_USAGE, "not in the set");
    ASSERT_REFUSED(answer(1, &sum, turned, &none, &error), QF_USAGE, "ascending");
    qf_member_key wrong = load_key(1, &other_id);
    ASSERT_REFUSED(qf_answer_make(&our.ckks, &our.states[0], &our.parties[0], &wrong, &sum, set,
                                  &none, &error),
                   QF_MISMATCH, "under another key");
    /* The share of another key under this one's name: the numbers are out of range. */
    wrong.key = id;
    wrong.terms = sum.subject.terms;
    qf_answer_free(&answers[0]);
    ASSERT_OK(qf_answer_make(&our.ckks, &our.states[0], &our.parties[0], &wrong, &sum, set,
                             &answers[0], &error));
    qf_answer_free(&answers[1]);
    answers[1] = answers[2];
    answers[2] = (qf_answer){0};
    ASSERT_OK(qf_answers_combine(&our.ckks, &sum, answers, THRESHOLD, integers, &error));
    size_t beyond = 0;
    for (size_t i = 0; i < COUNT; i++) {
        beyond += llabs(integers[i]) > our.plan.grid.limit * WEIGHT;
    }
    assert_true(beyond > 0); /* half of 40 are expected */
    qf_member_key_free(&wrong);
    for (unsigned k = 0; k < 3; k++) qf_answer_free(&answers[k]);
    free_sum(&sum);
    qf_public_key_free(&key);
    qf_public_key_free(&other);
}

/* ---- The journal ---- */

static const unsigned first_set[THRESHOLD] = {1, 2}, second_set[THRESHOLD] = {1, 3};

/* A request with a sum that is nothing but names. */
static qf_request request_of(const qf_id *key, const qf_sum *sum, const unsigned *set) {
    return (qf_request){.key = *key, .sum = sum, .set = set, .threshold = THRESHOLD, .allowed = 6};
}

static qf_status admit(const qf_id *key, const qf_sum *sum, const unsigned *set, qf_error *error) {
    const qf_request request = request_of(key, sum, set);
    return qf_journal_admit(&our.states[0], &request, error);
}

static void journal_path(const qf_id *key, char path[256]) {
    char hex[2 * QF_ID_SIZE + 1];
    for (int i = 0; i < QF_ID_SIZE; i++) snprintf(hex + 2 * i, 3, "%02x", key->bytes[i]);
    snprintf(path, 256, "%s/answers-%s", our.paths[0], hex);
}

static off_t length_of(const char *path) {
    struct stat is;
    assert_int_equal(stat(path, &is), 0);
    return is.st_size;
}

/* Sums of two of the contributions a to f. */
static qf_contributor contributors[][2] = {
    {{1, 1, {{0}}, {{'a'}}}, {2, 1, {{0}}, {{'b'}}}},
    {{1, 1, {{0}}, {{'c'}}}, {2, 1, {{0}}, {{'d'}}}},
    {{1, 1, {{0}}, {{'e'}}}, {2, 1, {{0}}, {{'b'}}}},
    {{1, 1, {{0}}, {{'e'}}}, {2, 1, {{0}}, {{'f'}}}},
};
static qf_sum named_sum(unsigned char i) {
    return (qf_sum){.contributors = contributors[i],
                    .contributor_count = 2,
                    .piece_count = 2,
                    .digest = {{(unsigned char)(i + 1)}}};
}

static void test_journal(void **unused) {
    (void)unused;
    char path[256];
    const qf_id key = {{200}};
    const qf_sum sums[] = {named_sum(0), named_sum(1), named_sum(2), named_sum(3)};
    journal_path(&key, path);
    ASSERT_REFUSED(admit(&key, &sums[0], first_set, &error), QF_REFUSED, "is gone");
    ASSERT_OK(qf_journal_begin(&our.states[0], &key, &error));
    ASSERT_OK(qf_journal_begin(&our.states[0], &key, &error));
    ASSERT_OK(admit(&key, &sums[0], first_set, &error));
    const off_t length = length_of(path);
    ASSERT_OK(admit(&key, &sums[0], first_set, &error));
    assert_int_equal(length_of(path), length);
    ASSERT_REFUSED(admit(&key, &sums[0], second_set, &error), QF_REFUSED,
                   "this sum was answered for the set 1,2");
    ASSERT_REFUSED(admit(&key, &sums[2], first_set, &error), QF_REFUSED,
                   "the contribution of party 2 is in a sum that was answered before");
    ASSERT_OK(admit(&key, &sums[1], second_set, &error));
    /* Two sums of two ciphertexts; six are allowed. */
    qf_sum large = sums[3];
    large.piece_count = 3;
    ASSERT_REFUSED(admit(&key, &large, first_set, &error), QF_REFUSED,
                   "answered for 4 of its 6 ciphertexts, and this sum has 3");
    ASSERT_OK(admit(&key, &sums[3], first_set, &error));
    qf_sum more = named_sum(2);
    more.contributors = (qf_contributor[]){{1, 1, {{0}}, {{'g'}}}, {2, 1, {{0}}, {{'h'}}}};
    ASSERT_REFUSED(admit(&key, &more, first_set, &error), QF_REFUSED, "6 of its 6");
    ASSERT_OK(admit(&key, &sums[1], second_set, &error));
    /* Gone for good. */
    assert_int_equal(truncate(path, 0), 0);
    ASSERT_REFUSED(admit(&key, &sums[0], first_set, &error), QF_REFUSED, "is gone");
}

/* Any byte but those of a line cut short at the end. */
static void test_journal_damage(void **unused) {
    (void)unused;
    char path[256], name[256];
    const qf_id key = {{201}};
    const qf_sum sums[] = {named_sum(0), named_sum(1)};
    journal_path(&key, path);
    ASSERT_OK(qf_journal_begin(&our.states[0], &key, &error));
    ASSERT_OK(admit(&key, &sums[0], first_set, &error));
    const off_t length = length_of(path);
    const int fd = open(path, O_RDWR);
    for (off_t at = 0; at < length - 1; at += 7) {
        char byte, other;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        other = (char)(byte ^ 1);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        ASSERT_REFUSED(admit(&key, &sums[0], first_set, &error), QF_DATA, "is damaged");
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    /* Wherever the second line is cut, it counts for nothing, and the next one takes its place. */
    ASSERT_OK(admit(&key, &sums[1], first_set, &error));
    const off_t longer = length_of(path);
    for (off_t cut = length; cut < longer; cut += 13) {
        assert_int_equal(ftruncate(fd, cut), 0);
        ASSERT_OK(admit(&key, &sums[1], second_set, &error));
        assert_int_equal(length_of(path), longer);
        ASSERT_REFUSED(admit(&key, &sums[1], first_set, &error), QF_REFUSED, "set 1,3");
    }
    close(fd);
    /* The journal of another key. */
    const qf_id another = {{202}};
    journal_path(&another, name);
    assert_int_equal(rename(path, name), 0);
    ASSERT_REFUSED(admit(&another, &sums[0], first_set, &error), QF_DATA, "line 1 is damaged");
}

/* Where the file cannot grow, nothing is admitted and the journal is as it was. */
static void test_journal_full_disk(void **unused) {
    (void)unused;
    char path[256];
    const qf_id key = {{203}};
    const qf_sum sums[] = {named_sum(0), named_sum(1)};
    struct rlimit before, limit;
    journal_path(&key, path);
    ASSERT_OK(qf_journal_begin(&our.states[0], &key, &error));
    ASSERT_OK(admit(&key, &sums[0], first_set, &error));
    const off_t length = length_of(path);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = (rlim_t)length + 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ASSERT_REFUSED(admit(&key, &sums[1], first_set, &error), QF_IO, "");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(length_of(path), length);
    ASSERT_OK(admit(&key, &sums[1], second_set, &error));
}

/* Processes that ask at once for different sets: one set wins, for all. */
static void test_journal_at_once(void **unused) {
    (void)unused;
    enum { PROCESSES = 8 };
    const qf_id key = {{204}};
    const qf_sum sum = named_sum(0);
    pid_t children[PROCESSES];
    ASSERT_OK(qf_journal_begin(&our.states[0], &key, &error));
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] != 0) continue;
        qf_error error;
        qf_state state = {.directory = -1};
        const qf_request request = request_of(&key, &sum, i % 2 ? first_set : second_set);
        qf_status status = qf_state_open(&state, our.paths[0], false, &error);
        if (status == QF_OK) status = qf_journal_admit(&state, &request, &error);
        _exit(status);
    }
    int admitted[2] = {0}, refused[2] = {0};
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        admitted[i % 2] += WEXITSTATUS(status) == QF_OK;
        refused[i % 2] += WEXITSTATUS(status) == QF_REFUSED;
    }
    const int won = admitted[0] ? 0 : 1;
    assert_int_equal(admitted[won], PROCESSES / 2);
    assert_int_equal(refused[1 - won], PROCESSES / 2);
}

static void test_sets(void **unused) {
    (void)unused;
    static const char *const wrong[] = {"",        "1",        "1,2,3",   "1,2,3,4,5",
                                        "1,,2",    "0,1,2,9",  "1,1,2,3", "1,2,3,11",
                                        "1,2,3,x", "1,2,3,4,", "-1,2,3,4"};
    unsigned set[4];
    ASSERT_OK(qf_set_parse("9,2,10,1", 4, 10, set, &error));
    assert_true(set[0] == 1 && set[1] == 2 && set[2] == 9 && set[3] == 10);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ASSERT_STATUS(qf_set_parse(wrong[i], 4, 10, set, &error), QF_USAGE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_altered_offers),
        cmocka_unit_test(test_makers_refused),
        cmocka_unit_test(test_gathering),
        cmocka_unit_test(test_accepting),
        cmocka_unit_test(test_wrong_shares),
        cmocka_unit_test(test_every_set),
        cmocka_unit_test(test_altered_answers),
        cmocka_unit_test(test_answers_that_do_not_fit),
        cmocka_unit_test(test_journal),
        cmocka_unit_test(test_journal_damage),
        cmocka_unit_test(test_journal_full_disk),
        cmocka_unit_test(test_journal_at_once),
        cmocka_unit_test(test_sets),
    };
    return cmocka_run_group_tests(tests, make_committee, remove_committee);
}
