/* The image as a file system: mounted, and served until the program has ended. */
#include "runtime.h"

#include <errno.h>
#include <fuse3/fuse_log.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

/* How long what the program started may use the image after it: its Tor ends by itself, within moments. */
#define LINGER_MS 10000
#define RETRY_MS 100
/* Blocks of 128 KiB that are kept unpacked, of files and of their ends. */
#define CACHED 64

/* The image never changes: what the kernel has read of a file it may keep for the next that opens it. */
static void open_kept(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *file)
{
    file->keep_cache = 1;
    sqfs_ll_op_open(request, inode, file);
}

/* Whoever opens a file that is just being stored is answered when it is. */
static void open_file(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *file)
{
    if (!waits_for_store(request, inode, file))
        open_kept(request, inode, file);
}

#ifdef WATCH
/* For watch.py alone: writes down, in the file that WATCH names, every file and each page that is asked for. */
static FILE *watched;

static void take_single_pages(void *unused, struct fuse_conn_info *connection)
{
    (void)unused;
    connection->max_readahead = 0;
}

static void read_watched(fuse_req_t request, fuse_ino_t inode, size_t size, off_t from, struct fuse_file_info *file)
{
    fprintf(watched, "read %lu %lld %zu %d\n", inode, (long long)from, size, (int)fuse_req_ctx(request)->pid);
    sqfs_ll_op_read(request, inode, size, from, file);
}

static void watch(sqfs_ll *image)
{
    sqfs_traverse walked;
    sqfs_err err;

    if ((watched = fopen(WATCH, "we")) == NULL || sqfs_traverse_open(&walked, &image->fs, sqfs_inode_root(&image->fs)) != SQFS_OK)
        return;
    setvbuf(watched, NULL, _IOLBF, BUFSIZ);
    while (sqfs_traverse_next(&walked, &err))
        if (!walked.dir_end)
            fprintf(watched, "file %lu %s\n", image->ino_fuse(image, sqfs_dentry_inode(&walked.entry)), walked.path);
    sqfs_traverse_close(&walked);
}
#endif

static const struct fuse_lowlevel_ops operations = {
#ifdef WATCH
    .init = take_single_pages,
    .read = read_watched,
#else
    .read = sqfs_ll_op_read,
#endif
    .getattr = sqfs_ll_op_getattr,
    .opendir = sqfs_ll_op_opendir,
    .releasedir = sqfs_ll_op_releasedir,
    .readdir = sqfs_ll_op_readdir,
    .lookup = sqfs_ll_op_lookup,
    .open = open_file,
    .create = sqfs_ll_op_create,
    .release = sqfs_ll_op_release,
    .readlink = sqfs_ll_op_readlink,
    .forget = sqfs_ll_op_forget,
    .statfs = stfs_ll_op_statfs,
};

static void silent(enum fuse_log_level level, const char *format, va_list rest)
{
    (void)level;
    (void)format;
    (void)rest;
}

struct fuse_session *mount_image(sqfs_ll **image)
{
    char name[] = "torsend", flag[] = "-o", options[] = "ro,nosuid,nodev,fsname=torsend,subtype=appimage";
    char *words[] = {name, flag, options, NULL};
    struct fuse_args args = FUSE_ARGS_INIT(3, words);
    struct fuse_session *session = NULL;
    sqfs_ll *ll = sqfs_ll_open(SELF, (size_t)image_offset);

    if (ll == NULL)
        return NULL;
    /* With the library's own 8 and 3, a start unpacks most blocks several times: libraries are read here and there. */
    sqfs_cache_destroy(&ll->fs.data_cache);
    sqfs_cache_destroy(&ll->fs.frag_cache);
    if (sqfs_block_cache_init(&ll->fs.data_cache, CACHED) != SQFS_OK ||
        sqfs_block_cache_init(&ll->fs.frag_cache, CACHED) != SQFS_OK)
        return NULL;
    if (sqfs_compression(&ll->fs) == ZSTD_COMPRESSION)
        ll->fs.decompressor = unpack_zstd;
    *image = ll;
#ifdef WATCH
    watch(ll);
#endif
    /* Each block is memory of its own, of the size that malloc(3) would map and unmap each time, to be cleared by the kernel. */
    mallopt(M_MMAP_THRESHOLD, 1 << 24);
    mallopt(M_TRIM_THRESHOLD, 1 << 25);
    mallopt(M_ARENA_MAX, 1);
    fuse_set_log_func(silent);
    session = fuse_session_new(&args, &operations, sizeof operations, ll);
    fuse_opt_free_args(&args);
    if (session != NULL && fuse_session_mount(session, app) != 0) {
        fuse_session_destroy(session);
        session = NULL;
    }
    return session;
}

static long long now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

void serve(struct fuse_session *session, int ended, int stored)
{
    struct fuse_buf buffer = {.mem = NULL};
    struct pollfd wait[] = {{.fd = fuse_session_fd(session), .events = POLLIN},
                            {.fd = ended, .events = POLLIN},
                            {.fd = stored, .events = POLLIN}};
    long long end = 0; /* when the program ended; 0: it runs */
    pid_t unmounting = 0;

    while (!fuse_session_exited(session)) {
        if (poll(wait, 3, end ? RETRY_MS : -1) < 0 && errno != EINTR)
            break;
        if (wait[0].revents) {
            int got = fuse_session_receive_buf(session, &buffer);

            if (got == -EINTR)
                continue;
            if (got <= 0)
                break; /* ENODEV: unmounted, and none of our threads waits for anything */
            fuse_session_process_buf(session, &buffer);
        }
        if (wait[2].revents)
            answer_stored(open_kept);
        if (!end && wait[1].revents) {
            end = now_ms();
            wait[1].fd = -1;
            stop_storing();
        }
        if (end) {
            if (unmounting > 0 && waitpid(unmounting, NULL, WNOHANG) == unmounting)
                unmounting = 0;
            /* Somebody else may have a copy of the mount, in a namespace of theirs; we don't wait for them. */
            if (unmounting < 0 || now_ms() - end > 2 * LINGER_MS)
                break;
            /* Not lazily while its Tor still runs from here: the pages of a running program come from us. */
            if (unmounting == 0)
                unmounting = start_unmount(app, now_ms() - end > LINGER_MS);
        }
    }
    fuse_session_unmount(session);
    if (unmounting > 0)
        waitpid(unmounting, NULL, 0);
    free(buffer.mem);
    /* The session itself goes with the process: a thread that stores may be about to find that it is over. */
}
