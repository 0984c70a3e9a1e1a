// A wcmp-mountd that dies, is silent, is not there, or says what it must not say.
#include "core/limits.h"
#include "unit/drives/mountd_source_fixture.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace wcmp::drives::test {
namespace {

using testing::ElementsAre;

TEST_F(MountdSourceTest, WhenMountdDiesItsDrivesHaveGoneAndComeBackUnderOtherNumbers) {
    start_with_drives(2);
    auto opening = open(1);
    expect_heard(What::mount, 1);
    mountd->hang_up();
    EXPECT_EQ(opening.get().error().code, Errc::not_found);
    EXPECT_THAT(next(2), ElementsAre("removed 1", "removed 2"));
    greet(2);
    EXPECT_THAT(next(2), ElementsAre("added 3 mountd vfat waiting", "added 4 mountd vfat waiting"));
    EXPECT_EQ(source->open({1}).error().code, Errc::not_found);
    opened(3, 1).reset();
}

TEST_F(MountdSourceTest, WhenMountdDiesNobodyKnowsWhetherADriveIsFree) {
    start_with_drives(1);
    opened(1, 1).reset();
    auto releasing = release(1);
    expect_heard(What::release, 1);
    mountd.reset();  // nothing listens any more
    EXPECT_EQ(releasing.get().error().code, Errc::io);
    EXPECT_THAT(next(2), ElementsAre("removed 1", "trouble not_found"));
    mountd.emplace(socket);
    greet(1);
    EXPECT_THAT(next(), ElementsAre("added 2 mountd vfat waiting"));
}

TEST_F(MountdSourceTest, ANewConnectionWaitsForTheVisitsOfTheOldOne) {
    start_with_drives(1);
    auto root = opened(1, 1);
    mountd->hang_up();
    EXPECT_THAT(next(), ElementsAre("removed 1"));
    bool connected = false;
    auto accepting = std::async(std::launch::async, [&] {
        greet(0);
        connected = true;
    });
    // A few attempts later there is still none.
    EXPECT_EQ(accepting.wait_for(100ms), std::future_status::timeout);
    root.reset();
    EXPECT_TRUE(source->release({1}));  // it has gone
    accepting.get();
    EXPECT_TRUE(connected);
}

TEST_F(MountdSourceTest, AVisitThatHangsHoldsUpANewConnectionForSoLongOnly) {
    options.release_time_max = 50ms;
    start_with_drives(1);
    const auto root = opened(1, 1);
    mountd->hang_up();
    greet(1);
    EXPECT_THAT(next(2), ElementsAre("removed 1", "added 2 mountd vfat waiting"));
}

TEST_F(MountdSourceTest, AMountdThatDoesNotAnswerIsNotWaitedForLong) {
    options.mount_time_max = options.release_time_max = 50ms;
    start_with_drives(1);
    auto opening = open(1);
    const auto opened_in_time = opening.get();
    ASSERT_FALSE(opened_in_time);
    EXPECT_EQ(opened_in_time.error().code, Errc::io);
    EXPECT_EQ(opened_in_time.error().os_error, ETIMEDOUT);
    expect_heard(What::mount, 1);
    mountd->hand_over(1, stick);  // too late: it is given back
    expect_heard(What::release, 1);
    EXPECT_EQ(source->release({1}).error().code, Errc::busy);
    expect_heard(What::release, 1);
}

// The end of a connection whose closing takes long: what was written to it has not gone out.
struct SlowToClose {
    io::UniqueFd listening{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    io::UniqueFd slow{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    io::UniqueFd other;

    bool make() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const where = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listening.get(), where, length) != 0 || ::listen(listening.get(), 1) != 0 ||
            ::getsockname(listening.get(), where, &length) != 0 || ::connect(slow.get(), where, length) != 0)
            return false;
        other = io::UniqueFd(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
        const linger patience{.l_onoff = 1, .l_linger = 60};
        ::setsockopt(slow.get(), SOL_SOCKET, SO_LINGER, &patience, sizeof patience);
        const Bytes much(1 << 16);
        while (::send(slow.get(), much.data(), much.size(), MSG_DONTWAIT) > 0) continue;
        return static_cast<bool>(other);
    }
};

TEST_F(MountdSourceTest, AnEndDoesNotWaitForADriveThatHangs) {
    SlowToClose drive;
    if (!drive.make()) GTEST_SKIP() << "this machine has no loopback";
    options.mount_time_max = 50ms;
    start_with_drives(1);
    EXPECT_FALSE(source->open({1}));
    expect_heard(What::mount, 1);
    mountd->say({.what = What::mounted, .drive = 1}, drive.slow.get());  // too late: it is closed
    drive.slow.reset();
    tell(1, Readiness::waiting);
    EXPECT_THAT(next(), ElementsAre("readiness 1 vfat waiting"));  // it was taken
    on_io([this] { source->stop(); });
    guard.reset();
    thread.join();
    auto ending = std::async(std::launch::async, [this] { source.reset(); });
    EXPECT_EQ(ending.wait_for(20s), std::future_status::ready);
    drive.other.reset();  // it ends at last
    ending.get();
}

TEST_F(MountdSourceTest, WhatWasAskedForIsNotAskedForAgain) {
    options.mount_time_max = 50ms;
    start_with_drives(1);
    EXPECT_FALSE(source->open({1}));
    EXPECT_FALSE(source->open({1}));
    expect_heard(What::mount, 1);
    mountd->hand_over(1, stick);
    expect_heard(What::release, 1);
}

TEST_F(MountdSourceTest, WhatIsNoDirectoryIsGivenBack) {
    start_with_drives(1);
    auto opening = open(1);
    expect_heard(What::mount, 1);
    mountd->hand_over(1, stick / "here");
    expect_heard(What::release, 1);
    mountd->say({.what = What::released, .drive = 1});
    EXPECT_FALSE(opening.get());
}

TEST_F(MountdSourceTest, TheLightIsShownAndShownAgain) {
    mountd.emplace(socket);
    start();
    greet(0);
    on_io([this] { source->set_light(Light::busy); });
    EXPECT_EQ(mountd->hear()->light, Light::busy);
    on_io([this] {
        source->set_light(Light::busy);  // nothing new
        source->set_light(Light::done);
    });
    EXPECT_EQ(mountd->hear()->light, Light::done);
    mountd->hang_up();
    on_io([this] { source->set_light(Light::attention); });
    mountd->accept();
    const auto shown = mountd->hear();
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->what, What::show);
    EXPECT_EQ(shown->light, Light::attention);
}

TEST_F(MountdSourceTest, WhatOneMustNotSayEndsTheConnection) {
    mountd.emplace(socket);
    start();
    const io::UniqueFd root(::open("/", O_PATH | O_CLOEXEC));
    auto later = handover::encode({.what = What::announced});
    later[0] = 2;
    const std::function<void()> wrongs[] = {
        [&] { mountd->say({.what = What::mounted, .drive = 1}, root.get()); },  // nobody asked
        [&] { mountd->say({.what = What::mounted, .drive = 8}, root.get()); },  // of which nobody knows
        [&] { mountd->say({.what = What::not_mounted, .drive = 1}); },
        [&] { mountd->say({.what = What::mounted, .drive = 1}); },               // without a descriptor
        [&] { mountd->say({.what = What::released, .drive = 1}, root.get()); },  // with one
        [&] { tell(0); },
        [&] { mountd->say({.what = What::mount, .drive = 1}); },
        [&] { mountd->say({.what = What::release, .drive = 1}); },
        [&] { mountd->say({.what = What::show}); },
        [&] { mountd->say_bytes(later); },
        [&] { mountd->say_bytes(ByteView(later).first(3)); },
        [&] { mountd->say_bytes(Bytes(33)); },
    };
    for (const auto& wrong : wrongs) {
        greet(1);
        EXPECT_THAT(next(), ElementsAre(testing::StartsWith("added ")));
        wrong();
        EXPECT_FALSE(mountd->hear());
        EXPECT_THAT(next(), testing::Contains(testing::StartsWith("removed ")));
        on_io([] {});
        const std::scoped_lock lock(mutex);
        seen.clear();  // trouble, when it was another than before
    }
    greet(1);
    EXPECT_THAT(next(), testing::Contains(testing::StartsWith("added ")));
}

TEST_F(MountdSourceTest, OfMoreDrivesThanThereCanBeTheOthersGoOn) {
    start_with_drives(limits::devices_max);
    tell(limits::devices_max + 1);
    mountd->say({.what = What::gone, .drive = limits::devices_max + 1});
    opened(1, 1).reset();
    mountd->say({.what = What::gone, .drive = 2});
    EXPECT_THAT(next(), ElementsAre("removed 2"));
    tell(limits::devices_max + 1);
    EXPECT_THAT(next(), ElementsAre("added 257 mountd vfat waiting"));
}

TEST_F(MountdSourceTest, AnotherUserIsNotTrusted) {
    options.link.peer = ::getuid() + 1;
    mountd.emplace(socket);
    start();
    mountd->accept();
    EXPECT_FALSE(mountd->hear());
    mountd->accept();  // it is tried again, and told once
    EXPECT_FALSE(mountd->hear());
    EXPECT_THAT(next(), ElementsAre("trouble denied"));
}

TEST_F(MountdSourceTest, WhetherItIsThereIsTold) {
    options.connected = [this](bool is_there) { see(is_there ? "connected" : "lost"); };
    start();
    EXPECT_THAT(next(), ElementsAre("trouble not_found"));
    mountd.emplace(socket);
    greet(1);
    EXPECT_THAT(next(2), ElementsAre("connected", "added 1 mountd vfat waiting"));
    mountd->hang_up();
    EXPECT_THAT(next(2), ElementsAre("removed 1", "lost"));
}

TEST_F(MountdSourceTest, AMountdThatIsNotThereIsWaitedFor) {
    start();
    EXPECT_THAT(next(), ElementsAre("trouble not_found"));
    mountd.emplace(socket);
    greet(1);
    EXPECT_THAT(next(), ElementsAre("added 1 mountd vfat waiting"));
}

TEST_F(MountdSourceTest, NothingIsReportedAfterTheEnd) {
    start_with_drives(2);
    auto opening = open(1);
    expect_heard(What::mount, 1);
    on_io([this] { source->stop(); });
    EXPECT_EQ(opening.get().error().code, Errc::cancelled);
    EXPECT_EQ(source->open({2}).error().code, Errc::not_found);
    EXPECT_EQ(source->release({2}).error().code, Errc::cancelled);  // not known to be free
    EXPECT_FALSE(mountd->hear());
    guard.reset();
    thread.join();  // ends: nothing is awaited any more
    EXPECT_TRUE(seen.empty());
    source.reset();
}

}  // namespace
}  // namespace wcmp::drives::test
