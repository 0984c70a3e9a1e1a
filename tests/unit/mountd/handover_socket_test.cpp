// The handover's socket: whose it is, and what is in its way.
#include "handover_socket.h"

#include "drives/handover.h"
#include "temporary_directory.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wcmp::mountd {
namespace {

class SocketTest : public ::testing::Test {
protected:
    std::filesystem::path path() const { return folder_.path() / "made" / "handover.sock"; }

    tests::TemporaryDirectory folder_;
    Owner own_{::geteuid(), ::getegid()};
};

mode_t mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
}

TEST_F(SocketTest, IsForItsOwnerAndItsFolderCanBePassedThrough) {
    const auto listening = listen_at(path(), own_);
    ASSERT_TRUE(listening) << describe(listening.error());
    EXPECT_EQ(mode_of(path()), 0600u);
    EXPECT_EQ(mode_of(path().parent_path()), 0711u);
    EXPECT_TRUE(drives::handover::connect(path().c_str()));
}

TEST_F(SocketTest, BelongsToTheRelaysUser) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root";
    ASSERT_TRUE(listen_at(path(), {1234, 5678}));
    struct stat status{};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, 1234u);
    EXPECT_EQ(status.st_gid, 5678u);
}

TEST_F(SocketTest, OneThatIsInUseIsLeftAlone) {
    const auto first = listen_at(path(), own_);
    ASSERT_TRUE(first);
    const auto second = listen_at(path(), own_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::busy);
    EXPECT_TRUE(drives::handover::connect(path().c_str()));
}

TEST_F(SocketTest, OneThatWasLeftBehindIsReplaced) {
    ASSERT_TRUE(listen_at(path(), own_));  // closed, its name stays
    const auto again = listen_at(path(), own_);
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_TRUE(drives::handover::connect(path().c_str()));
}

TEST_F(SocketTest, WhatIsNoSocketIsLeftAlone) {
    std::filesystem::create_directory(path().parent_path());
    std::ofstream(path()) << "text";
    const auto listening = listen_at(path(), own_);
    ASSERT_FALSE(listening);
    EXPECT_EQ(listening.error().code, Errc::exists);
    EXPECT_EQ(std::filesystem::file_size(path()), 4u);
}

TEST_F(SocketTest, AFolderThatAnybodyMayWriteToIsRefused) {
    std::filesystem::create_directory(path().parent_path());
    std::filesystem::permissions(path().parent_path(), std::filesystem::perms::all);
    const auto listening = listen_at(path(), own_);
    ASSERT_FALSE(listening);
    EXPECT_EQ(listening.error().code, Errc::denied);
}

TEST_F(SocketTest, APathThatIsTooLongIsRefused) {
    const auto listening = listen_at(folder_.path() / std::string(108, 'x'), own_);
    ASSERT_FALSE(listening);
    EXPECT_EQ(listening.error().code, Errc::invalid);
}

TEST_F(SocketTest, OnlyAListeningSocketOfPacketsIsAdopted) {
    auto listening = listen_at(path(), own_);
    ASSERT_TRUE(listening);
    EXPECT_TRUE(adopt_listening(listening->release()));
    const auto stream = adopt_listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().code, Errc::invalid);
    EXPECT_FALSE(adopt_listening(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)));
}

}  // namespace
}  // namespace wcmp::mountd
