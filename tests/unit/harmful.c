// SPDX-License-Identifier: GPL-2.0-or-later
/* Pins that would harm the kernels that they are refused on. */
#include <string.h>

#include "host/host.h"
#include "pins/pins.h"
#include "tap.h"

extern const struct pin_ops pin_xdp_umem, pin_xdp_umem_tx;

/* Does @pin refuse Linux @kernel for a reason with @word in it? */
static void judged(const struct pin_ops *pin, unsigned kernel, const char *word, bool refused)
{
	struct host host = { .kernel = kernel, .page_size = 4096 };
	struct reason why = { "" };
	int err = pin->probe(&host, &why);

	ok((err < 0 && strstr(why.text, word)) == refused, "%s, Linux %u.%u.%u: %s", pin->name,
	   kernel >> 16, kernel >> 8 & 255, kernel & 255, refused ? "refused" : "not for that");
}

int main(void)
{
	judged(&pin_xdp_umem, KERNEL(6, 12) | 107, "panic", false);
	judged(&pin_xdp_umem, KERNEL(6, 16) | 12, "panic", true);
	judged(&pin_xdp_umem, KERNEL(6, 17) | 8, "panic", true);
	judged(&pin_xdp_umem_tx, KERNEL(6, 17) | 8, "panic", true);
	judged(&pin_xdp_umem, KERNEL(6, 17) | 13, "panic", false);
	judged(&pin_xdp_umem, KERNEL(6, 18), "panic", false);
	return done_testing();
}
