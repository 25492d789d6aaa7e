/* The private folder in which the image is mounted or unpacked, and what keepers left that were killed. */
#include "runtime.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define PREFIX "torsend-run-"
/* What is left free beside what is unpacked: a full /run/user breaks the whole desktop. */
#define ROOM_LEFT (64ULL << 20)

int lock_fd = -1;
char folder[PATH_MAX];
char app[PATH_MAX];

static int remove_entry(const char *path, const struct stat *entry, int type, struct FTW *place)
{
    (void)entry;
    (void)place;
    return type == FTW_DP || type == FTW_D || type == FTW_DNR ? rmdir(path) : unlink(path);
}

/* Everything below, never across a mount and never through a link. */
void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* In a process of its own: the mount that goes may be the one that this process serves. */
pid_t start_unmount(const char *where, int lazy)
{
    pid_t child = fork();

    if (child != 0)
        return child;
    if (umount2(where, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) == 0)
        _exit(0);
    execlp("fusermount3", "fusermount3", "-u", "-q", lazy ? "-z" : "--", lazy ? "--" : where, lazy ? where : NULL,
           (char *)NULL);
    _exit(1);
}

/* Removes what keepers left that were killed. */
static void sweep(const char *base)
{
    DIR *list = opendir(base);
    struct dirent *entry;

    if (list == NULL)
        return;
    while ((entry = readdir(list)) != NULL) {
        char path[PATH_MAX], inner[PATH_MAX];
        struct stat is;
        int fd;

        if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) != 0)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", base, entry->d_name) >= (int)sizeof path ||
            snprintf(inner, sizeof inner, "%s/app", path) >= (int)sizeof inner)
            continue;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (fstat(fd, &is) == 0 && is.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0) {
            struct statvfs disk;
            pid_t child;

            /* Not lstat(2): what the kernel knows of the mount's own folder it tells by itself. */
            if (statvfs(inner, &disk) != 0 && errno == ENOTCONN && (child = start_unmount(inner, 1)) > 0)
                waitpid(child, NULL, 0);
            remove_tree(path);
        }
        close(fd);
    }
    closedir(list);
}

/* Finds `base` without links, and whether nobody else could put a folder of theirs in the place of one that we make there, nor in
 * that of one above it. As root in somebody's environment (sudo, su) XDG_RUNTIME_DIR is that user's, who would have root run
 * what they like. Whoever owns / could do all of that anyhow; in a container that need not be called 0. */
static int find_safe(const char *base, char real[PATH_MAX])
{
    char path[PATH_MAX];
    struct stat is, root;

    if (base == NULL || base[0] != '/' || realpath(base, real) == NULL || stat("/", &root) != 0)
        return -1;
    for (strcpy(path, real); path[0]; *strrchr(path, '/') = 0)
        if (lstat(path, &is) != 0 || !S_ISDIR(is.st_mode) || (is.st_uid != geteuid() && is.st_uid != root.st_uid) ||
            ((is.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (is.st_mode & S_ISVTX) == 0))
            return -1;
    return 0;
}

/* Makes it below the folder `named`, if that is safe; `bytes`: what must fit; `runs`: programs in it, too. */
static int make_folder(const char *named, uint64_t bytes, int runs)
{
    struct statvfs disk;
    char base[PATH_MAX];

    if (find_safe(named, base) != 0 || statvfs(base, &disk) != 0)
        return -1;
    if (runs && ((disk.f_flag & ST_NOEXEC) || (uint64_t)disk.f_bavail * disk.f_frsize < bytes + ROOM_LEFT))
        return -1;
    sweep(base);
    for (int tries = 0; tries < 5; tries++) {
        if (snprintf(folder, sizeof folder, "%s/" PREFIX "XXXXXX", base) >= (int)sizeof folder - 8 ||
            mkdtemp(folder) == NULL)
            break;
        lock_fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        /* Between the two another start may have taken it for a left one: then once more. */
        if (lock_fd >= 0 && flock(lock_fd, LOCK_SH | LOCK_NB) == 0 && mkdirat(lock_fd, "app", 0700) == 0) {
            strcpy(app, folder);
            strcat(app, "/app");
            return 0;
        }
        if (lock_fd >= 0)
            close(lock_fd);
        rmdir(folder);
    }
    folder[0] = 0; /* what has that name now is not ours to remove */
    return -1;
}

int make_folder_somewhere(uint64_t bytes, int runs)
{
    /* The first is memory and goes with the session; the disk keeps traces. */
    const char *bases[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp", "/dev/shm", "/var/tmp"};

    for (size_t each = 0; each < sizeof bases / sizeof *bases; each++)
        if (make_folder(bases[each], bytes, runs) == 0)
            return 0;
    return -1;
}
