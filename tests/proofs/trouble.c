/* Stands between a program and the operating system: the N-th call on a file below one folder fails, is cut short,
 * or is the last thing that the program does. Loaded with LD_PRELOAD; `arm` says what is to happen.
 *
 * Calls are counted over the program and everything that it forks: the counter is in memory that they share. Each is
 * written to a log ("number call path size"), so that a test knows what failed and what had reached the disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum mode { FAIL_ONCE, FAIL_FROM, KILL_BEFORE, KILL_AFTER, SHORT };
enum verdict { PASS, REFUSE, LAST, CUT };

static struct {
    int armed, log, fault, mode;
    long number;
    size_t length;
    char folder[PATH_MAX], kept[PATH_MAX], calls[512];
} order;
static long *seen;

__attribute__((constructor)) static void begin(void) {
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* Begin to count the calls below `folder` that `calls` names (",write,fsync,"; empty: all). */
void arm(const char *folder, const char *log, long number, int fault, int mode, const char *calls) {
    begin();
    snprintf(order.folder, sizeof order.folder, "%s", folder);
    snprintf(order.kept, sizeof order.kept, "%s", log);
    snprintf(order.calls, sizeof order.calls, "%s", calls);
    order.length = strlen(folder);
    order.log = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    order.number = number, order.fault = fault, order.mode = mode, order.armed = 1;
}

static int below(const char *path) {
    return strncmp(path, order.folder, order.length) == 0 && (path[order.length] == '/' || path[order.length] == 0);
}

static const char *of_descriptor(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    path[size > 0 ? size : 0] = 0;
    return path;
}

static const char *of_name(int folder, const char *name, char *path) {
    char at[PATH_MAX];
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
        return path;
    }
    if (folder == AT_FDCWD) {
        if (syscall(SYS_getcwd, at, sizeof at) < 0) at[0] = 0;
    } else of_descriptor(folder, at);
    if (snprintf(path, PATH_MAX, "%s/%s", at, name) >= PATH_MAX) path[0] = 0;
    return path;
}

static enum verdict judge(const char *call, const char *path, long size) {
    char word[40], line[PATH_MAX + 100];
    if (!order.armed || !below(path)) return PASS;
    snprintf(word, sizeof word, ",%s,", call);
    if (order.calls[0] && !strstr(order.calls, word)) return PASS;
    long number = __atomic_add_fetch(seen, 1, __ATOMIC_SEQ_CST);
    int length = snprintf(line, sizeof line, "%ld %s %ld %s\n", number, call, size, path);
    syscall(SYS_write, order.log, line, length);
    if (number < order.number || (number > order.number && order.mode != FAIL_FROM)) return PASS;
    if (order.mode == KILL_BEFORE) kill(0, SIGKILL), pause();
    if (order.mode == SHORT) return CUT;
    return order.mode == KILL_AFTER ? LAST : REFUSE;
}

/* What a rename replaces is kept beside the log as LOG.<number of the call>: a power cut may bring it back. */
static void keep(const char *path) {
    char kept[2 * PATH_MAX];
    if (!order.armed || !below(path)) return;
    snprintf(kept, sizeof kept, "%s.%ld", order.kept, *seen + 1);
    syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, 0);
}

static long size_of(int descriptor) {
    struct stat found;
    return syscall(SYS_fstat, descriptor, &found) == 0 ? (long)found.st_size : -1;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define DESCRIPTOR(descriptor) char path[PATH_MAX]; if (order.armed) of_descriptor(descriptor, path); else path[0] = 0
#define NAME(folder, name) char path[PATH_MAX]; if (order.armed) of_name(folder, name, path); else path[0] = 0
#define REFUSED(verdict) if ((verdict) == REFUSE) { errno = order.fault; return -1; }
#define DONE(verdict, value) do { \
    __typeof__(value) result = (value); \
    if ((verdict) == LAST) kill(0, SIGKILL), pause(); \
    return result; } while (0)
#define SIMPLE(call, parameters, arguments, place, size) int call parameters { \
    REAL(call); place; enum verdict verdict = judge(#call, path, size); REFUSED(verdict) \
    DONE(verdict, real arguments); }
#define WRITING(call, as, parameters, arguments) ssize_t call parameters { \
    REAL(call); DESCRIPTOR(fd); enum verdict verdict = judge(as, path, (long)size); REFUSED(verdict) \
    if (verdict == CUT && size > 1) size /= 2; \
    DONE(verdict, real arguments); }

WRITING(write, "write", (int fd, const void *data, size_t size), (fd, data, size))
WRITING(pwrite, "write", (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
WRITING(pwrite64, "write", (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
WRITING(sendfile, "write", (int fd, int from, off_t *at, size_t size), (fd, from, at, size))
WRITING(sendfile64, "write", (int fd, int from, off64_t *at, size_t size), (fd, from, at, size))
WRITING(read, "read", (int fd, void *data, size_t size), (fd, data, size))
WRITING(pread, "read", (int fd, void *data, size_t size, off_t at), (fd, data, size, at))
WRITING(pread64, "read", (int fd, void *data, size_t size, off64_t at), (fd, data, size, at))

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev); DESCRIPTOR(fd); enum verdict verdict = judge("write", path, count); REFUSED(verdict)
    if (verdict == CUT && count > 1) count = 1;
    DONE(verdict, real(fd, parts, count));
}

SIMPLE(fsync, (int fd), (fd), DESCRIPTOR(fd), size_of(fd))
SIMPLE(fdatasync, (int fd), (fd), DESCRIPTOR(fd), size_of(fd))
SIMPLE(fchmod, (int fd, mode_t mode), (fd, mode), DESCRIPTOR(fd), -1)
SIMPLE(flock, (int fd, int operation), (fd, operation), DESCRIPTOR(fd), -1)
SIMPLE(ftruncate, (int fd, off_t size), (fd, size), DESCRIPTOR(fd), (long)size)
SIMPLE(ftruncate64, (int fd, off64_t size), (fd, size), DESCRIPTOR(fd), (long)size)
SIMPLE(rename, (const char *from, const char *to), (from, to), NAME(AT_FDCWD, to); keep(path), -1)
SIMPLE(renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), NAME(b, to); keep(path), -1)
SIMPLE(link, (const char *from, const char *to), (from, to), NAME(AT_FDCWD, to), -1)
SIMPLE(mkdir, (const char *name, mode_t mode), (name, mode), NAME(AT_FDCWD, name), -1)
SIMPLE(rmdir, (const char *name), (name), NAME(AT_FDCWD, name), -1)
SIMPLE(unlink, (const char *name), (name), NAME(AT_FDCWD, name), -1)
SIMPLE(unlinkat, (int folder, const char *name, int flags), (folder, name, flags), NAME(folder, name), -1)

/* A close that fails has closed all the same. */
int close(int fd) {
    REAL(close); DESCRIPTOR(fd); enum verdict verdict = judge("close", path, -1);
    int result = real(fd);
    if (verdict == LAST) kill(0, SIGKILL), pause();
    REFUSED(verdict)
    return result;
}

#define OPENING(call, parameters, last, place, first) int call parameters { \
    REAL(call); mode_t mode = 0; va_list rest; \
    va_start(rest, last); if (flags & (O_CREAT | O_TMPFILE)) mode = va_arg(rest, mode_t); va_end(rest); \
    place; enum verdict verdict = judge(flags & (O_WRONLY | O_RDWR) ? "open" : "look", path, -1); REFUSED(verdict) \
    DONE(verdict, real first); }
OPENING(open, (const char *name, int flags, ...), flags, NAME(AT_FDCWD, name), (name, flags, mode))
OPENING(open64, (const char *name, int flags, ...), flags, NAME(AT_FDCWD, name), (name, flags, mode))
OPENING(openat, (int folder, const char *name, int flags, ...), flags, NAME(folder, name), (folder, name, flags, mode))
OPENING(openat64, (int folder, const char *name, int flags, ...), flags, NAME(folder, name), (folder, name, flags, mode))
