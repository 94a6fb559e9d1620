// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Maps of iommufd (CONFIG_IOMMUFD, 6.2): none of the kernels that thpin is tested on has
 * it, and what was never tried is not guessed at. Where there is a /dev/iommu, that is
 * said; what it pins is found as unattributed.
 */
#include <unistd.h>

#include "inspect/holders.h"

#define DEVICE "/dev/iommu"

static int learn_iommufd(struct search *search, void **state, struct reason *why)
{
	(void)search;
	(void)state;
	if (access(DEVICE, F_OK))
		return fail_errno(why, ENODEV, DEVICE);
	return fail(why, EOPNOTSUPP,
		    "what " DEVICE " maps is not read, as no kernel that thpin was tested on "
		    "has it");
}

const struct holder_source holder_iommufd = {
	.kind = HOLDER_IOMMUFD,
	.learn = learn_iommufd,
};
