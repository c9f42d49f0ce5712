# Makefile - builds, runs, tests and installs xendeck. GNU make; `make help`
# lists the targets. All that is made stands under $(BUILD).

VERSION := 0.1.0

CC      ?= cc
CFLAGS  ?= -O2 -g
# Of `make run`, where somebody waits for the first look: -O2 -g takes half as
# long again.
QUICK_CFLAGS ?= -O1
HARDEN  ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
HARDEN_LD ?= -pie -Wl,-z,relro,-z,now -Wl,--as-needed
BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 10

WARN := -Wall -Wextra -Wshadow -Wconversion
DEFS := -D_GNU_SOURCE -DXENDECK_VERSION='"$(VERSION)"' \
	-DXENDECK_DATADIR='"$(PREFIX)/share/xendeck"'

# --- libraries: looked up when a recipe runs, because in `make deps run` they
# --- appear on the way. Each lookup is made once.
PKG_CONFIG ?= pkg-config
PKGS := xencontrol xenguest xenstore xenevtchn xentoollog xlutil xenlight \
	ncursesw tinfo vterm libconfig json-c libzstd
# Loaded by the process that needs it alone (engine/tls/tls_lib.h).
LOADED := gnutls
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell $(PKG_CONFIG) --cflags-only-I $(PKGS) $(LOADED)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell $(PKG_CONFIG) --libs $(PKGS)))$(PKG_LIBS)
TEST_LIBS  = $(eval TEST_LIBS := $$(shell $(PKG_CONFIG) --libs cmocka $(LOADED)))$(TEST_LIBS)

BASE_FLAGS = -std=gnu17 $(WARN) $(DEFS) -I.
COMPILE = $(CC) $(BASE_FLAGS) $(HARDEN) $(CFLAGS) $(CPPFLAGS) $(PKG_CFLAGS)
LINK    = $(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS)

# V=1 shows the commands.
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-5s %s\n' $1 $@)

# --- sources
tree = $(sort $(wildcard $1/*.c $1/*/*.c $1/*/*/*.c $1/*/*/*/*.c))

BASE_SRC   := $(call tree,src/base)
ENGINE_SRC := $(call tree,engine)
UI_SRC     := $(call tree,ui) $(call tree,src/command)
FRONT_SRC  := $(filter-out src/main.c,$(wildcard src/*.c src/attach/*.c))
MAIN_SRC   := $(wildcard src/main.c)

obj = $(patsubst %.c,$(BUILD)/%.o,$1)

# By layer, each resting on those to its right.
LAYERS := front ui engine base
LIBS   := $(foreach l,$(LAYERS),$(BUILD)/lib$l.a)
front_OBJ  := $(call obj,$(FRONT_SRC))
ui_OBJ     := $(call obj,$(UI_SRC))
engine_OBJ := $(call obj,$(ENGINE_SRC))
base_OBJ   := $(call obj,$(BASE_SRC))
MAIN_OBJ   := $(call obj,$(MAIN_SRC))

# --- tests: each test_*.c is a program; what else lies beside them is shared
SUITES    := unit sim screen
TEST_SRC  := $(wildcard $(SUITES:%=tests/%/test_*.c))
TESTS     := $(patsubst %.c,$(BUILD)/%,$(TEST_SRC))
HELP_SRC  := $(filter-out $(TEST_SRC),$(wildcard $(SUITES:%=tests/%/*.c)))
HELP_LIB  := $(BUILD)/libtests.a
HELP_OBJ  := $(call obj,$(HELP_SRC))
FUZZ_SRC  := $(wildcard tests/fuzz/fuzz_*.c)
FUZZERS   := $(patsubst %.c,$(BUILD)/%,$(FUZZ_SRC))
# `bench` is made of what lies there but pane.c, a program of its own.
BENCH_SRC := $(wildcard tests/bench/*.c)
BENCH_OBJ := $(call obj,$(filter-out tests/bench/bare_pane.c,$(BENCH_SRC)))
MINIKERNEL := $(patsubst tests/data/%.S,$(BUILD)/tests/%,\
	$(wildcard tests/data/minikernel.S))

ALL_OBJ := $(foreach l,$(LAYERS),$($l_OBJ)) $(MAIN_OBJ)
DEP_OBJ := $(ALL_OBJ) $(HELP_OBJ) \
	$(call obj,$(TEST_SRC) $(FUZZ_SRC) $(BENCH_SRC))

.DELETE_ON_ERROR:
.SUFFIXES:
ifneq ($(filter deps-test,$(MAKECMDGOALS)),)
.NOTPARALLEL: # `make -j deps-test check` installs first
endif

.PHONY: all
all: $(BUILD)/xendeck $(MINIKERNEL) ## build the program (default)

$(BUILD)/xendeck: $(MAIN_OBJ) $(LIBS)
	@test -n "$(MAIN_OBJ)" || { echo "src/main.c is missing" >&2; exit 1; }
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $(MAIN_OBJ) $(LIBS) $(PKG_LIBS)

# A change of flags, or a source that came or went, rebuilds what it touches:
# the record is rewritten only if it differs.
record = @mkdir -p $(@D); printf '%s\n' $1 | cmp -s - $@ || \
	printf '%s\n' $1 >$@

.PHONY: force
$(BUILD)/flags: force
	$(call record,'$(subst ','"'"',$(CC) $(BASE_FLAGS) $(HARDEN) $(CFLAGS) \
	    $(CPPFLAGS) | $(LDFLAGS))')

# `make deps run` installs first.
$(BUILD)/libs-found: Makefile | $(filter deps deps-test,$(MAKECMDGOALS))
	@command -v $(PKG_CONFIG) >/dev/null || \
	    { echo "$(PKG_CONFIG) is missing: run 'make deps'" >&2; exit 1; }
	@for p in $(PKGS) $(LOADED); do $(PKG_CONFIG) --exists $$p || missing=1; done; \
	[ -z "$$missing" ] || { for p in $(PKGS) $(LOADED); do \
	    $(PKG_CONFIG) --exists $$p || printf '%s ' "$$p"; done >&2; \
	    echo "not found by $(PKG_CONFIG): run 'make deps'" >&2; exit 1; }
	@mkdir -p $(@D) && touch $@

define layer_rules
$(BUILD)/$1.list: force
	$$(call record,'$($1_OBJ)')

$(BUILD)/lib$1.a: $($1_OBJ) $(BUILD)/$1.list
	@rm -f $$@
	$$(call say,AR)
	$(Q)$$(AR) rcsT $$@ $($1_OBJ)
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rules,$l)))

# One shell a file: there are hundreds.
$(BUILD)/%.o: %.c $(BUILD)/flags | $(BUILD)/libs-found
	$(Q)mkdir -p $(@D); $(if $(V),,printf '  CC    %s\n' $@;) \
	    $(COMPILE) -pipe -MMD -MP -c -o $@ $<

# A Xen PV kernel of a few instructions, for creations that need a real image.
# With nothing of the host's C in it: freestanding and at a fixed address.
$(BUILD)/tests/minikernel: tests/data/minikernel.S $(BUILD)/flags \
    | $(BUILD)/libs-found
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) -nostdlib -static -Wl,--build-id=none \
	    -Wl,-z,noseparate-code -o $@ $<

-include $(DEP_OBJ:.o=.d)

# --- running and testing
.PHONY: run
run: | $(filter deps deps-test,$(MAKECMDGOALS))
run: ## build in a hurry and start: on a simulated host unless this is a dom0
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/quick \
	    CFLAGS='$(QUICK_CFLAGS)' start

.PHONY: start
start: $(BUILD)/xendeck
	@if grep -qs control_d /proc/xen/capabilities; \
	then exec $(BUILD)/xendeck $(ARGS); \
	else exec $(BUILD)/xendeck --sim $(ARGS); fi

$(HELP_LIB): $(HELP_OBJ) Makefile
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $(HELP_OBJ)

$(TESTS): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(HELP_LIB) $(LIBS)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $< $(HELP_LIB) $(LIBS) $(TEST_LIBS) $(PKG_LIBS)

.PHONY: tests
tests: $(TESTS) $(MINIKERNEL) ## build the test programs

.PHONY: check
check: ## build and run the unit, sim and screen suites
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory -k tests || :
	@BUILD=$(BUILD) tests/run.sh $(TESTS)

# Programs that read hostile data end at the first wrong step.
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined

.PHONY: asan
asan: ## the same under AddressSanitizer and UBSan, in build/asan
	@XENDECK_CAMPAIGN_STEP=9 \
	    $(MAKE) --no-print-directory BUILD=build/asan HARDEN= HARDEN_LD= \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SAN)' check

# The lab boots the Xen of XEN: Debian 12's, or with 4.20 Debian 13's.
XEN   ?= 4.17
PARTS ?=
.PHONY: check-xen
check-xen: all ## tests on a real Xen (XEN=4.17) in an emulated machine (root)
	XEN=$(XEN) bash tests/xen/lab.sh setup
	XEN=$(XEN) bash tests/xen/parts.sh $(PARTS)

.PHONY: bench-xen
bench-xen: ## what xl does, too, beside xl on that Xen: a table for each kind
	@$(MAKE) --no-print-directory check-xen \
	    PARTS='$(or $(PARTS),times times_lives times_pvh times_hvm)'

.PHONY: check-debian
check-debian: ## the unit and sim suites on the Debian that has XEN (root)
	bash tests/xen/tree.sh make $(XEN)
	bash tests/xen/tree.sh run $(XEN) make -j$$(nproc) \
	    BUILD=build/xen-$(XEN) CFLAGS='$(CFLAGS)' SUITES='unit sim' XENDECK_CAMPAIGN_STEP=9 check

.PHONY: check-xen-all
check-xen-all: ## all parts, on 4.17 and on 4.20, and migration
	tests/xen/repeat.sh 4.17 4.17 4.17 4.20
	$(MAKE) check
	$(MAKE) check-xen PARTS=at-length
	$(MAKE) check-xen PARTS=at-length XEN=4.20
	bash tests/xen/move-hosts.sh
	bash tests/xen/across.sh

$(FUZZERS): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(LIBS)
	$(call say,LINK)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $< $(LIBS) $(PKG_LIBS)

.PHONY: fuzzers
fuzzers: $(FUZZERS)

.PHONY: fuzz
fuzz: ## each fuzzer for FUZZ_SECONDS (10), with clang, in build/fuzz
	@$(MAKE) --no-print-directory -k BUILD=build/fuzz CC=clang HARDEN= \
	    HARDEN_LD= CFLAGS='-O1 -g -fno-omit-frame-pointer \
	    -fsanitize=fuzzer-no-link $(SAN)' fuzzers || :
	@FUZZ_SECONDS=$(FUZZ_SECONDS) BUILD=build/fuzz \
	    tests/fuzz/run.sh $(FUZZ_SRC)

$(BUILD)/tests/bench/bench: $(BENCH_OBJ) $(LIBS)
$(BUILD)/tests/bench/bare_pane: $(BUILD)/tests/bench/bare_pane.o $(LIBS)
$(BUILD)/tests/bench/bench $(BUILD)/tests/bench/bare_pane:
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(PKG_LIBS)

.PHONY: bench
bench: all $(BUILD)/tests/bench/bench $(BUILD)/tests/bench/bare_pane
bench: ## the benchmarks, beside their budgets
	@BUILD=$(BUILD) tests/bench/run.sh

.PHONY: pictures
pictures: all ## render the README's picture from the real screen
	tests/screen/pictures.sh

.PHONY: lint
lint: $(ALL_OBJ) ## format, clang-tidy, cppcheck, manual, rooms, headers
	@BUILD=$(BUILD) LINT_FLAGS="$(subst ",\",$(BASE_FLAGS)) $(PKG_CFLAGS)" \
	    tests/lint.sh

# --- installing
sbin := $(DESTDIR)$(PREFIX)/sbin
units := $(DESTDIR)$(PREFIX)/lib/systemd/system
man  := $(DESTDIR)$(PREFIX)/share/man
data := $(DESTDIR)$(PREFIX)/share/xendeck
bash := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zsh  := $(DESTDIR)$(PREFIX)/share/zsh/site-functions
MAN1   := $(wildcard man/*.1)
MAN5   := $(wildcard man/*.5)
THEMES := $(wildcard themes/*.theme)
COMPLETION := $(wildcard contrib/completion/xendeck.bash)

.PHONY: install
install: all ## to PREFIX (/usr/local), below DESTDIR
	install -d $(sbin) $(man)/man1 $(man)/man5 $(data)/themes $(bash) $(zsh)
	install -m 755 $(BUILD)/xendeck $(sbin)/
	$(if $(MAN1),install -m 644 $(MAN1) $(man)/man1/)
	$(if $(MAN5),install -m 644 $(MAN5) $(man)/man5/)
	$(if $(THEMES),install -m 644 $(THEMES) $(data)/themes/)
	$(if $(COMPLETION),install -m 644 $(COMPLETION) $(bash)/xendeck)
	install -m 644 contrib/completion/_xendeck $(zsh)/
	install -d $(units)
	sed 's|@SBIN@|$(PREFIX)/sbin|' contrib/systemd/xendeck.service \
	    >$(units)/xendeck.service
	chmod 644 $(units)/xendeck.service
	sed 's|@SBIN@|$(PREFIX)/sbin|' contrib/systemd/xendeck-domains.service \
	    >$(units)/xendeck-domains.service
	chmod 644 $(units)/xendeck-domains.service
	install -m 644 contrib/systemd/xendeck.socket $(units)/

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f $(sbin)/xendeck $(bash)/xendeck $(zsh)/_xendeck $(units)/xendeck.service \
	    $(units)/xendeck-domains.service $(units)/xendeck.socket
	rm -f $(MAN1:man/%=$(man)/man1/%) $(MAN5:man/%=$(man)/man5/%)
	rm -f $(THEMES:%=$(data)/%)
	-rmdir $(data)/themes $(data) 2>/dev/null

# --- packages, by their Debian names
DEPS := gcc libc6-dev binutils pkgconf libxen-dev libncurses-dev \
	libvterm-dev libconfig-dev libjson-c-dev libzstd-dev libgnutls28-dev
# What else the tests, the linter and .ci/run need: DOM0_DEPS is what a dom0
# of the lab has in its root, LAB_DEPS what emulates the machine around it.
# llvm names the functions of a leak: tests/lsan.supp goes by them.
CHECK_DEPS := libcmocka-dev clang clang-format clang-tidy libclang-rt-dev \
	llvm cppcheck mandoc shellcheck
DOM0_DEPS := xenstore-utils qemu-system-xen seabios kmod iproute2 e2fsprogs \
	procps psmisc mount tmux python3 zstd ovmf
LAB_DEPS  := qemu-system-x86 busybox-static cpio xz-utils zstd \
	debootstrap
# The newest Xen that this Debian has: 4.17 on Debian 12, 4.20 on Debian 13.
xen_version = apt-cache pkgnames xen-utils-4 | \
	sed -n 's/^xen-utils-\(4\.[0-9]*\)$$/\1/p' | sort -V | tail -n 1
SUDO = $$([ "$$(id -u)" = 0 ] || command -v sudo)
APT  = $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
	--no-install-recommends -o APT::Keep-Downloaded-Packages=false

# Elsewhere than on Debian: the names of the packages.
name_packages = { echo "no apt-get here; the packages by their Debian names:"; \
	printf '  %s\n' $1; }

.PHONY: deps
deps: ## install the packages that building and running needs
	@if command -v apt-get >/dev/null; then $(APT) $(DEPS); \
	else $(call name_packages,$(DEPS)); fi

# Debian's hypervisor package makes Xen the default of the boot loader. A
# machine that has one does without: check-xen then boots a tree of its own.
.PHONY: deps-test
deps-test: deps ## install also what all tests and the linter need
	@if command -v apt-get >/dev/null; then \
	    v=$$($(xen_version)); \
	    command -v update-grub >/dev/null || \
	        hypervisor=xen-hypervisor-$$v-amd64; \
	    $(APT) $(CHECK_DEPS) $(DOM0_DEPS) xen-utils-$$v $(LAB_DEPS) \
	        $$hypervisor; \
	else $(call name_packages,$(CHECK_DEPS) $(DOM0_DEPS) $(LAB_DEPS) \
	    xen-utils xen-hypervisor); fi

# Run by tests/xen/tree.sh inside a tree that is a dom0's root.
.PHONY: deps-dom0
deps-dom0: deps
	@v=$$($(xen_version)); $(APT) libcmocka-dev $(DOM0_DEPS) \
	    xen-utils-$$v xen-hypervisor-$$v-amd64

.PHONY: clean
clean: ## remove what was built; build/lab (downloads) stays
	@if [ -d $(BUILD) ]; then \
	    find $(BUILD) -mindepth 1 -maxdepth 1 ! -name lab \
	        -exec rm -rf {} +; fi

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | \
	    while IFS='	' read -r t h; do printf '  %-14s %s\n' "$$t" "$$h"; done
