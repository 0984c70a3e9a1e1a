// The messages between wcmpd and wcmp-mountd, as bytes and over a real socket.
#include "drives/handover.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wcmp::drives::handover {
namespace {

struct Ends {
    Channel mountd, wcmpd;
};

Ends ends() {
    int sockets[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sockets), 0);
    return {Channel(io::UniqueFd(sockets[0])), Channel(io::UniqueFd(sockets[1]))};
}

Message mounted(std::uint32_t drive) {
    return {.what = What::mounted, .drive = drive, .file_system = FileSystemKind::vfat, .read_only = true};
}

TEST(Handover, AMessageIsTheseBytes) {
    const auto bytes = encode({.what = What::not_mounted,
                               .drive = 0x01020304,
                               .readiness = Readiness::encrypted,
                               .file_system = FileSystemKind::exfat,
                               .os_error = 5,
                               .read_only = true,
                               .light = Light::attention,
                               .carrier = 0x05060708});
    const std::array<std::uint8_t, message_bytes> expected{1, 5, 2, 1, 1, 2, 3, 4, 0,
                                                           0, 0, 5, 1, 4, 5, 6, 7, 8};
    EXPECT_EQ(bytes, expected);
}

TEST(Handover, EveryKindComesBackAsItWas) {
    for (const auto what :
         {What::drive, What::gone, What::announced, What::mounted, What::not_mounted, What::released,
          What::still_in_use, What::give_back, What::mount, What::release, What::show}) {
        const Message message{
            .what = what, .drive = 7, .readiness = Readiness::waiting, .light = Light::done, .carrier = 9};
        const auto decoded = decode(encode(message));
        ASSERT_TRUE(decoded);
        EXPECT_EQ(*decoded, message);
    }
}

// Each byte, with each value: what is taken is written as the same bytes again.
TEST(Handover, OneMessageHasOneForm) {
    const auto good = encode({.what = What::drive, .drive = 1});
    std::size_t taken = 0;
    for (std::size_t at = 0; at < good.size(); ++at)
        for (unsigned value = 0; value < 256; ++value) {
            auto bytes = good;
            bytes[at] = static_cast<std::uint8_t>(value);
            const auto decoded = decode(bytes);
            if (!decoded) continue;
            ++taken;
            EXPECT_EQ(encode(*decoded), bytes) << at << ' ' << value;
        }
    EXPECT_GT(taken, 4 * 255u);
}

TEST(Handover, WhatThereIsNotIsRefused) {
    const auto good = encode({.what = What::drive, .drive = 1});
    const std::pair<std::size_t, std::uint8_t> changes[] = {{1, 0},  {1, 9},  {1, 64}, {1, 68},
                                                            {2, 5},  {3, 4},  {8, 1},  {10, 16},
                                                            {12, 2}, {13, 5}, {18, 1}, {31, 1}};
    for (const auto& [at, value] : changes) {
        auto bytes = good;
        bytes[at] = value;
        const auto decoded = decode(bytes);
        ASSERT_FALSE(decoded) << at;
        EXPECT_EQ(decoded.error().code, Errc::invalid) << at;
    }
    auto later = good;
    later[0] = 2;
    EXPECT_EQ(decode(later).error().code, Errc::unsupported);
    EXPECT_EQ(decode(ByteView(good).first(31)).error().code, Errc::truncated);
}

TEST(Handover, ADescriptorArrivesAndIsTheSameFile) {
    const auto [mountd, wcmpd] = ends();
    const io::UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(mountd.send(mounted(3), root.get()));
    auto received = wcmpd.receive();
    ASSERT_TRUE(received && *received);
    EXPECT_EQ((*received)->message, mounted(3));
    struct stat sent{}, got{};
    ASSERT_EQ(::fstat(root.get(), &sent), 0);
    ASSERT_EQ(::fstat((*received)->descriptor.get(), &got), 0);
    EXPECT_EQ(sent.st_ino, got.st_ino);
    EXPECT_EQ(::fcntl((*received)->descriptor.get(), F_GETFD), FD_CLOEXEC);
}

TEST(Handover, NothingIsNoError) {
    const auto [mountd, wcmpd] = ends();
    const auto received = wcmpd.receive();
    ASSERT_TRUE(received);
    EXPECT_FALSE(*received);
}

TEST(Handover, TheOtherSideHasClosed) {
    auto both = ends();
    {
        const auto gone = std::move(both.mountd);
    }
    EXPECT_EQ(both.wcmpd.receive().error().code, Errc::not_found);
    EXPECT_FALSE(both.wcmpd.send({.what = What::release}));
}

TEST(Handover, ADescriptorTooFewOrTooManyEndsIt) {
    const auto [mountd, wcmpd] = ends();
    const io::UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(mountd.send(mounted(3)));
    EXPECT_EQ(wcmpd.receive().error().code, Errc::invalid);
    ASSERT_TRUE(mountd.send({.what = What::gone, .drive = 3}, root.get()));
    EXPECT_EQ(wcmpd.receive().error().code, Errc::invalid);
}

TEST(Handover, APacketOfAnotherLengthEndsIt) {
    const auto [mountd, wcmpd] = ends();
    std::array<char, message_bytes + 8> bytes{};
    for (const auto length : {std::size_t{1}, message_bytes - 1, message_bytes + 1, bytes.size()}) {
        ASSERT_EQ(::send(mountd.descriptor(), bytes.data(), length, 0), static_cast<ssize_t>(length));
        EXPECT_FALSE(wcmpd.receive()) << length;
    }
}

TEST(Handover, AReaderThatDoesNotReadIsNoticed) {
    const auto [mountd, wcmpd] = ends();
    Result<void> sent;
    for (int i = 0; i < 100'000 && sent; ++i) sent = mountd.send({.what = What::gone, .drive = 1});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::busy);
}

TEST(Handover, ThePeerIsThisUser) {
    const auto [mountd, wcmpd] = ends();
    EXPECT_EQ(wcmpd.peer(), ::getuid());
}

TEST(Handover, NobodyListens) {
    EXPECT_EQ(connect("/nonexistent/handover.sock").error().code, Errc::not_found);
    EXPECT_EQ(connect(std::string(200, 'x').c_str()).error().code, Errc::too_large);
}

}  // namespace
}  // namespace wcmp::drives::handover
