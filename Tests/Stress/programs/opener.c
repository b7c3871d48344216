/*
 * Opens a file that may be new, registers a channel of its own, closes: when standard input ends, as all its siblings do.
 *
 *   opener URL NUMBER
 */
#include "stress.h"

int main(int argc, char **argv) {
    CHECK(argc == 3, "URL NUMBER");
    while (getchar() != EOF) {}
    d360_client *client = open_client(argv[1], NULL);
    register_channel(client, (int)number(argv[2]));
    char key[32];
    EXPECT(D360_OK, d360_multi_webhook_get(client, key_of((int)number(argv[2]), key), &answer));
    d360_close(client);
    return EXIT_SUCCESS;
}
