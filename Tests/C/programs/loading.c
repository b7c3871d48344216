/* The library can be loaded at run time and stays when it is let go. Argument: its path. */
#include "check.h"
#include <dlfcn.h>

int main(int argc, char **argv) {
    CHECK(argc == 2);
    for (int i = 0; i < 3; i++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        CHECK(library != NULL);
        const char *(*version)(void);
        *(void **)&version = library ? dlsym(library, "d360_version") : NULL;
        CHECK(version != NULL);
        if (!version) return 1;
        CHECK(dlclose(library) == 0);
        CHECK(dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) != NULL);
        CHECK(strlen(version()) >= strlen("0.0.0"));
    }
    return failures != 0;
}
