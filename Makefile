# SPDX-License-Identifier: Apache-2.0
# make help says what there is.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
BASHCOMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPLETIONDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPLETIONDIR ?= $(PREFIX)/share/fish/vendor_completions.d
DESTDIR ?=

VERSION := $(shell sed -n 's/.*let version.*"\([0-9.]*\)".*/\1/p' Sources/WebhookModel/Version.swift)
ifeq ($(VERSION),)
$(error Sources/WebhookModel/Version.swift does not say the version)
endif
LINK := libd360webhook.so
SONAME := $(LINK).0
# Where make leaves what it built.
OUT ?= build
LIBRARY := $(OUT)/$(LINK).$(VERSION)

# What whoever builds it may add: flags for C (the inline functions of Sources/C*), for linking, for swift build (-v shows every
# command). STRIP_FLAG= keeps the symbols for debugging.
CPPFLAGS ?=
CFLAGS ?=
LDFLAGS ?=
STRIP_FLAG ?= -s
SWIFT_BUILD_FLAGS ?=

# An import of a module that its target does not depend on, by Package.swift, fails the build. scripts/imports is stricter.
SWIFT_CHECKS := --explicit-target-dependency-import-check error

# swift-build keeps what it made here; a user's own `swift build` has other flags and its own folder.
SWIFT_SCRATCH := build/swift

# The C++ runtime that Swift's own runtime needs is linked in from the first folder searched: it holds only the archive.
# lld comes with Swift's toolchain; gold, its default, leaves traces of internal names, and new Debian releases lack it.
LINKER_FLAGS := -soname $(SONAME) --version-script=$(CURDIR)/packaging/libd360webhook.map \
	--gc-sections --icf=all -z relro -z now -z nodelete $(STRIP_FLAG)
# Neither its folder nor a hash of the compiler's arguments, nor a place in its cache, goes into what is built: two folders give
# the same bytes, debugging symbols included.
SWIFT_FLAGS := -static-stdlib -no-toolchain-stdlib-rpath -L$(CURDIR)/build/static \
	-file-prefix-map $(CURDIR)=. $(addprefix -Xfrontend ,-disable-incremental-llvm-codegen -no-clang-module-breadcrumbs) \
	$(addprefix -Xcc ,$(CPPFLAGS) $(CFLAGS)) $(addprefix -Xclang-linker ,-static-libgcc $(LDFLAGS) -fuse-ld=lld)
SWIFT_BUILD := swift build $(SWIFT_CHECKS) $(SWIFT_BUILD_FLAGS) -c release --scratch-path $(SWIFT_SCRATCH) --disable-local-rpath $(addprefix -Xswiftc ,$(SWIFT_FLAGS))

# The shared library is Embedded Swift: what it needs of the standard library is compiled into it, and nothing else; no runtime.
# packaging/embedded holds the module Glibc, which Embedded Swift has none of. Strings need the archive of Unicode's tables.
#
# Only the objects of the module that nothing imports are linked: they hold all that is reached from it. Of a function or a
# constant that stands in several modules' objects the linker takes any one, and Swift 6.3.1 gives one name to different things:
# a generic function's empty stub beside the function; the third constant array of a function beside its first.
EMBEDDED_SCRATCH := build/swift-embedded
EMBEDDED_LIBRARIES = $(shell swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')/embedded/$(shell uname -m)-unknown-linux-gnu
EMBEDDED_OPTIMIZATION ?= -O
# embedded or ordinary. A toolchain without an embedded standard library for this machine builds the ordinary one.
SWIFT_MODE ?= $(if $(wildcard $(EMBEDDED_LIBRARIES)),embedded,ordinary)
EMBEDDED_FLAGS := -Xllvm -sil-disable-pass=closure-specialize -enable-experimental-feature Embedded -wmo $(EMBEDDED_OPTIMIZATION) -Xcc -I$(CURDIR)/packaging/embedded \
	-file-prefix-map $(CURDIR)=. $(addprefix -Xfrontend ,-function-sections -disable-incremental-llvm-codegen -no-clang-module-breadcrumbs) \
	$(addprefix -Xcc ,$(CPPFLAGS) $(CFLAGS))
EMBEDDED_BUILD := swift build $(SWIFT_CHECKS) $(SWIFT_BUILD_FLAGS) -c release --scratch-path $(EMBEDDED_SCRATCH) $(addprefix -Xswiftc ,$(EMBEDDED_FLAGS))
# scripts/linked checks that; LINKED is for its test. The folder keeps the objects of files that have gone: what counts is the
# list of sources.
LINKED ?= D360Webhook
EMBEDDED_OBJECTS := $(EMBEDDED_SCRATCH)/release
OBJECTS_OF = $$(sed 's|.*/\(.*\)|$(2)/$(1).build/\1.o|' $(2)/$(1).build/sources)
EMBEDDED_LINK = swiftc -emit-library -enable-experimental-feature Embedded -wmo -no-toolchain-stdlib-rpath \
	$(addprefix -Xclang-linker ,-static-libgcc $(LDFLAGS) -fuse-ld=lld) \
	$(addprefix -Xlinker ,$(LINKER_FLAGS) --dependency-file=$@.inputs -z defs -L$(EMBEDDED_LIBRARIES) -lswiftUnicodeDataTables $(C_LIBRARIES))
C_LIBRARIES := -ljansson -lcurl -lsqlite3 -lcrypto -lm
# make bundle sets ROOT: an older Debian's libc, with the C libraries as archives.
ifdef ROOT
LDFLAGS += --sysroot=$(ROOT) -Wl,--exclude-libs,ALL -Wl,-Bsymbolic
C_LIBRARIES := -ljansson -lcurl -lnghttp2 -lssl -lsqlite3 -lcrypto -lz -lm -lpthread -ldl
endif
DAEMON := $(OUT)/d360-webhookd
DAEMON_LINKER_FLAGS := --gc-sections -z relro -z now $(STRIP_FLAG)
# The objects of swift build, linked with ROOT as the library's are: swift build itself would look for libraries in this machine's folders.
DAEMON_MODULES := Daemon Crypto EmbeddedService JSON PostgreSQLStorage SQLiteStorage Support WebhookModel
DAEMON_LIBRARIES := -lmicrohttpd -lgnutls -ltasn1 -lunistring -lhogweed -lnettle -lgmp -lpq -lpgcommon -lpgport
DAEMON_LINK = swiftc -emit-executable -static-stdlib -no-toolchain-stdlib-rpath \
	$(addprefix -Xclang-linker ,-static-libgcc $(LDFLAGS) -fuse-ld=lld) \
	$(addprefix -Xlinker ,$(DAEMON_LINKER_FLAGS) --no-export-dynamic --defsym=main=Daemon_main --dependency-file=$@.inputs -z defs $(DAEMON_LIBRARIES) $(C_LIBRARIES))

# Of the command line, which is Python and which pip installs: made by make manual, kept, so that installing needs no Python.
PAGES := $(wildcard docs/man/*.1)
COMPLETION := packaging/completion

# Folders as well as files: a file that went away changes its folder.
SOURCES := Makefile Package.swift packaging/libd360webhook.map $(shell find Sources include packaging/embedded)

.PHONY: all
all: $(LIBRARY) $(OUT)/$(SONAME) $(OUT)/$(LINK) $(DAEMON)

$(LIBRARY): $(SOURCES) $(if $(ROOT),packaging/bundle/library)
	@scripts/setup --check build
ifeq ($(SWIFT_MODE),embedded)
	@mkdir -p $(OUT)
	$(EMBEDDED_BUILD) --target D360Webhook
	$(CC) -O2 -fPIC -ffile-prefix-map=$(CURDIR)=. $(CPPFLAGS) $(CFLAGS) -c packaging/embedded/random.c -o $(EMBEDDED_OBJECTS)/random.o
	$(EMBEDDED_LINK) $(foreach module,$(LINKED),$(call OBJECTS_OF,$(module),$(EMBEDDED_OBJECTS))) $(EMBEDDED_OBJECTS)/random.o -o $@.new
	@scripts/linked $@.inputs $(EMBEDDED_OBJECTS) $(EMBEDDED_LIBRARIES) $(ROOT)
	@mv $@.new $@
else
	@echo "Building the library as ordinary Swift"
	@mkdir -p build/static $(OUT)
	@ln -sf "$$($(CC) -print-file-name=libstdc++.a)" build/static/libstdc++.a
	@rm -f $(SWIFT_SCRATCH)/release/$(LINK)
	$(SWIFT_BUILD) --product d360webhook $(addprefix -Xlinker ,$(LINKER_FLAGS))
	@cp $(SWIFT_SCRATCH)/release/$(LINK) $@.new && mv $@.new $@
endif

$(OUT)/$(SONAME) $(OUT)/$(LINK): $(LIBRARY)
	@ln -sf $(notdir $<) $@

# The daemon serves; what it needs beside the library is libmicrohttpd and libpq. After the library: both builds use one scratch folder.
$(DAEMON): $(SOURCES) $(if $(ROOT),packaging/bundle/library packaging/bundle/daemon packaging/bundle/older.c) | $(LIBRARY)
ifdef ROOT
	@mkdir -p $(OUT)
	$(SWIFT_BUILD) --target Daemon
	$(ROOT)/../bin/d360-cc -c packaging/bundle/older.c -o $(OUT)/older.o
	$(DAEMON_LINK) $(foreach module,$(DAEMON_MODULES),$(call OBJECTS_OF,$(module),$(SWIFT_SCRATCH)/release)) $(OUT)/older.o -o $@.new
	@mv $@.new $@
else
	@mkdir -p build/static $(OUT)
	@ln -sf "$$($(CC) -print-file-name=libstdc++.a)" build/static/libstdc++.a
	@rm -f $(SWIFT_SCRATCH)/release/$(notdir $@)
	$(SWIFT_BUILD) --product $(notdir $@) $(addprefix -Xlinker ,$(DAEMON_LINKER_FLAGS))
	@cp $(SWIFT_SCRATCH)/release/$(notdir $@) $@.new && mv $@.new $@
endif

.PHONY: install
install: all
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(BINDIR)
	install -m 755 $(DAEMON) $(DESTDIR)$(BINDIR)
	install -d $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSUSERSDIR)
	install -m 644 docs/d360-webhookd.8 $(DESTDIR)$(MANDIR)/man8
	install -d $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(BASHCOMPLETIONDIR) $(DESTDIR)$(ZSHCOMPLETIONDIR) $(DESTDIR)$(FISHCOMPLETIONDIR)
	install -m 644 $(PAGES) $(DESTDIR)$(MANDIR)/man1
	install -m 644 $(COMPLETION)/d360-webhook.bash $(DESTDIR)$(BASHCOMPLETIONDIR)/d360-webhook
	install -m 644 $(COMPLETION)/d360-webhook.zsh $(DESTDIR)$(ZSHCOMPLETIONDIR)/_d360-webhook
	install -m 644 $(COMPLETION)/d360-webhook.fish $(DESTDIR)$(FISHCOMPLETIONDIR)
	sed -e 's|/usr/bin/|$(BINDIR)/|' packaging/d360-webhookd.service > $(DESTDIR)$(UNITDIR)/d360-webhookd.service
	chmod 644 $(DESTDIR)$(UNITDIR)/d360-webhookd.service
	install -m 644 packaging/d360-webhookd.sysusers $(DESTDIR)$(SYSUSERSDIR)/d360-webhookd.conf
	install -m 644 include/d360webhook.h $(DESTDIR)$(PREFIX)/include
	install -m 644 $(LIBRARY) $(DESTDIR)$(LIBDIR)
	ln -sf $(notdir $(LIBRARY)) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/$(LINK)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' packaging/d360webhook.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/d360webhook.pc
	chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/d360webhook.pc
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then /sbin/ldconfig; fi

.PHONY: uninstall
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/include/d360webhook.h $(DESTDIR)$(LIBDIR)/pkgconfig/d360webhook.pc \
		$(DESTDIR)$(BINDIR)/d360-webhookd $(DESTDIR)$(MANDIR)/man8/d360-webhookd.8 \
		$(DESTDIR)$(UNITDIR)/d360-webhookd.service $(DESTDIR)$(SYSUSERSDIR)/d360-webhookd.conf \
		$(addprefix $(DESTDIR)$(MANDIR)/man1/,$(notdir $(PAGES))) $(DESTDIR)$(BASHCOMPLETIONDIR)/d360-webhook \
		$(DESTDIR)$(ZSHCOMPLETIONDIR)/_d360-webhook $(DESTDIR)$(FISHCOMPLETIONDIR)/d360-webhook.fish \
		$(addprefix $(DESTDIR)$(LIBDIR)/,$(LINK) $(SONAME) $(notdir $(LIBRARY)))
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then /sbin/ldconfig; fi

# What examples and tests use: an installation in a folder of its own, left alone when it is up to date.
STAGE := $(CURDIR)/$(OUT)/stage
$(STAGE)/usr/local/lib/pkgconfig/d360webhook.pc: $(LIBRARY) $(DAEMON) include/d360webhook.h docs/d360-webhookd.8 $(PAGES) \
		$(wildcard packaging/*.* $(COMPLETION)/*)
	@rm -rf $(STAGE)
	@$(MAKE) --no-print-directory install DESTDIR=$(STAGE) PREFIX=/usr/local LIBDIR=/usr/local/lib > $(OUT)/install.log
	@install -d $(STAGE)/pkgconfig
	@sed 's|=/usr/local|=$(STAGE)/usr/local|' $@ > $(STAGE)/pkgconfig/$(notdir $@)

.PHONY: stage
stage: all $(STAGE)/usr/local/lib/pkgconfig/d360webhook.pc

# The library as ordinary Swift, in a folder of its own: the suites of C and of conformance run against it too.
.PHONY: ordinary
ordinary:
	@$(MAKE) --no-print-directory stage SWIFT_MODE=ordinary OUT=build/ordinary

# The package of Node: the addon and the library in one folder. This machine's library is for this machine; npm takes the bundle.
NODE := bindings/node
NODE_HEADERS ?= $(patsubst %/node_api.h,%,$(firstword $(wildcard /usr/include/node/node_api.h /usr/include/nodejs/src/node_api.h)))
NODE_LIBRARY ?= $(LIBRARY)
NODE_CC ?= $(CC)
NODE_PREBUILT = $(NODE)/prebuilt/$(shell node -p 'process.platform + "-" + process.arch')
.PHONY: node
node: $(NODE_LIBRARY)
	@scripts/setup --check node
	@rm -rf $(NODE)/prebuilt && mkdir -p $(NODE_PREBUILT)
	@cp LICENSE $(NODE)
	cp $(NODE_LIBRARY) $(NODE_PREBUILT)/$(SONAME)
	$(NODE_CC) -std=gnu11 -O2 -fPIC -Wall -Wextra -Wno-missing-field-initializers -ffile-prefix-map=$(CURDIR)=. $(CPPFLAGS) $(CFLAGS) \
		-Iinclude -I$(NODE_HEADERS) -shared $(NODE)/src/*.c $(NODE_PREBUILT)/$(SONAME) -o $(NODE_PREBUILT)/d360webhook.node \
		$(LDFLAGS) -Wl,-rpath,'$$ORIGIN' -Wl,-z,nodelete -Wl,-z,relro,-z,now $(STRIP_FLAG)


# The library with its C libraries inside, for glibc 2.28 and newer. A C library is built again when its version changes.
BUNDLE := build/bundle
.PHONY: bundle
bundle:
	@scripts/setup bundle
	@nice packaging/bundle/libraries $(BUNDLE) library
	@$(MAKE) --no-print-directory OUT=$(BUNDLE)/lib ROOT=$(CURDIR)/$(BUNDLE)/root $(BUNDLE)/lib/$(LINK) $(BUNDLE)/lib/$(SONAME)

# The same of the daemon, for make wheel.
.PHONY: bundled-daemon
bundled-daemon: bundle
	@nice packaging/bundle/libraries $(BUNDLE) daemon
	@$(MAKE) --no-print-directory OUT=$(BUNDLE)/lib ROOT=$(CURDIR)/$(BUNDLE)/root $(BUNDLE)/lib/d360-webhookd

# The bundle as packages for pip, the library's and the daemon's, and the source distribution: build/wheel.
WHEEL := build/wheel
.PHONY: wheel
wheel: bundled-daemon $(WHEEL)/venv/installed
	@echo "Building the wheels in $(WHEEL)"
	@$(WHEEL)/venv/bin/python packaging/wheel/build.py $(BUNDLE) $(WHEEL)
$(WHEEL)/venv/installed: packaging/wheel/requirements.txt
	@rm -rf $(@D)
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# The package of Node with the bundle, for other systems: d360webhook-$(VERSION).tgz in build/npm.
.PHONY: npm
npm: bundle
	@$(MAKE) --no-print-directory node NODE_CC=$(BUNDLE)/bin/d360-cc NODE_LIBRARY=$(BUNDLE)/lib/$(SONAME)
	@mkdir -p build/npm
	npm pack --silent --offline --pack-destination=build/npm ./$(NODE)

.PHONY: mode
mode:
	@echo $(SWIFT_MODE)

.PHONY: setup
setup:
	@scripts/setup test

.PHONY: run
run:
	@scripts/run

.PHONY: test
test:
	@scripts/test

.PHONY: soak
soak:
	@D360_SOAK=1 scripts/test

.PHONY: tsan
tsan: setup stage venv
	@. scripts/environment && python3 -m pytest -q -p no:cacheprovider Tests/Stress -k "sanitizer or race"

.PHONY: bench
bench:
	@benchmarks/run

# Python for tests and benchmarks; its packages are pinned.
.PHONY: venv
venv: build/venv/installed
build/venv/installed: Tests/requirements.txt
	@rm -rf build/venv
	python3 -m venv build/venv
	build/venv/bin/pip install --quiet --disable-pip-version-check --requirement Tests/requirements.txt
	@# What the documented pip install would fetch: tests of it use these files, and no network.
	grep -E '^(click|hatchling|rich|PyYAML)==' Tests/requirements.txt | \
		build/venv/bin/pip download --quiet --disable-pip-version-check --dest build/venv/wheels --requirement /dev/stdin
	@touch $@

# The site of all pages, strict: a broken link or a page without a place fails. Its tools have an environment of their own.
.PHONY: docs
docs: build/docs-venv/installed
	build/docs-venv/bin/sphinx-build -E -W --keep-going -q -c docs/site -d build/site-cache -b html . build/site
build/docs-venv/installed: docs/requirements.txt
	@rm -rf build/docs-venv
	python3 -m venv build/docs-venv
	build/docs-venv/bin/pip install --quiet --disable-pip-version-check --requirement docs/requirements.txt
	@touch $@

.PHONY: manual
manual: all venv
	@. scripts/environment && export D360WEBHOOK_LIBRARY=$(CURDIR)/$(LIBRARY) && rm -f docs/man/*.1 && \
		python3 scripts/manual.py docs/man && \
		for shell in bash zsh fish; do python3 -m d360webhook.cli completion $$shell > $(COMPLETION)/d360-webhook.$$shell || exit 1; done

# The version stands in Version.swift; these are the places that repeat it. debian/changelog has words of its own.
.PHONY: version
version:
	sed -i 's/^__version__ = .*/__version__ = "$(VERSION)"/' bindings/python/src/d360webhook/_version.py
	sed -i 's/"d360webhook-daemon~=[0-9.]*"/"d360webhook-daemon~=$(VERSION)"/' bindings/python/pyproject.toml
	sed -i "s/The library's version, \"[0-9.]*\"/The library's version, \"$(VERSION)\"/" include/d360webhook.h
	sed -i -e 's/^\(#define D360WEBHOOK_VERSION\) .*/\1 "$(VERSION)"/' \
		-e 's/^\(#define D360WEBHOOK_VERSION_MAJOR\) .*/\1 $(word 1,$(subst ., ,$(VERSION)))/' \
		-e 's/^\(#define D360WEBHOOK_VERSION_MINOR\) .*/\1 $(word 2,$(subst ., ,$(VERSION)))/' \
		-e 's/^\(#define D360WEBHOOK_VERSION_PATCH\) .*/\1 $(word 3,$(subst ., ,$(VERSION)))/' include/d360webhook.h
	sed -i 's/"version": "[0-9.]*"/"version": "$(VERSION)"/' $(NODE)/package.json
	sed -i '1,9s/"version": "[0-9.]*"/"version": "$(VERSION)"/' Sources/Daemon/openapi.json
	sed -i 's/^\.Os .*/.Os "libd360webhook $(VERSION)"/' docs/d360-webhookd.8 docs/man/*.1

.PHONY: abi-check
abi-check: all
	@scripts/setup abi
	@scripts/abi check $(LIBRARY)

.PHONY: abi-record
abi-record: all
	@scripts/setup abi
	@scripts/abi record $(LIBRARY)

.PHONY: deb
deb:
	@scripts/setup deb
	@scripts/deb

# What it needs a root of its own for, and minutes: installing, upgrading, removing; the packages' tests; building twice.
.PHONY: deb-test
deb-test:
	@D360_SOAK=1 scripts/test Debian

# The same of the wheel, in bare Debians 11, 12 and 13; builds the C libraries if they are not there.
.PHONY: wheel-test
wheel-test:
	@D360_SOAK=1 scripts/test Wheel

.PHONY: format
format: venv
	swift format --in-place --parallel --recursive Package.swift Sources Tests
	build/venv/bin/ruff check --quiet --fix-only .
	build/venv/bin/ruff format --quiet .

.PHONY: lint
lint: venv
	swift format lint --strict --parallel --recursive Package.swift Sources Tests
	scripts/imports
	scripts/initializers
	scripts/words
	build/venv/bin/ruff check --quiet .
	build/venv/bin/ruff format --quiet --check .
	build/venv/bin/python scripts/types

# Which lines the tests run; a quarter of an hour or more. docs/coverage.md says what none runs, and why.
.PHONY: coverage
coverage: setup venv
	nice build/venv/bin/python scripts/coverage

.PHONY: clean
clean:
	rm -rf build .build

.PHONY: help
help:
	@echo "make            build build/$(LINK) and $(DAEMON)"
	@echo "make run        see it work: nine operations on two services, a lost answer, a fleet of 200; installs what is missing"
	@echo "make test       run every test; installs what is missing. make soak: the same with stress tests in full size"
	@echo "make bundle     build the library with its C libraries inside, for older systems, in $(BUNDLE)/lib"
	@echo "make wheel      build what pip installs, in $(WHEEL): the Python package with that library, the daemon. make wheel-test: try it"
	@echo "make ordinary   build the library as ordinary Swift too, in build/ordinary; make SWIFT_MODE=ordinary: instead"
	@echo "make node       build the addon of Node's package in bindings/node. make npm: with that library, packed in build/npm"
	@echo "make tsan       run the test of threads under ThreadSanitizer (make test does it too)"
	@echo "make bench      measure the library and the daemon beside others; installs what is missing. benchmarks/run has options"
	@echo "make setup      install the Debian packages that all of this needs (docs/dependencies.md)"
	@echo "make install    into DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) LIBDIR=$(LIBDIR); make uninstall takes it away"
	@echo "make manual     write the manual pages and the completion of d360-webhook anew, from the texts of its --help"
	@echo "make docs       make the site of all pages in build/site, with the C and the Python reference"
	@echo "make deb        build the Debian packages in build/deb and hold them to lintian. make deb-test: try them in a bare root"
	@echo "make abi-check  compare the library with the ABI on record (make abi-record writes it)"
	@echo "make version    write the version of Sources/WebhookModel/Version.swift wherever else it stands"
	@echo "make format     lay the code out, Swift and Python. make lint: say where it is not, check imports, initializers, words and types"
	@echo "make coverage   measure which lines of Swift and Python the tests run"
	@echo "make clean      remove build and .build"
