// SPDX-License-Identifier: GPL-2.0-or-later
#include "pins/pins.h"

#include <stdio.h>

#include "util/names.h"

extern const struct pin_ops pin_odirect_read, pin_odirect_write, pin_odirect_block;
extern const struct pin_ops pin_odirect_file;
extern const struct pin_ops pin_uring_fixed, pin_vmsplice;
extern const struct pin_ops pin_aio, pin_uring_odirect;
extern const struct pin_ops pin_rdma, pin_rdma_odp;
extern const struct pin_ops pin_vfio, pin_vfio_ro;
extern const struct pin_ops pin_gup_test_slow, pin_gup_test_fast;
extern const struct pin_ops pin_gup_test_slow_ro, pin_gup_test_fast_ro;
extern const struct pin_ops pin_udmabuf, pin_msg_zerocopy, pin_uring_send_zc;
extern const struct pin_ops pin_uring_send_zc_fixed;
extern const struct pin_ops pin_process_vm, pin_process_vm_ro;
extern const struct pin_ops pin_xdp_umem, pin_xdp_umem_tx;

const struct pin_ops *const pin_list[] = {
	&pin_odirect_read,
	&pin_odirect_write,
	&pin_odirect_block,
	&pin_odirect_file,
	&pin_uring_fixed,
	&pin_vmsplice,
	&pin_aio,
	&pin_uring_odirect,
	&pin_rdma,
	&pin_rdma_odp,
	&pin_vfio,
	&pin_vfio_ro,
	&pin_gup_test_slow,
	&pin_gup_test_fast,
	&pin_gup_test_slow_ro,
	&pin_gup_test_fast_ro,
	&pin_udmabuf,
	&pin_msg_zerocopy,
	&pin_uring_send_zc,
	&pin_uring_send_zc_fixed,
	&pin_process_vm,
	&pin_process_vm_ro,
	&pin_xdp_umem,
	&pin_xdp_umem_tx,
};

const size_t pin_list_count = sizeof(pin_list) / sizeof(pin_list[0]);

const char *pin_name_at(const void *unused, size_t i)
{
	(void)unused;
	return pin_list[i]->name;
}

char *pin_transfers(const struct pin *pin, unsigned pages, char *text, size_t size)
{
	unsigned count = 0;

	for (unsigned i = 0; pin->sample && i < pages; i++)
		count += pin->sample[i];
	if (pin->sample)
		snprintf(text, size, "%u of %u pages", count, pages);
	else if (pages == 1)
		snprintf(text, size, "the page");
	else
		snprintf(text, size, "all %u pages", pages);
	return text;
}

int pin_take(struct pin *pin, struct region *region, struct reason *why)
{
	bool file = region->fd >= 0 && !(region->ops->traits & MEMORY_MEMFD);
	int err = pin->ops->take(pin, region, why);

	if (err == -EFAULT && file && pin->ops->class(region->host) == PIN_CLASS_LONGTERM)
		return fail(why, ENOTSUP,
			    "the kernel takes no long-term pin of this file's memory (8ac268436e6d)");
	if (!err)
		pin->region = region;
	return err;
}

char *pin_taken(const struct pin *pin, enum pin_class class, size_t bytes, char *text, size_t size)
{
	char many[16];

	snprintf(text, size, "%s %s (%s)", class == PIN_CLASS_ODP ? "registers" : "pins",
		 size_text(bytes, many, sizeof(many)), pin->ops->held_by);
	return text;
}

int fail_descriptors(struct reason *why, int err, const char *what)
{
	if (err == EMFILE)
		return fail(why, ENOTSUP,
			    "%s: RLIMIT_NOFILE too small (raise ulimit -n) for this --size", what);
	return fail_errno(why, err, "%s", what);
}

int fail_late(struct reason *why, const char *what, unsigned patience_ms)
{
	return fail(why, ETIMEDOUT, "%s: not done within %u.%u s (a slow machine: repro --timeout)",
		    what, patience_ms / 1000, patience_ms % 1000 / 100);
}
