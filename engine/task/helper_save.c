/*
 * helper_save.c - see helper_save.h. A file that is told to be whole is on
 * disk: the wait for that is here, too.
 */
#include "engine/task/helper_save.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/saved/saved_file.h"
#include "engine/saved/saved_pack.h"
#include "src/base/sys/fd_stream.h"

/* A save at work; the file is there for what is packed as well. */
struct helper_saving {
    struct helper_talk talk;
    struct fd_stream file;
};

static int
helper_save_suspend(void *arg, char words[HV_WORDS_MAX], struct err *e)
{
    struct helper_saving *s = arg;

    return helper_ask(&s->talk, HELPER_ASK_SUSPEND, "", words, HV_WORDS_MAX, e);
}

static int
helper_save_log_dirty(void *arg, bool on, struct err *e)
{
    struct helper_saving *s = arg;
    char nothing[HELPER_ANSWER_MAX];

    return helper_ask(&s->talk, HELPER_ASK_LOG_DIRTY, on ? "1" : "0", nothing,
                      sizeof(nothing), e);
}

static void
helper_save_progress(void *arg, int percent, const char *what)
{
    (void)arg;
    helper_say("progress %d %s", percent, what);
}

static void
helper_save_wrote(void *arg, int percent, const char *what)
{
    struct helper_saving *s = arg;

    (void)fd_stream_wrote(&s->file);
    helper_save_progress(arg, percent, what);
}

static int
helper_save_failed(const struct err *e)
{
    helper_say("error %d %s", (int)e->code, e->msg);
    return 1;
}

static int
stream_out(struct hv *h, const struct hv_save *s, int state_fd, struct err *e)
{
    return hv_save(h, s, e) < 0 ? -1 : saved_tail_write(s->fd, state_fd, e);
}

/* A write that fails because the packing has failed says nothing of why. */
static int
stream_out_packed(struct hv *h, struct hv_save *s, int state_fd, struct err *e)
{
    struct saved_pack *p = saved_pack_begin(s->fd, &s->fd, e);
    int rc;

    if (p == NULL)
        return -1;
    rc = stream_out(h, s, state_fd, e);
    return saved_pack_end(p, e) < 0 ? -1 : rc;
}

/* A connection to another host is none that can be synced. */
static int
sync_out(int fd, struct err *e)
{
    helper_say("progress 100 syncing the file");
    if (fsync(fd) == 0 || errno == EINVAL)
        return 0;
    return err_sys(e, errno, "file of the saved domain");
}

int
helper_job_save(struct hv *h, struct hv_save *s, int state_fd, bool packed)
{
    struct hv_sent sent = { 0 };
    struct helper_saving saving = { .file = { .fd = s->fd } };
    struct hv_save job = *s;
    struct err e = { 0 };
    off_t end;
    int rc;

    job.suspend = helper_save_suspend;
    job.log_dirty = helper_save_log_dirty;
    job.progress = helper_save_wrote;
    job.arg = &saving;
    job.sent = &sent;
    (void)signal(SIGPIPE, SIG_IGN);
    fd_stream_began(&saving.file);
    rc = packed ? stream_out_packed(h, &job, state_fd, &e)
                : stream_out(h, &job, state_fd, &e);
    buf_free(&saving.talk.in);
    if (rc < 0 || sync_out(s->fd, &e) < 0)
        return helper_save_failed(&e);
    end = lseek(s->fd, 0, SEEK_CUR);
    helper_say("done bytes=%lld sent_kib=%llu rounds=%u",
               (long long)(end > 0 ? end : 0), (unsigned long long)sent.kib,
               sent.rounds);
    return 0;
}

int
helper_save_open(const char *path, uint64_t inode)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct err e = { 0 };
    struct stat sb;

    if (fd < 0 || fstat(fd, &sb) < 0 || lseek(fd, 0, SEEK_END) < 0)
        err_sys(&e, errno, "file %s", path);
    else if ((uint64_t)sb.st_ino != inode)
        err_set(&e, ERR_LOST, "file %s: another one has come in its place",
                path);
    else
        return fd;
    if (fd >= 0)
        close(fd);
    (void)helper_save_failed(&e);
    return -1;
}

/* A rename that is not on disk is done again. */
static void
sync_dir_of(const char *path)
{
    char dir[4096];
    char *slash;
    int fd;

    text_fmt(dir, sizeof(dir), "%s", path);
    slash = strrchr(dir, '/');
    if (slash == NULL)
        return;
    slash[slash == dir] = '\0';
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

/* Not every file system knows a rename that replaces nothing. */
static int
rename_to(const char *from, const char *to, bool replace)
{
    int r =
        renameat2(AT_FDCWD, from, AT_FDCWD, to, replace ? 0 : RENAME_NOREPLACE);

    if (r < 0 && errno == EINVAL && access(to, F_OK) < 0 && errno == ENOENT)
        return rename(from, to);
    return r;
}

int
helper_job_name(const char *from, const char *to, bool replace)
{
    struct err e = { 0 };

    if (rename_to(from, to, replace) == 0) {
        sync_dir_of(to);
        helper_say("done");
        return 0;
    }
    if (errno == EEXIST)
        err_set(&e, ERR_EXISTS, "file %s exists already", to);
    else
        err_sys(&e, errno, "file %s", to);
    return helper_save_failed(&e);
}

static int
stream_in(struct hv *h, const struct hv_restore *r, int state_fd,
          struct hv_restored *got, struct err *e)
{
    return hv_restore(h, r, got, e) < 0 ? -1
                                        : saved_tail_read(r->fd, state_fd, e);
}

/* The head is packed as well: it was read from the frame before. */
static int
stream_in_packed(struct hv *h, struct hv_restore *r, int state_fd,
                 struct hv_restored *got, struct err *e)
{
    struct saved_pack *p = saved_unpack_begin(r->fd, &r->fd, e);
    struct saved_head head;
    int rc;

    if (p == NULL)
        return -1;
    rc = saved_head_read(r->fd, "what is compressed", &head, e);
    saved_head_fini(&head);
    if (rc == 0)
        rc = stream_in(h, r, state_fd, got, e);
    return saved_pack_end(p, e) < 0 ? -1 : rc;
}

int
helper_job_restore(struct hv *h, struct hv_restore *r, int state_fd,
                   bool packed)
{
    struct hv_restored got = { 0 };
    struct err e = { 0 };

    r->progress = helper_save_progress;
    (void)signal(SIGPIPE, SIG_IGN);
    fd_stream_reads(r->fd);
    if ((packed ? stream_in_packed(h, r, state_fd, &got, &e)
                : stream_in(h, r, state_fd, &got, &e)) < 0)
        return helper_save_failed(&e);
    helper_say("done store_mfn=%llu console_mfn=%llu words %s",
               (unsigned long long)got.rings.store_mfn,
               (unsigned long long)got.rings.console_mfn, got.words);
    return 0;
}
