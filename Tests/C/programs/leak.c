/* Does not free what it owns: shows that the leak check would see it. */
#include <d360webhook.h>

int main(void) {
    for (int i = 0; i < 10; i++) {
        d360_client *client = NULL;
        char *text = NULL;
        d360_open("gopher://example.com", NULL, &client, &text);
    }
    return 0;
}
