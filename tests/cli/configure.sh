#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
# cores: 1
#
# The build: configure with its options, the Makefile, the install.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"

unset CPPFLAGS CFLAGS LDFLAGS LIBS PKG_CONFIG DESTDIR PREFIX V
build=CFLAGS=-O0 # only whether it compiles is asked: that takes half the time

# --- a copy of the tree, without anything that was built ---------------------

top=$(dirname "$TESTDIR")
tree=$TMPDIR/tree
mkdir "$tree"
(
	cd "$top" || exit 1
	if git ls-files --error-unmatch configure >/dev/null 2>&1; then
		git ls-files -z --cached --others --exclude-standard |
			tar -c --null --ignore-failed-read -T - 2>/dev/null
	else
		tar -c --exclude=.git --exclude='*.o' .
	fi
) | tar -x -C "$tree"
cd "$tree" || bail_out "cannot copy the tree"
make distclean >/dev/null || bail_out "make distclean"

# --- its command line --------------------------------------------------------

like "--help lists the options" "$(./configure --help)" '^ *--without-NAME'

said=$(./configure --enable-everything 2>&1)
is "unknown option: exit status" $? 1
like "unknown option: says what to do" "$said" 'unknown option --enable-everything.*--help'

./configure libnuma >/dev/null 2>&1
is "argument that is no option" $? 1

# --- libraries that are not there --------------------------------------------

# hide HEADER: as far as the compiler sees
hide() {
	rm -rf "$TMPDIR/hide"
	mkdir -p "$TMPDIR/hide/$(dirname "$1")"
	echo '#error "not installed"' >"$TMPDIR/hide/$1"
}

without() {
	./configure PKG_CONFIG=false CPPFLAGS="-I$TMPDIR/hide" "$@" 2>&1
}

hide libsmartcols/libsmartcols.h
said=$(without)
is "libsmartcols missing: exit status" $? 1
like "libsmartcols missing: names the packages" "$said" 'libsmartcols-dev, .*libsmartcols-devel'

hide jansson.h
said=$(without)
is "jansson missing: exit status" $? 1
like "jansson missing: names the packages" "$said" 'libjansson-dev, .*jansson-devel'

hide liburing.h
said=$(without)
is "liburing missing: exit status" $? 0
like "liburing missing: summary" "$said" 'liburing +off +.*liburing-dev not found'
like "liburing missing: config.h" "$(cat config.h)" \
	'^#define LIBURING_REASON "built without liburing \(liburing-dev not found\)"'
said=$(without --with-liburing)
is "liburing missing, --with-liburing: exit status" $? 1
like "liburing missing, --with-liburing: says so" "$said" '--with-liburing.*liburing-dev not found'

# --- without each library ----------------------------------------------------

for lib in liburing libnuma libpfm libkmod libarchive zlib libbpf libibverbs; do
	name=$(echo $lib | tr '[:lower:]' '[:upper:]')
	ok "--without-$lib" ./configure --without-$lib
	like "--without-$lib: config.h" "$(cat config.h)" "^#define HAVE_$name 0"
	like "--without-$lib: reason" "$(cat config.h)" \
		"^#define ${name}_REASON \"built with --without-$lib\""
	objects=$(grep -rl -e "HAVE_$name" -e "${name}_REASON" src | sed -n 's/\.c$/.o/p')
	# shellcheck disable=SC2086 # a list of words
	ok "--without-$lib: what depends on it compiles" make $build config.h $objects
done

ok "without all of them" ./configure --without-liburing --without-libnuma --without-libpfm \
	--without-libkmod --without-libarchive --without-zlib --without-libbpf \
	--without-libibverbs
ok "without all of them: builds" make $build
if readelf -d thpin >/dev/null 2>&1; then
	is "without all of them: links none" \
		"$(readelf -d thpin | grep -E 'NEEDED.*lib(uring|numa|pfm|z|bpf)\.')" ""
else
	skip "without all of them: links none" "no readelf"
fi

# --- building again ----------------------------------------------------------

ok "make has nothing left to do" make -q thpin
touch configure
make config.mak >/dev/null
like "configure again keeps the options" "$(cat config.h)" '^#define HAVE_LIBNUMA 0'
is "configure again rebuilds" "$(make -q thpin; echo $?)" 1

ok "CFLAGS" ./configure CFLAGS='-O1 -g3'
like "CFLAGS: config.mak" "$(cat config.mak)" '^CFLAGS = -O1 -g3$'
touch configure
make config.mak >/dev/null
like "CFLAGS: kept" "$(cat config.mak)" '^CFLAGS = -O1 -g3$'

# --- installing --------------------------------------------------------------

# installed BINDIR MANDIR COMPLETIONDIR: what belongs there, sorted
installed() {
	{
		echo "$1/thpin"
		for page in man/*.[1-8]; do
			[ ! -f "$page" ] || echo "$2/man${page##*.}/${page#man/}"
		done
		[ ! -f completion/thpin.bash ] || echo "$3/thpin"
	} | sort
}

found() {
	(cd "$1" && find . ! -type d | sed 's/^\.//' | sort)
}

make distclean >/dev/null
like "make deps tests: says what to do" "$(make deps tests 2>&1)" 'run "make deps" first, then "make tests"'
ok "make configures" make $build
find . | sort >"$TMPDIR/before"
ok "install" make install DESTDIR="$TMPDIR/one" PREFIX=/usr
is "install: DESTDIR and PREFIX" "$(found "$TMPDIR/one")" \
	"$(installed /usr/bin /usr/share/man /usr/share/bash-completion/completions)"
is "install: mode of the program" "$(stat -c %a "$TMPDIR/one/usr/bin/thpin")" 755
find . | sort >"$TMPDIR/after"
ok "install: leaves the tree alone" diff "$TMPDIR/before" "$TMPDIR/after"
ok "uninstall" make uninstall DESTDIR="$TMPDIR/one" PREFIX=/usr
is "uninstall: all gone" "$(found "$TMPDIR/one")" ""

ok "directories of configure" ./configure --prefix=/opt/t --bindir=/sbin --mandir=/man \
	--bashcompletiondir=/complete
# Nothing that is compiled has changed.
ok "directories of configure: install" make -o config.mak -o config.h install DESTDIR="$TMPDIR/two"
is "directories of configure: used" "$(found "$TMPDIR/two")" \
	"$(installed /sbin /man /complete)"

# --- clang -------------------------------------------------------------------

if command -v clang >/dev/null; then
	make distclean >/dev/null
	ok "CC=clang" ./configure CC=clang
	ok "CC=clang: builds without warnings" make $build
else
	skip "CC=clang: builds without warnings" "clang is not installed"
fi

# --- shell scripts -----------------------------------------------------------

for script in configure scripts/deps tests/run tests/tap.sh .ci/run; do
	if command -v shellcheck >/dev/null; then
		ok "shellcheck $script" shellcheck -x $script
	else
		skip "shellcheck $script" "shellcheck is not installed"
	fi
done

done_testing
