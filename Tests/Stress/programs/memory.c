/*
 * The memory that a process has resident stays what it was after the first calls.
 *
 *   memory URL OPTIONS CALLS WRITES     every WRITES-th call writes; channel 0 is known to a remote service
 */
#include "stress.h"

enum { FIRST = 1000, LIMIT = 1 << 20 };

/* Bytes. */
static long resident(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    long size, pages;
    CHECK(file && fscanf(file, "%ld %ld", &size, &pages) == 2, "/proc/self/statm");
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void call(d360_client *client, long number, bool writes) {
    if (writes) {
        char request[256];
        snprintf(request, sizeof request, "{\"name\":\"crm\",\"url\":\"https://crm.example.com/%ld\"}", number % 10);
        EXPECT(D360_OK, d360_multi_webhook_update(client, "key-0", request, &answer));
    } else if (number % 7 == 0) {
        EXPECT(D360_OK, d360_waba_webhook_get(client, "key-0", &answer));
    } else if (number % 11 == 0) {
        EXPECT(D360_MALFORMED_JSON, d360_multi_webhook_append(client, "key-0", "{\"destinations\":[", &answer));
    } else if (number % 13 == 0) {
        EXPECT(D360_CONFLICT, d360_multi_webhook_append(client, "key-0",
            "{\"destinations\":[{\"name\":\"crm\",\"url\":\"https://crm.example.com/a\"}]}", &answer));
    } else if (number % 17 == 0) {
        d360_client *derived = NULL;
        EXPECT(D360_OK, d360_derive(client, "{\"timeout_ms\": 1000}", &derived, &answer));
        d360_close(derived);
    } else {
        EXPECT(D360_OK, d360_multi_webhook_get(client, "key-0", &answer));
    }
}

int main(int argc, char **argv) {
    CHECK(argc == 5, "URL OPTIONS CALLS WRITES");
    d360_client *client = open_client(argv[1], argv[2]);
    if (strncmp(argv[1], "sqlite:", 7) == 0) register_channel(client, 0);
    EXPECT(D360_OK, d360_multi_webhook_set(client, "key-0",
        "{\"enabled\":true,\"destinations\":["
        "{\"name\":\"crm\",\"url\":\"https://crm.example.com/a\",\"headers\":{\"X-A\":\"b\"}},"
        "{\"name\":\"audit\",\"url\":\"https://audit.example.com/a\"},"
        "{\"name\":\"bi\",\"url\":\"https://bi.example.com/a\"}]}", &answer));
    long calls = number(argv[3]), writes = number(argv[4]), first = 0, most = 0;
    for (long n = 1; n <= calls; n++) {
        call(client, n, n % writes == 0);
        if (n == FIRST) first = resident();
        if (n > FIRST && n % 1000 == 0 && resident() > most) most = resident();
    }
    CHECK(first > 0 && most > 0, "too few calls");
    CHECK(most - first <= LIMIT, "%ld bytes more than after the first %d calls", most - first, FIRST);
    d360_close(client);
    printf("%ld bytes more\n", most - first);
    return EXIT_SUCCESS;
}
