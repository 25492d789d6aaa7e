/*
 * What a window's start is going to read lies in the kernel's memory before it is asked for.
 *
 * Theory of operation. The image's file "early" names files, in the order of their use, and which of their blocks a start
 * touches. The process that becomes the program looks each of them up first, for the kernel takes nothing of a file that it
 * doesn't know. Then a thread of the keeper unpacks those blocks and hands them over (FUSE_NOTIFY_STORE), each block once,
 * while the keeper's first thread answers what is asked for.
 *
 * The kernel makes whoever hands over a page wait while that page is being read, which is for our own answer, and no signal ends
 * that: a keeper killed then would never end, nor would the program (1 of 60 that were killed in the first half second).
 * So nobody reads a file of the list before it is stored: whoever opens it sooner is answered then, and not before.
 */
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* Files in the list; more are left out. */
#define MOST_FILES 512

struct opening {
    fuse_req_t request;
    struct fuse_file_info info;
    struct opening *next;
};

struct file {
    sqfs_inode inode;
    fuse_ino_t number;
    const char *digits;
    int stored;
    struct opening *waiting;
};

static struct file files[MOST_FILES];
static int file_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of `stored` and `waiting` */
static struct fuse_session *kernel;
static sqfs image;   /* the thread's own: squashfuse is not made for several */
static int told;     /* its other end is closed when the program has looked them up */
static int some_are; /* an eventfd: something was stored */
static atomic_int stopping;

sqfs_err unpack_zstd(void *in, size_t in_size, void *out, size_t *out_size)
{
    static _Thread_local ZSTD_DCtx *context;
    size_t got;

    if (context == NULL && (context = ZSTD_createDCtx()) == NULL)
        return SQFS_ERR;
    got = ZSTD_decompressDCtx(context, out, *out_size, in, in_size);
    if (ZSTD_isError(got))
        return SQFS_ERR;
    *out_size = got;
    return SQFS_OK;
}

/* A line of it: a digit for each block, 1 where it is wanted; a space; the name. Gives the name, or NULL. */
static char *name_of(char *line)
{
    char *name = strchr(line, ' ');

    if (name != NULL)
        *name++ = 0;
    return name;
}

/* Before the process becomes the program. */
void look_up_early(const char *mounted)
{
    char line[PATH_MAX];
    struct stat is;
    int place = open(mounted, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
    FILE *list;

    if (place < 0)
        return;
    if ((fd = openat(place, EARLY, O_RDONLY | O_CLOEXEC)) >= 0 && (list = fdopen(fd, "r")) != NULL) {
        while (fgets(line, sizeof line, list) != NULL) {
            char *name = name_of(line);

            if (name != NULL) {
                name[strcspn(name, "\n")] = 0;
                fstatat(place, name, &is, 0);
            }
        }
        fclose(list);
    }
    close(place);
}

/* The number by which the image knows it; -1 if there is none. */
static int find(sqfs *fs, char *path, sqfs_inode_id *id)
{
    char *name = strrchr(path, '/');
    sqfs_inode place;
    sqfs_dir_entry entry;
    sqfs_name room;
    bool found = true;

    if (sqfs_inode_get(fs, &place, sqfs_inode_root(fs)) != SQFS_OK)
        return -1;
    if (name != NULL) {
        *name = 0;
        if (sqfs_lookup_path(fs, &place, path, &found) != SQFS_OK || !found)
            return -1;
    }
    name = name == NULL ? path : name + 1;
    sqfs_dentry_init(&entry, room);
    if (sqfs_dir_lookup(fs, &place, name, strlen(name), &entry, &found) != SQFS_OK || !found)
        return -1;
    *id = sqfs_dentry_inode(&entry);
    return 0;
}

/* The whole list as text; to be freed. */
static char *read_list(sqfs *fs)
{
    char name[] = EARLY, *text;
    sqfs_inode_id id;
    sqfs_inode inode;
    sqfs_off_t size;

    if (find(fs, name, &id) != 0 || sqfs_inode_get(fs, &inode, id) != SQFS_OK)
        return NULL;
    size = (sqfs_off_t)inode.xtra.reg.file_size;
    if ((text = malloc((size_t)size + 1)) == NULL || sqfs_read_range(fs, &inode, 0, &size, text) != SQFS_OK) {
        free(text);
        return NULL;
    }
    text[size] = 0;
    return text;
}

/* Hands over the blocks of one file that are wanted. */
static void store_file(struct file *file)
{
    static char block[BLOCK];

    for (uint64_t each = 0; file->digits[each] != 0 && each * BLOCK < file->inode.xtra.reg.file_size; each++) {
        struct fuse_bufvec bytes = FUSE_BUFVEC_INIT(0);
        sqfs_off_t size = BLOCK;

        if (file->digits[each] != '1')
            continue;
        if (stopping || sqfs_read_range(&image, &file->inode, (sqfs_off_t)(each * BLOCK), &size, block) != SQFS_OK)
            return;
        bytes.buf[0].mem = block;
        bytes.buf[0].size = (size_t)size;
        /* It fails where the kernel forgot the file again, or has given up: then it asks, or nobody does. */
        fuse_lowlevel_notify_store(kernel, file->number, (off_t)(each * BLOCK), &bytes, 0);
    }
}

static void *store_all(void *unused)
{
    struct pollfd wait = {.fd = told, .events = POLLIN};
    uint64_t one = 1;

    while (poll(&wait, 1, -1) < 0)
        ;
    for (int each = 0; each < file_count; each++) {
        store_file(files + each);
        pthread_mutex_lock(&lock);
        files[each].stored = 1;
        pthread_mutex_unlock(&lock);
        if (write(some_are, &one, sizeof one) < 0)
            continue; /* so many are told already */
    }
    sqfs_destroy(&image);
    malloc_trim(0);
    return unused;
}

int store_early(struct fuse_session *session, sqfs_ll *ll, int looked_up)
{
    pthread_t thread;
    char *list, *rest = NULL;

    kernel = session;
    told = looked_up;
    some_are = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (some_are < 0 || sqfs_open_image(&image, SELF, (size_t)image_offset) != SQFS_OK)
        return -1;
    if (sqfs_compression(&image) == ZSTD_COMPRESSION)
        image.decompressor = unpack_zstd;
    list = read_list(&image); /* kept: `digits` lie in it */
    for (char *line = list ? strtok_r(list, "\n", &rest) : NULL; line != NULL && file_count < MOST_FILES;
         line = strtok_r(NULL, "\n", &rest)) {
        struct file *file = files + file_count;
        char *name = name_of(line);
        sqfs_inode_id id;

        if (name == NULL || find(&image, name, &id) != 0 || sqfs_inode_get(&image, &file->inode, id) != SQFS_OK ||
            !S_ISREG(file->inode.base.mode))
            continue;
        file->number = ll->ino_fuse(ll, id);
        file->digits = line;
        file_count++;
    }
    if (pthread_create(&thread, NULL, store_all, NULL) != 0) {
        file_count = 0;
        sqfs_destroy(&image);
        return -1;
    }
    pthread_detach(thread);
    return some_are;
}

int waits_for_store(fuse_req_t request, fuse_ino_t number, const struct fuse_file_info *info)
{
    struct opening *opening;
    int waits = 0;

    pthread_mutex_lock(&lock);
    for (struct file *file = files; file < files + file_count && !waits; file++)
        if (file->number == number && !file->stored) {
            waits = 1;
            if ((opening = malloc(sizeof *opening)) == NULL) {
                fuse_reply_err(request, ENOMEM);
                break;
            }
            *opening = (struct opening){request, *info, file->waiting};
            file->waiting = opening;
        }
    pthread_mutex_unlock(&lock);
    return waits;
}

void answer_stored(void (*answer)(fuse_req_t, fuse_ino_t, struct fuse_file_info *))
{
    uint64_t count;

    if (read(some_are, &count, sizeof count) < 0)
        return;
    for (struct file *file = files; file < files + file_count; file++) {
        struct opening *opening, *next;

        pthread_mutex_lock(&lock);
        opening = file->stored ? file->waiting : NULL;
        if (opening != NULL)
            file->waiting = NULL;
        pthread_mutex_unlock(&lock);
        for (; opening != NULL; opening = next) {
            next = opening->next;
            answer(opening->request, file->number, &opening->info);
            free(opening);
        }
    }
}

void stop_storing(void)
{
    stopping = 1;
}
