/*
 * What an AppImage of Torsend begins with: finds the squashed folder behind itself and starts the program in it.
 *
 * Theory of operation. Two processes. The one that the person started becomes the program by execve: arguments, signals,
 * terminal and exit status are the program's own, and nobody stands between. Before that it forks a keeper, which makes a
 * private folder, mounts the image there with FUSE (or, where there is no FUSE, unpacks it there), says so, and waits. The
 * kernel tells the keeper when the program's process has ended, however it ended (PR_SET_PDEATHSIG: also after kill -9). Then it
 * unmounts and takes the folder away. image.c reads the image, folder.c minds the folder, mount.c answers the kernel, and ahead.c
 * has what a window's start reads lie ready.
 *
 *     BASE/torsend-run-XXXXXX/      0700; keeper and program hold a shared flock(2) on it for as long as they live
 *     BASE/torsend-run-XXXXXX/app   mounted, or unpacked
 *
 * A keeper that was killed itself leaves its folder. The next start after the program's end finds that nobody holds its lock,
 * and removes it. BASE is a folder in which nobody but us and root can put another in its place: what is in it is run.
 *
 * Licence: GPL-3.0-or-later, as the rest of Torsend.
 */
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first descriptor after standard input, output and error. */
#define FIRST_FREE 3

static void say(const char *format, ...)
{
    va_list rest;

    fputs("Torsend could not start: ", stderr);
    va_start(rest, format);
    vfprintf(stderr, format, rest);
    va_end(rest);
    fputs(" Nothing left this computer.\n", stderr);
}

/* --- the keeper ----------------------------------------------------------------------------------------------------- */

static void tell(int to, char what)
{
    char message[PATH_MAX + 1];
    size_t length = strlen(app);

    message[0] = what;
    memcpy(message + 1, app, length);
    if (write(to, message, length + 1) < 0)
        return; /* The program's process is gone; that is told by its signal. */
}

/* looked_up: what the program closes when it has looked up what a window's start reads; -1: this is none. */
static void keep(pid_t program, int to, int unpack, int looked_up)
{
    struct fuse_session *session = NULL;
    sqfs_ll *image = NULL;
    struct signalfd_siginfo told;
    uint64_t bytes = 0;
    sigset_t all, one;
    int ended, null;

    /* Nobody waits for our output, no terminal reaches us, no folder of the person's is held busy; a lock or a pipe that the
     * program was started with ends with the program. */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    /* Ours have higher numbers than these: start() opens `to` and its other end first. */
    if (dup3(to, FIRST_FREE, O_CLOEXEC) != FIRST_FREE ||
        (looked_up >= 0 && dup3(looked_up, FIRST_FREE + 1, O_CLOEXEC) != FIRST_FREE + 1))
        _exit(1);
    to = FIRST_FREE;
    if (looked_up >= 0)
        looked_up = FIRST_FREE + 1;
    closefrom(FIRST_FREE + (looked_up >= 0 ? 2 : 1));
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

    if (!unpack && make_folder_somewhere(0, 0) == 0 && (session = mount_image(&image)) == NULL) {
        remove_tree(folder);
        folder[0] = 0;
        close(lock_fd);
    }
    if (session != NULL) {
        tell(to, 'm');
        close(to);
        serve(session, ended, looked_up >= 0 ? store_early(session, image, looked_up) : -1);
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
    int pipes[2], looked_up[2], held;
    pid_t program = getpid(), keeper;
    int window = arguments[1] == NULL || strcmp(arguments[1], "compose") == 0;

    if (pipe2(pipes, O_CLOEXEC) != 0 || pipe2(looked_up, O_CLOEXEC) != 0 || (keeper = fork()) < 0) {
        say("the system has no room for one more process.");
        return 71;
    }
    if (keeper == 0) {
        /* Every user can read a process's arguments, and recipients stand there. The program takes away its own. */
        for (each = arguments + 1; arguments[0] != NULL && *each != NULL; each++)
            memset(*each, 0, strlen(*each));
        close(pipes[0]);
        close(looked_up[1]);
        keep(program, pipes[1], unpack, window ? looked_up[0] : -1);
    }
    close(pipes[1]);
    close(looked_up[0]);
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
    if (window && answer[0] == 'm')
        look_up_early(answer + 1);
    close(looked_up[1]);
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
