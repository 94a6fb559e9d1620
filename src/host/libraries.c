// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/libraries.h"

#include "config.h"

const struct library library_list[] = {
	{ "libsmartcols", LIBSMARTCOLS_BUILD_VERSION, NULL },
	{ "jansson", JANSSON_BUILD_VERSION, NULL },
#if HAVE_LIBURING
	{ "liburing", LIBURING_BUILD_VERSION, NULL },
#else
	{ "liburing", "", LIBURING_REASON },
#endif
#if HAVE_LIBNUMA
	{ "libnuma", LIBNUMA_BUILD_VERSION, NULL },
#else
	{ "libnuma", "", LIBNUMA_REASON },
#endif
#if HAVE_LIBPFM
	{ "libpfm", LIBPFM_BUILD_VERSION, NULL },
#else
	{ "libpfm", "", LIBPFM_REASON },
#endif
#if HAVE_LIBKMOD
	{ "libkmod", LIBKMOD_BUILD_VERSION, NULL },
#else
	{ "libkmod", "", LIBKMOD_REASON },
#endif
#if HAVE_LIBARCHIVE
	{ "libarchive", LIBARCHIVE_BUILD_VERSION, NULL },
#else
	{ "libarchive", "", LIBARCHIVE_REASON },
#endif
#if HAVE_ZLIB
	{ "zlib", ZLIB_BUILD_VERSION, NULL },
#else
	{ "zlib", "", ZLIB_REASON },
#endif
#if HAVE_LIBBPF
	{ "libbpf", LIBBPF_BUILD_VERSION, NULL },
#else
	{ "libbpf", "", LIBBPF_REASON },
#endif
#if HAVE_LIBIBVERBS
	{ "libibverbs", LIBIBVERBS_BUILD_VERSION, NULL },
#else
	{ "libibverbs", "", LIBIBVERBS_REASON },
#endif
};

const size_t library_list_count = sizeof(library_list) / sizeof(library_list[0]);
