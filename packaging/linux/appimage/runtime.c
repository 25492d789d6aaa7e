/*
 * What an AppImage of Torsend begins with: finds the squashed folder behind itself and starts the program in it.
 *
 * Theory of operation. Two processes. The one that the person started becomes the program by execve: arguments, signals,
 * terminal and exit status are the program's own, and nobody stands between. Before that it forks a keeper, which makes a
 * private folder, mounts the image there with FUSE (or, where there is no FUSE, unpacks it there), says so, and waits. The
 * kernel tells the keeper when the program's process has ended, however it ended (PR_SET_PDEATHSIG: also after kill -9). Then it
 * unmounts and takes the folder away.
 *
 *     BASE/torsend-run-XXXXXX/      0700; keeper and program hold a shared flock(2) on it for as long as they live
 *     BASE/torsend-run-XXXXXX/app   mounted, or unpacked
 *
 * A keeper that was killed itself leaves its folder. The next start after the program's end finds that nobody holds its lock,
 * and removes it. BASE is a folder in which nobody but us and root can put another in its place: what is in it is run.
 *
 * Licence: GPL-3.0-or-later, as the rest of Torsend.
 */
#include <squashfuse/ll.h>

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <fuse3/fuse_log.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "torsend-run-"
#define SELF "/proc/self/exe"
/* How long what the program started may use the image after it: its Tor ends by itself, within moments. */
#define LINGER_MS 10000
#define RETRY_MS 100
/* What is left free beside what is unpacked: a full /run/user breaks the whole desktop. */
#define ROOM_LEFT (64ULL << 20)
#define CHUNK 131072
/* Blocks of 128 KiB that are kept unpacked, of files and of their ends. */
#define CACHED 64
/* The first descriptor after standard input, output and error. */
#define FIRST_FREE 3
/* In the image: the files that a window's start reads, a line each. */
#define EARLY "early"

static sqfs_off_t image_offset;
static int lock_fd = -1;
static char folder[PATH_MAX]; /* BASE/torsend-run-XXXXXX */
static char app[PATH_MAX];    /* … /app */

static void say(const char *format, ...)
{
    va_list rest;

    fputs("Torsend could not start: ", stderr);
    va_start(rest, format);
    vfprintf(stderr, format, rest);
    va_end(rest);
    fputs(" Nothing left this computer.\n", stderr);
}

/* --- the image ------------------------------------------------------------------------------------------------------ */

/* Where the ELF file ends and the image begins: 0, or -1 if there is none. */
static int find_image(void)
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
    static char chunk[CHUNK];
    uint64_t done = 0, size = inode->xtra.reg.file_size;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, inode->base.mode & 0700);

    if (fd < 0)
        return -1;
    while (done < size) {
        sqfs_off_t got = size - done < CHUNK ? (sqfs_off_t)(size - done) : CHUNK;
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

/* Goes through the image. With `write` it is unpacked into the working folder; without, its files' bytes are added up. */
static int walk(int write, uint64_t *bytes)
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

/* --- the private folder --------------------------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *entry, int type, struct FTW *place)
{
    (void)entry;
    (void)place;
    return type == FTW_DP || type == FTW_D || type == FTW_DNR ? rmdir(path) : unlink(path);
}

/* Everything below, never across a mount and never through a link. */
static void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* In a process of its own: the mount that goes may be the one that this process serves. */
static pid_t start_unmount(const char *where, int lazy)
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
            pid_t child;

            if (lstat(inner, &is) != 0 && errno == ENOTCONN && (child = start_unmount(inner, 1)) > 0)
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

static int make_folder_somewhere(uint64_t bytes, int runs)
{
    /* The first is memory and goes with the session; the disk keeps traces. */
    const char *bases[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp", "/dev/shm", "/var/tmp"};

    for (size_t each = 0; each < sizeof bases / sizeof *bases; each++)
        if (make_folder(bases[each], bytes, runs) == 0)
            return 0;
    return -1;
}

/* --- the keeper ----------------------------------------------------------------------------------------------------- */

/* The image never changes: what the kernel has read of a file it may keep for the next that opens it. */
static void open_kept(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *file)
{
    file->keep_cache = 1;
    sqfs_ll_op_open(request, inode, file);
}

static const struct fuse_lowlevel_ops operations = {
    .getattr = sqfs_ll_op_getattr,
    .opendir = sqfs_ll_op_opendir,
    .releasedir = sqfs_ll_op_releasedir,
    .readdir = sqfs_ll_op_readdir,
    .lookup = sqfs_ll_op_lookup,
    .open = open_kept,
    .create = sqfs_ll_op_create,
    .release = sqfs_ll_op_release,
    .read = sqfs_ll_op_read,
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

static struct fuse_session *mount_image(void)
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
    fuse_set_log_func(silent);
    session = fuse_session_new(&args, &operations, sizeof operations, ll);
    fuse_opt_free_args(&args);
    if (session != NULL && fuse_session_mount(session, app) != 0) {
        fuse_session_destroy(session);
        session = NULL;
    }
    return session;
}

static void tell(int to, char what)
{
    char message[PATH_MAX + 1];
    size_t length = strlen(app);

    message[0] = what;
    memcpy(message + 1, app, length);
    if (write(to, message, length + 1) < 0)
        return; /* The program's process is gone; that is told by its signal. */
}

static long long now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* Answers the kernel until the program has ended and the mount is gone; `reader`: who reads ahead, or 0. */
static void serve(struct fuse_session *session, int ended, pid_t reader)
{
    struct fuse_buf buffer = {.mem = NULL};
    struct pollfd wait[] = {{.fd = fuse_session_fd(session), .events = POLLIN}, {.fd = ended, .events = POLLIN}};
    long long end = 0; /* when the program ended; 0: it runs */
    pid_t unmounting = 0;

    while (!fuse_session_exited(session)) {
        if (poll(wait, 2, end ? RETRY_MS : -1) < 0 && errno != EINTR)
            break;
        if (wait[0].revents) {
            int got = fuse_session_receive_buf(session, &buffer);

            if (got == -EINTR)
                continue;
            if (got <= 0)
                break; /* ENODEV: unmounted */
            fuse_session_process_buf(session, &buffer);
            if (reader > 0 && waitpid(reader, NULL, WNOHANG) != 0)
                reader = 0;
        }
        if (!end && wait[1].revents) {
            end = now_ms();
            wait[1].fd = -1;
            if (reader > 0)
                kill(reader, SIGKILL);
        }
        if (end) {
            if (unmounting > 0 && waitpid(unmounting, NULL, WNOHANG) == unmounting)
                unmounting = 0;
            /* Not lazily while its Tor still runs from here: the pages of a running program come from us. */
            if (unmounting == 0)
                unmounting = start_unmount(app, now_ms() - end > LINGER_MS);
            else if (unmounting < 0 || now_ms() - end > 2 * LINGER_MS)
                break;
        }
    }
    fuse_session_unmount(session);
    if (unmounting > 0)
        waitpid(unmounting, NULL, 0);
    free(buffer.mem);
    fuse_session_destroy(session);
}

/*
 * Reads what a window's start is going to want, in that order: so the image is unpacked while the program computes. In a process
 * of its own, which ends with the keeper, and which the keeper ends before it unmounts: 0, or its number.
 */
static pid_t read_ahead(struct fuse_session *session)
{
    static char chunk[CHUNK];
    char path[PATH_MAX], name[PATH_MAX];
    FILE *list;
    pid_t keeper = getpid(), child = fork();

    if (child != 0)
        return child > 0 ? child : 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* With it open, nobody would tell us that the keeper, who answers us, has gone. */
    close(fuse_session_fd(session));
    close(lock_fd);
    if (getppid() != keeper || snprintf(path, sizeof path, "%s/" EARLY, app) >= (int)sizeof path ||
        (list = fopen(path, "re")) == NULL)
        _exit(0);
    while (fgets(name, sizeof name, list) != NULL) {
        int fd;

        name[strcspn(name, "\n")] = 0;
        if (snprintf(path, sizeof path, "%s/%s", app, name) >= (int)sizeof path ||
            (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
            continue;
        while (read(fd, chunk, sizeof chunk) > 0)
            ;
        close(fd);
    }
    _exit(0);
}

static void keep(pid_t program, int to, int unpack, int window)
{
    struct fuse_session *session = NULL;
    struct signalfd_siginfo told;
    uint64_t bytes = 0;
    sigset_t all, one;
    int ended, null;

    /* Nobody waits for our output, no terminal reaches us, no folder of the person's is held busy; a lock or a pipe that the
     * program was started with ends with the program. */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    if (to != FIRST_FREE && dup3(to, FIRST_FREE, O_CLOEXEC) != FIRST_FREE)
        _exit(1);
    to = FIRST_FREE;
    closefrom(FIRST_FREE + 1);
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
    if (chdir("/") != 0)
        _exit(1);
    umask(077);
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    ended = signalfd(-1, &one, SFD_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    if (ended < 0 || getppid() != program)
        _exit(1);

    if (!unpack && make_folder_somewhere(0, 0) == 0 && (session = mount_image()) == NULL) {
        remove_tree(folder);
        folder[0] = 0;
        close(lock_fd);
    }
    if (session != NULL) {
        tell(to, 'm');
        close(to);
        serve(session, ended, window ? read_ahead(session) : 0);
    } else {
        if (walk(0, &bytes) != 0)
            tell(to, 'b');
        else if (make_folder_somewhere(bytes, 1) != 0)
            tell(to, 'r');
        else if (chdir(app) != 0 || walk(1, &bytes) != 0)
            tell(to, 'w');
        else
            tell(to, 'u');
        close(to);
        while (read(ended, &told, sizeof told) < 0 && errno == EINTR)
            ;
        if (chdir("/") != 0)
            _exit(1);
    }
    if (folder[0])
        remove_tree(folder);
    _exit(0);
}

/* --- the program ---------------------------------------------------------------------------------------------------- */

static int start(char **arguments, int unpack)
{
    char answer[PATH_MAX + 1], image[PATH_MAX], run[PATH_MAX + 16], **each;
    ssize_t got, length;
    int pipes[2], held;
    pid_t program = getpid(), keeper;
    int window = arguments[1] == NULL || strcmp(arguments[1], "compose") == 0;

    if (pipe2(pipes, O_CLOEXEC) != 0 || (keeper = fork()) < 0) {
        say("the system has no room for one more process.");
        return 71;
    }
    if (keeper == 0) {
        /* Every user can read a process's arguments, and recipients stand there. The program takes away its own. */
        for (each = arguments + 1; arguments[0] != NULL && *each != NULL; each++)
            memset(*each, 0, strlen(*each));
        close(pipes[0]);
        keep(program, pipes[1], unpack, window);
    }
    close(pipes[1]);
    do
        got = read(pipes[0], answer, sizeof answer - 1);
    while (got < 0 && errno == EINTR);
    close(pipes[0]);
    answer[got > 0 ? got : 0] = 0;
    switch (answer[0]) {
    case 'm':
    case 'u':
        break;
    case 'r':
        say("there is no FUSE here, and no place to unpack it: XDG_RUNTIME_DIR, TMPDIR and /tmp are full, open to others or may "
            "not hold programs. Set TMPDIR to a folder of your own with 300 MB of room.");
        return 71;
    case 'w':
        say("there is no FUSE here, and unpacking failed: the disk may be full. Set TMPDIR to a folder with 300 MB of room.");
        return 71;
    case 'b':
        say("this file is damaged. Please download it again, and compare its checksum.");
        return 71;
    default:
        say("the process that holds its files ended unexpectedly. If it does so again, this file is damaged: please download "
            "it again, and compare its checksum.");
        return 71;
    }
    /* Held until the program ends, and handed on to nobody by it: a keeper that was killed must not have the next start take
     * away what runs. */
    snprintf(run, sizeof run, "%s/..", answer + 1);
    if ((held = open(run, O_RDONLY | O_DIRECTORY)) >= 0)
        flock(held, LOCK_SH | LOCK_NB);
    length = readlink(SELF, image, sizeof image - 1);
    if (length > 0) {
        image[length] = 0;
        setenv("APPIMAGE", image, 1);
    }
    setenv("APPDIR", answer + 1, 1);
    snprintf(run, sizeof run, "%s/AppRun", answer + 1);
    arguments[0] = run;
    execv(run, arguments);
    say("%s: %s.", run, strerror(errno));
    return 71;
}

static int extract(void)
{
    static const char into[] = "squashfs-root";
    uint64_t bytes = 0;
    pid_t child;
    int status = 0;

    umask(022);
    /* In a process of its own: squashfuse believes what a damaged image says of itself, and can die of it. */
    child = fork();
    if (child == 0) {
        if (mkdir(into, 0755) == 0 && chdir(into) == 0 && walk(1, &bytes) == 0)
            _exit(0);
        fprintf(stderr, "It could not be unpacked into %s here: %s.\n", into, strerror(errno));
        _exit(73);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        say("this file is damaged. Please download it again, and compare its checksum.");
        return 71;
    }
    if (WEXITSTATUS(status) == 0)
        puts(into);
    return WEXITSTATUS(status);
}

/* Who is started without standard input or output must not find the image, or our pipe, in their place. */
static void hold_standard(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd < 3);
    if (fd >= 3)
        close(fd);
}

int main(int count, char **arguments)
{
    const char *first = count > 1 ? arguments[1] : "";
    const char *wish = getenv("APPIMAGE_EXTRACT_AND_RUN");
    int unpack = wish != NULL && strcmp(wish, "") != 0 && strcmp(wish, "0") != 0;

    hold_standard();
    if (count < 1) /* nobody may be started without a name, but some kernels let it be */
        return 71;
    if (access(SELF, R_OK) != 0) {
        say("it can't read its own file (%s: %s). Please allow reading it; in a container, /proc must be there.", SELF,
            strerror(errno));
        return 71;
    }
    if (find_image() != 0) {
        say("this file is damaged. Please download it again, and compare its checksum.");
        return 71;
    }
    if (strcmp(first, "--appimage-offset") == 0) {
        printf("%lld\n", (long long)image_offset);
        return 0;
    }
    if (strcmp(first, "--appimage-extract") == 0)
        return extract();
    if (strcmp(first, "--appimage-help") == 0) {
        puts("--appimage-extract          unpacks it into squashfs-root, here\n"
             "--appimage-extract-and-run  unpacks it into a private folder and starts it from there\n"
             "--appimage-offset           says at which byte the squashed folder begins");
        return 0;
    }
    if (strcmp(first, "--appimage-extract-and-run") == 0) {
        arguments[1] = arguments[0];
        arguments++;
        unpack = 1;
    }
    return start(arguments, unpack);
}
