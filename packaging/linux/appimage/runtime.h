/* What the parts of the AppImage's runtime have in common; runtime.c tells how they work together. */
#ifndef TORSEND_RUNTIME_H
#define TORSEND_RUNTIME_H

#include <squashfuse/ll.h>

#include <stdint.h>
#include <sys/types.h>

#define SELF "/proc/self/exe"
/* In the image: which blocks of which files a window's start reads; see ahead.c. */
#define EARLY "early"
/* As mksquashfs was told (__init__.py). */
#define BLOCK 131072

/* image.c: where it begins in this file; find_image gives -1 where there is none. */
extern sqfs_off_t image_offset;
int find_image(void);
/* Goes through the image. With `write` it is unpacked into the working folder; without, its files' bytes are added up. */
int walk(int write, uint64_t *bytes);

/* folder.c: BASE/torsend-run-XXXXXX, its app below, and the flock(2) on it. */
extern char folder[], app[];
extern int lock_fd;
int make_folder_somewhere(uint64_t bytes, int runs);
void remove_tree(const char *path);
pid_t start_unmount(const char *where, int lazy);

/* mount.c */
struct fuse_session *mount_image(sqfs_ll **image);
/* Answers the kernel until the program has ended and the mount is gone; `stored`: of store_early. */
void serve(struct fuse_session *session, int ended, int stored);

/* ahead.c */
/* By the process that becomes the program: so the kernel knows what is going to be stored. */
void look_up_early(const char *mounted);
/* Begins to store it, when the other end of `looked_up` is closed. What it gives is readable when answer_stored has something to
 * do; -1: nothing is stored. */
int store_early(struct fuse_session *session, sqfs_ll *image, int looked_up);
/* Whether it is of a file that is yet to be stored: then it is answered by answer_stored. */
int waits_for_store(fuse_req_t request, fuse_ino_t number, const struct fuse_file_info *info);
void answer_stored(void (*answer)(fuse_req_t, fuse_ino_t, struct fuse_file_info *));
void stop_storing(void);
/* Unpacks a block of zstd in what the thread has for it, where squashfuse makes that anew for each. */
sqfs_err unpack_zstd(void *in, size_t in_size, void *out, size_t *out_size);

#endif
