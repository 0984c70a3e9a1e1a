// Directories that hang whoever looks at them, and answer again.
#include "io/unique_fd.h"
#include "mounted.h"
#include "unit/drives/directory_source_fixture.h"

#include <fcntl.h>
#include <sys/fanotify.h>

namespace wcmp::drives::test {
namespace {

// A file system that never answers, as a dead server's does: nobody serves what is asked of it, until the
// descriptor goes.
class DeadServer {
public:
    explicit DeadServer(const fs::path& at)
        : requests_(::open("/dev/fuse", O_RDWR | O_CLOEXEC)),
          mounted_("fuse", at,
                   "fd=" + std::to_string(requests_.get()) + ",rootmode=40000,user_id=0,group_id=0") {}

    explicit operator bool() const { return requests_ && mounted_; }

private:
    io::UniqueFd requests_;
    tests::Mounted mounted_;
};

struct SilentDirectories : DirectorySourceTest {
    void SetUp() override {
        if (!tests::Mounted::namespace_entered()) GTEST_SKIP() << "this user may not mount";
        fs::create_directory(hung);
        fs::create_directories(stick);
        server.emplace(hung);
        if (!*server) GTEST_SKIP() << "there is no FUSE here";
    }

    fs::path hung = temporary.path() / "a-hung-one";
    std::optional<DeadServer> server;
};

TEST_F(SilentDirectories, AreShownUntilTheyAnswer) {
    answers_within = 500ms;
    watch(hung);
    EXPECT_THAT(next(2), ElementsAre("added 1", "silent 1"));
    EXPECT_EQ(last_added->readiness, Readiness::waiting) << "nobody has seen it";
    EXPECT_EQ(source->open({1}).error().code, Errc::not_found);
    server.reset();
    EXPECT_THAT(next(2), ElementsAre("removed 1", "added 2"));
    EXPECT_EQ(last_added->readiness, Readiness::ready);
}

// Whoever opens the directory waits until this goes, and finds it as it was.
class Reins {
public:
    explicit Reins(const fs::path& directory)
        : answers_(::fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, 0)) {
        held_ = answers_ && ::fanotify_mark(answers_.get(), FAN_MARK_ADD, FAN_OPEN_PERM | FAN_ONDIR, AT_FDCWD,
                                            directory.c_str()) == 0;
    }
    explicit operator bool() const { return held_; }

private:
    io::UniqueFd answers_;
    bool held_ = false;
};

TEST_F(DirectorySourceTest, ADirectoryThatFallsSilentKeepsItsNumber) {
    fs::create_directories(stick / "WCMP");
    answers_within = 500ms;
    watch(stick);
    EXPECT_THAT(next(), ElementsAre("added 1"));
    {
        const Reins held(stick);
        if (!held) GTEST_SKIP() << "this user may not hold others up";
        write(stick / "WCMP" / "a.wcmp");
        EXPECT_THAT(next(), ElementsAre("silent 1"));
    }
    EXPECT_THAT(next(2), ElementsAre("changed 1", "answers 1"));
}

TEST_F(SilentDirectories, AreForgottenWithTheSettings) {
    answers_within = 20ms;
    watch(hung);
    next(2);
    source->configure({{hung}});
    source->configure({});
    EXPECT_THAT(next(), ElementsAre("removed 1"));
    source->configure({{hung, true}});
    EXPECT_THAT(next(2), ElementsAre("added 2", "silent 2"));
    EXPECT_TRUE(last_added->shared);
    source->configure({{hung, false}});
    EXPECT_THAT(next(3), ElementsAre("removed 2", "added 3", "silent 3"));
}

TEST_F(SilentDirectories, HideNoOther) {
    start({{hung}, {stick}});
    EXPECT_THAT(next(), ElementsAre("added 1"));
    EXPECT_TRUE(source->open({1}));
    EXPECT_TRUE(source->release({1}));
    fs::create_directory(stick / "WCMP");
    EXPECT_THAT(next(), ElementsAre("changed 1"));
    source.reset();  // does not wait for the look that is on
    server.reset();
}

}  // namespace
}  // namespace wcmp::drives::test
