/*
 * Writes to an embedded service without end, or so many times, and prints what was acknowledged, one line of standard output
 * for each, by a single write(2) before the next call.
 *
 *   writer URL NAME COUNT      COUNT 0: until it is killed
 *
 * Registers a channel of its own, "NAME", and turns its multi-webhook on. Then each round i (0, 1, 2 …)
 *   registers the channel "NAME-i"                         channel NAME-i
 *   sets the webhook of NAME to ".../NAME/i"               webhook NAME i
 *   appends the destination "NAME-i"                       destination NAME-i
 *                                                          to the channel "all", or to NAME if it is to be killed
 */
#include "stress.h"

static char *name;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    CHECK(write(STDOUT_FILENO, line, (size_t)length) == length, "write: %s", strerror(errno));
}

/* A number of 15 digits that no other name and round has. */
static unsigned long long channel_id(long round) {
    unsigned long long hash = 14695981039346656037ull;
    for (const char *byte = name; *byte; byte++) hash = (hash ^ (unsigned char)*byte) * 1099511628211ull;
    return 100000000000000ull + hash % 89999999ull * 10000000ull + (unsigned long long)round;
}

static void register_own(d360_client *client, const char *key, long round) {
    char channel[256];
    snprintf(channel, sizeof channel,
        "{\"phone_number_id\":\"%llu\",\"phone_number\":\"%s\",\"waba_id\":%llu,\"api_key\":\"%s\"}",
        channel_id(round), key, channel_id(0), key);
    EXPECT(D360_OK, d360_channel_register(client, channel, &answer));
}

int main(int argc, char **argv) {
    CHECK(argc == 4, "URL NAME COUNT");
    name = argv[2];
    long count = number(argv[3]);
    d360_client *client = open_client(argv[1], "{\"max_destinations\": 1000}");
    register_own(client, name, 0);
    EXPECT(D360_OK, d360_multi_webhook_set(client, name, "{\"enabled\": true}", &answer));
    say("ready\n");
    for (long round = 1; !count || round <= count; round++) {
        char key[64], request[256];
        snprintf(key, sizeof key, "%s-%ld", name, round);
        register_own(client, key, round);
        say("channel %s\n", key);

        EXPECT(D360_OK, d360_customer_webhook_set(client, name, webhook(name, round, request), &answer));
        say("webhook %s %ld\n", name, round);

        snprintf(request, sizeof request,
            "{\"destinations\":[{\"name\":\"%s\",\"url\":\"https://hooks.example.com/%ld\"}]}", key, round);
        const char *list = count ? "all" : name;
        EXPECT(D360_OK, d360_multi_webhook_append(client, list, request, &answer));
        say("destination %s\n", key);
        /* More would not fit into the pipe, nor into the list. */
        if (!count && round == 500) pause();
    }
    d360_close(client);
    return EXIT_SUCCESS;
}
