# SPDX-License-Identifier: GPL-2.0-or-later
#
# make repro	install what the build needs, build, run ./thpin repro
# make check	the same for the tests
# make help	all targets
#
# V=1 shows the commands.  Only deps, repro and check ever install packages.

ifeq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
ifneq ($(V),1)
QUIET_CC	= @echo '  CC $@';
QUIET_AR	= @echo '  AR $@';
QUIET_LINK	= @echo '  LINK $@';
QUIET_FUZZ	= @echo '  FUZZ $@';
QUIET		= @
endif
endif

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:

all: thpin
	@:

# These come before configure or do without it; any other target runs it.
UNCONFIGURED := repro check deps format picture clean distclean help
ifneq ($(filter-out $(UNCONFIGURED),$(or $(MAKECMDGOALS),all)),)
ifeq ($(filter deps,$(MAKECMDGOALS))$(wildcard config.mak),deps)
$(error What deps installs has to be there before configure looks: run "make deps" first, \
	then "make $(filter-out deps,$(MAKECMDGOALS))")
endif
include config.mak
endif

config.mak: configure
	@if test -x config.status; then ./config.status; else ./configure; fi

config.h: config.mak
	@test -f $@ || ./config.status

SRCS		:= $(sort $(wildcard src/*.c src/*/*.c src/*/*/*.c))
LIB_SRCS	:= $(filter-out src/main.c,$(SRCS))
OBJS		:= $(SRCS:.c=.o)
LIB_OBJS	:= $(LIB_SRCS:.c=.o)
TEST_SRCS	:= $(sort $(wildcard tests/unit/*.c tests/cli/*.c tests/live/*.c \
		     bench/*.c))
TESTS_BUILT	:= $(TEST_SRCS:.c=)
FUZZ_SRCS	:= $(sort $(wildcard tests/fuzz/*.c))
FUZZERS		:= $(FUZZ_SRCS:.c=)
MANPAGES	:= $(sort $(wildcard man/*.[1-8]))
COMPLETION	:= completion/thpin.bash
SHELL_SCRIPTS	:= $(sort configure .ci/run tests/run $(COMPLETION) \
		     $(wildcard scripts/* tests/*.sh tests/*/*.sh bench/*.sh) \
		     $(wildcard tests/vm/kernels tests/vm/record))
C_FILES		:= $(sort $(wildcard src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] \
		     tests/*.h tests/*/*.[ch] bench/*.c))

ALL_CPPFLAGS	= $(BASE_CFLAGS) -I. -Isrc $(CPPFLAGS)
ALL_CFLAGS	= $(ALL_CPPFLAGS) $(AUTO_CFLAGS) $(CFLAGS)
ALL_LDFLAGS	= $(AUTO_CFLAGS) $(CFLAGS) $(AUTO_LDFLAGS) $(LDFLAGS)
ALL_LIBS	= $(AUTO_LIBS) $(LIBS)
DEPFLAGS	= -MMD -MP -MF $*.d

$(OBJS): %.o: %.c config.h config.mak
	$(QUIET_CC)$(CC) $(ALL_CFLAGS) $(DEPFLAGS) -c -o $@ $<

libthpin.a: $(LIB_OBJS)
	@rm -f $@
	$(QUIET_AR)$(AR) rcs $@ $^

thpin: src/main.o libthpin.a
	$(QUIET_LINK)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(TESTS_BUILT): %: %.c libthpin.a config.h config.mak
	$(QUIET_CC)$(CC) $(ALL_CFLAGS) -Itests $(DEPFLAGS) $(ALL_LDFLAGS) \
		-o $@ $< libthpin.a $(ALL_LIBS)

-include $(OBJS:.o=.d) $(TESTS_BUILT:=.d)

# --- running -----------------------------------------------------------------

deps:
	@scripts/deps

# All CPUs, unless make was told how many.  In a recipe MAKEFLAGS has what it was told.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

# A loss, status 1, is an answer and no error of make.
repro:
	@scripts/deps
	@$(MAKE) $(jobs) all
	./thpin repro || [ $$? -eq 1 ]

# make check TESTS="tests/unit/foo tests/cli/bar.sh" runs only these.
check:
	@scripts/deps --check
	@$(MAKE) $(jobs) all tests
	$(QUIET)tests/run $(if $(filter 1,$(V)),-v) $(TESTS)

# In the tree, since a cross build cannot run what it has built; tests/cli/docs.sh
# checks that it is what thpin prints.
completion: thpin
	./thpin completion bash > $(COMPLETION)

tests: $(TESTS_BUILT)
	@:

bench: thpin $(patsubst %.c,%,$(wildcard bench/*.c))
	@for b in bench/*.sh; do \
		test -f "$$b" || continue; \
		echo "  BENCH $$b"; \
		THPIN=$(CURDIR)/thpin "$$b" || exit 1; \
	done

# The table of README and thpin(7), from the runs that tests/vm/record made
picture:
	$(QUIET)python3 tests/vm/picture.py $(wildcard tests/vm/recorded/*.json)

# --- installing --------------------------------------------------------------

INSTALL		:= install

# Lines of a recipe: one per file, as a file may be missing
define install_data
	$(INSTALL) -D -m 644 $(1) $(DESTDIR)$(2)

endef
man_path = $(MANDIR)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))

install: thpin
	$(INSTALL) -D -m 755 thpin $(DESTDIR)$(BINDIR)/thpin
	$(foreach m,$(MANPAGES),$(call install_data,$m,$(call man_path,$m)))
	$(foreach c,$(COMPLETION),$(call install_data,$c,$(BASHCOMPLETIONDIR)/thpin))

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/thpin
	rm -f $(foreach m,$(MANPAGES),$(DESTDIR)$(call man_path,$m))
	rm -f $(DESTDIR)$(BASHCOMPLETIONDIR)/thpin

dist:
	git archive --prefix=thpin-$(VERSION)/ -o thpin-$(VERSION).tar.gz HEAD

# --- checking the source -----------------------------------------------------

# A tool that is missing must not look like one that found nothing.
tool = @command -v $(1) >/dev/null || \
	{ echo "lint: $(1) is not installed" >&2; exit 1; }; echo '  LINT $(1)'

format:
	clang-format -i $(C_FILES)

lint: lint-format lint-tidy lint-cppcheck lint-shell lint-man

lint-format:
	$(call tool,clang-format)
	$(QUIET)clang-format --dry-run -Werror $(C_FILES)

# One file at a time: va_list confuses the analyzer from the second on.
lint-tidy: config.h
	$(call tool,clang-tidy)
	$(QUIET)printf '%s\n' $(SRCS) $(TEST_SRCS) $(FUZZ_SRCS) | \
		xargs -P 2 -I {} clang-tidy --quiet --warnings-as-errors='*' \
		{} -- $(ALL_CPPFLAGS) -Itests

# ctuuninitvar takes what a function fills in for what it reads.
lint-cppcheck: config.h
	$(call tool,cppcheck)
	$(QUIET)cppcheck --quiet --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability --std=c11 \
		--suppress=missingIncludeSystem --suppress=ctuuninitvar \
		-D__linux__ -D_GNU_SOURCE -I. -Isrc $(SRCS)

lint-shell:
	$(call tool,shellcheck)
	$(QUIET)shellcheck -x $(SHELL_SCRIPTS)

lint-man:
	$(call tool,mandoc)
	$(QUIET)mandoc -Tlint -W warning $(MANPAGES)

# --- fuzzing -----------------------------------------------------------------

FUZZ_CC		:= clang
FUZZ_FLAGS	:= -g -O1 -pthread -fsanitize=fuzzer,address,undefined

fuzz: $(FUZZERS)
	@test -n "$^" || echo "no fuzzers in tests/fuzz"

FUZZ_OBJS	:= $(LIB_SRCS:.c=.fuzz.o)

$(FUZZ_OBJS): %.fuzz.o: %.c config.h config.mak
	$(QUIET_FUZZ)$(FUZZ_CC) $(ALL_CPPFLAGS) $(FUZZ_FLAGS) -MMD -MP -MF $*.fuzz.d -c -o $@ $<

$(FUZZERS): %: %.c $(FUZZ_OBJS)
	$(QUIET_FUZZ)$(FUZZ_CC) $(ALL_CPPFLAGS) -Itests $(FUZZ_FLAGS) -MMD -MP -MF $*.d \
		-o $@ $< $(FUZZ_OBJS) $(ALL_LIBS)

-include $(FUZZ_OBJS:.o=.d) $(FUZZERS:=.d)

# --- cleaning ----------------------------------------------------------------

clean:
	rm -f thpin libthpin.a src/*.[od] src/*/*.[od] src/*/*/*.[od]
	rm -f tests/*/*.d bench/*.d $(TESTS_BUILT) $(FUZZERS)

distclean: clean
	rm -f config.h config.mak config.log config.status thpin-*.tar.gz

help:
	@echo 'all        build ./thpin (runs ./configure where needed)'
	@echo 'repro      install build dependencies, build, run ./thpin repro'
	@echo 'check      install test dependencies too, build, run all tests'
	@echo 'deps       install build dependencies'
	@echo 'tests      build the tests'
	@echo 'bench      run the benchmarks'
	@echo 'picture    remake the table of kernels in README and thpin(7)'
	@echo 'fuzz       build the fuzzers for tests/fuzz/run.sh'
	@echo 'lint       check style, C, shell scripts and manual pages'
	@echo 'format     reformat the C sources with clang-format'
	@echo 'install    honours DESTDIR and PREFIX; so does uninstall'
	@echo 'dist       make thpin-VERSION.tar.gz'
	@echo 'clean      remove what was built'
	@echo 'distclean  remove the configuration too'

.PHONY: all deps repro check completion tests bench install uninstall dist format lint \
	lint-format lint-tidy lint-cppcheck lint-shell lint-man fuzz picture clean \
	distclean help
