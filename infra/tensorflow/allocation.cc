// Compiled into the addon: keeps memory of freed tensors in the process.
//
// glibc returns every block above 128 KiB (later up to 32 MiB) to the system when it is freed. A training step frees and takes
// the same megabytes a hundred times, and each time the system hands them out zeroed, page by page: a tenth of the whole step.
#include <malloc.h>

__attribute__((constructor)) static void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}
