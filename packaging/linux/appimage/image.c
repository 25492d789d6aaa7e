/* The image behind the runtime: found, and unpacked where it can't be mounted. */
#include "runtime.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

sqfs_off_t image_offset;

/* Where the ELF file ends and the image begins: 0, or -1 if there is none. */
int find_image(void)
{
    Elf64_Ehdr head;
    char magic[4];
    int fd = open(SELF, O_RDONLY | O_CLOEXEC);
    int found = -1;

    if (fd < 0)
        return -1;
    if (pread(fd, &head, sizeof head, 0) == sizeof head && memcmp(head.e_ident, ELFMAG, SELFMAG) == 0) {
        /* The table of sections is the last thing that the linker writes. */
        image_offset = (sqfs_off_t)(head.e_shoff + (Elf64_Off)head.e_shnum * head.e_shentsize);
        if (pread(fd, magic, sizeof magic, image_offset) == sizeof magic && memcmp(magic, "hsqs", 4) == 0)
            found = 0;
    }
    close(fd);
    return found;
}

static int write_file(sqfs *fs, sqfs_inode *inode, const char *path)
{
    static char chunk[BLOCK];
    uint64_t done = 0, size = inode->xtra.reg.file_size;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, inode->base.mode & 0700);

    if (fd < 0)
        return -1;
    while (done < size) {
        sqfs_off_t got = size - done < BLOCK ? (sqfs_off_t)(size - done) : BLOCK;
        char *from = chunk;

        if (sqfs_read_range(fs, inode, (sqfs_off_t)done, &got, chunk) != SQFS_OK || got <= 0)
            goto failed;
        done += (uint64_t)got;
        while (got > 0) {
            ssize_t wrote = write(fd, from, (size_t)got);

            if (wrote < 0 && errno == EINTR)
                continue;
            if (wrote <= 0)
                goto failed;
            from += wrote;
            got -= wrote;
        }
    }
    return close(fd);
failed:
    close(fd);
    return -1;
}

int walk(int write, uint64_t *bytes)
{
    sqfs fs;
    sqfs_traverse walked;
    sqfs_err err = SQFS_OK;
    int result = -1;

    if (sqfs_open_image(&fs, SELF, (size_t)image_offset) != SQFS_OK)
        return -1;
    if (sqfs_traverse_open(&walked, &fs, sqfs_inode_root(&fs)) != SQFS_OK)
        goto closed;
    while (sqfs_traverse_next(&walked, &err)) {
        sqfs_inode inode;
        char target[PATH_MAX];
        size_t room = sizeof target;

        if (walked.dir_end)
            continue;
        if (sqfs_inode_get(&fs, &inode, sqfs_dentry_inode(&walked.entry)) != SQFS_OK)
            goto out;
        switch (inode.base.mode & S_IFMT) {
        case S_IFDIR:
            if (write && mkdir(walked.path, 0700) != 0)
                goto out;
            break;
        case S_IFREG:
            /* In whole pages, as they lie on a disk or in memory. */
            *bytes += (inode.xtra.reg.file_size + 4095) / 4096 * 4096;
            if (write && write_file(&fs, &inode, walked.path) != 0)
                goto out;
            break;
        case S_IFLNK:
            if (write && (sqfs_readlink(&fs, &inode, target, &room) != SQFS_OK || symlink(target, walked.path) != 0))
                goto out;
            break;
        default: /* The build puts in nothing else. */
            goto out;
        }
    }
    result = err == SQFS_OK ? 0 : -1;
out:
    sqfs_traverse_close(&walked);
closed:
    sqfs_destroy(&fs);
    return result;
}
