// Where openat2 is missing or forbidden: the same answers from openat.
#include "io/posix_open.h"

#include "io/posix.h"
#include "mounted.h"
#include "temporary_directory.h"

#include <cstddef>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wcmp::io {
namespace {

// For this thread only, as a sandbox does it.
bool forbid_openat2(int answer) {
    const auto answer_data = SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(answer);
    std::array program{
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, answer_data),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{.len = program.size(), .filter = program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

class WithoutOpenat2 : public testing::TestWithParam<int> {
protected:
    void SetUp() override {
        std::ofstream(temporary.path() / "file") << "1";
        ASSERT_EQ(::symlink("file", (temporary.path() / "link").c_str()), 0);
        ASSERT_EQ(::mkfifo((temporary.path() / "fifo").c_str(), 0600), 0);
    }

    tests::TemporaryDirectory temporary;
};

TEST_P(WithoutOpenat2, TheSameIsOpenedAndRefused) {
    bool forbidden = false;
    std::thread sandboxed([&] {
        forbidden = forbid_openat2(GetParam());
        if (!forbidden) return;
        const auto directory = open_directory(temporary.path()).value();
        EXPECT_TRUE(directory->open("file"));
        EXPECT_TRUE(directory->create("new"));
        EXPECT_EQ(directory->create("file").error().code, Errc::exists);
        EXPECT_EQ(directory->open("link").error().code, Errc::not_regular);
        EXPECT_EQ(directory->open("fifo").error().code, Errc::not_regular);
        EXPECT_EQ(directory->open("../file").error().code, Errc::invalid);
        EXPECT_EQ(directory->open("missing").error().code, Errc::not_found);
    });
    sandboxed.join();
    if (!forbidden) GTEST_SKIP() << "seccomp filters are not available";
}

INSTANTIATE_TEST_SUITE_P(Answers, WithoutOpenat2, testing::Values(ENOSYS, EPERM));

TEST(OpenBelowWithoutOpenat2, RefusesOtherFileSystems) {
    const tests::TemporaryDirectory temporary;
    std::filesystem::create_directory(temporary.path() / "mounted");
    const tests::Mounted mounted("tmpfs", temporary.path() / "mounted");
    if (!mounted) GTEST_SKIP() << "this user may not mount";
    const UniqueFd directory(::open(temporary.path().c_str(), O_RDONLY | O_DIRECTORY));
    const auto opened = open_below_without_openat2(directory.get(), "mounted", O_RDONLY | O_DIRECTORY, 0);
    EXPECT_EQ(opened.error().code, Errc::not_regular);
}

TEST(OpenBelow, NeedsADirectory) {
    EXPECT_FALSE(open_below(-1, "a", O_RDONLY));
    EXPECT_FALSE(reopen_directory(-1));
    EXPECT_EQ(lock_for_writing(-1).error().code, Errc::io);
}

}  // namespace
}  // namespace wcmp::io
