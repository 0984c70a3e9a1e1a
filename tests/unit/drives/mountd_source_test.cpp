// The source of drives that wcmp-mountd hands over, against a scripted one over a real socket.
#include "drives/mountd_source.h"

#include "core/limits.h"
#include "temporary_directory.h"
#include "unit/drives/scripted_mountd.h"

#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace wcmp::drives {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using handover::What;
using testing::ElementsAre;

class MountdSourceTest : public testing::Test {
protected:
    MountdSourceTest() {
        options.link = {.socket = socket, .peer = ::getuid(), .retry_min = 5ms, .retry_max = 100ms};
        options.trouble = [this](const Error& why) { see("trouble " + std::string(to_string(why.code))); };
        fs::create_directory(stick);
        std::ofstream(stick / "here") << "x";
    }

    ~MountdSourceTest() override {
        if (source) on_io([this] { source->stop(); });
        guard.reset();
        if (thread.joinable()) thread.join();
    }

    void start() {
        source.emplace(io, numbers, options);
        source->start(
            {.added =
                 [this](const DriveAdded& drive) {
                     see("added " + std::to_string(drive.id.number) + ' ' +
                         std::string(to_string(drive.kind)) + ' ' +
                         std::string(to_string(drive.file_system)) + ' ' +
                         std::string(to_string(drive.readiness)));
                 },
             .changed = [this](const DriveChanged&) { see("changed"); },
             .removed =
                 [this](const DriveRemoved& drive) { see("removed " + std::to_string(drive.id.number)); },
             .readiness =
                 [this](const DriveReadiness& drive) {
                     see("readiness " + std::to_string(drive.id.number) + ' ' +
                         std::string(to_string(drive.file_system)) + ' ' +
                         std::string(to_string(drive.readiness)));
                 },
             .wanted =
                 [this](const DriveWanted& drive) { see("wanted " + std::to_string(drive.id.number)); }});
        thread = std::thread([this] { io.run(); });
    }

    // Connected, with these drives of wcmp-mountd's, numbered from 1 on by both.
    void start_with_drives(std::uint32_t count) {
        mountd.emplace(socket);
        start();
        greet(count);
        next(count);
    }

    void greet(std::uint32_t count) {
        mountd->accept();
        ASSERT_EQ(mountd->hear()->what, What::show);
        for (std::uint32_t number = 1; number <= count; ++number) tell(number);
        mountd->say({.what = What::announced});
    }

    void tell(std::uint32_t number, Readiness readiness = Readiness::ready,
              FileSystemKind file_system = FileSystemKind::vfat) {
        mountd->say(
            {.what = What::drive, .drive = number, .readiness = readiness, .file_system = file_system});
    }

    void expect_heard(What what, std::uint32_t drive) {
        const auto heard = mountd->hear();
        ASSERT_TRUE(heard) << "the connection has ended";
        EXPECT_EQ(heard->what, what);
        EXPECT_EQ(heard->drive, drive);
    }

    void on_io(std::function<void()> work) {
        std::promise<void> done;
        boost::asio::post(io, [&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }

    void see(std::string report) {
        const std::scoped_lock lock(mutex);
        seen.push_back(std::move(report));
        news.notify_all();
    }

    // Waits until so many reports have come, and takes them.
    std::vector<std::string> next(std::size_t count = 1) {
        std::unique_lock lock(mutex);
        news.wait_for(lock, 20s, [&] { return seen.size() >= count; });
        return std::exchange(seen, {});
    }

    auto open(std::uint32_t id) {
        return std::async(std::launch::async, [this, id] { return source->open({id}); });
    }
    auto release(std::uint32_t id) {
        return std::async(std::launch::async, [this, id] { return source->release({id}); });
    }
    std::unique_ptr<io::Directory> opened(std::uint32_t id, std::uint32_t number) {
        auto opening = open(id);
        expect_heard(What::mount, number);
        mountd->hand_over(number, stick);
        auto root = opening.get();
        EXPECT_TRUE(root);
        return root ? std::move(*root) : nullptr;
    }

    tests::TemporaryDirectory temporary;
    fs::path socket = temporary.path() / "handover.sock";
    fs::path stick = temporary.path() / "stick";
    std::optional<test::ScriptedMountd> mountd;
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()};
    DriveNumbers numbers;
    MountdSourceOptions options;
    std::optional<MountdSource> source;
    std::thread thread;
    std::mutex mutex;
    std::condition_variable news;
    std::vector<std::string> seen;
};

TEST_F(MountdSourceTest, DrivesComeChangeAndGo) {
    numbers.next();  // another source's
    mountd.emplace(socket);
    start();
    greet(0);
    tell(7);
    tell(9, Readiness::encrypted, FileSystemKind::other);
    EXPECT_THAT(next(2), ElementsAre("added 2 mountd vfat waiting", "added 3 mountd other encrypted"));
    tell(9, Readiness::encrypted, FileSystemKind::other);  // nothing new
    tell(9, Readiness::ready, FileSystemKind::exfat);
    EXPECT_THAT(next(), ElementsAre("readiness 3 exfat waiting"));
    mountd->say({.what = What::gone, .drive = 7});
    EXPECT_THAT(next(), ElementsAre("removed 2"));
    mountd->say({.what = What::gone, .drive = 7});  // of which nobody knows any more
    mountd->say({.what = What::give_back, .drive = 9});
    EXPECT_THAT(next(), ElementsAre("wanted 3"));
}

TEST_F(MountdSourceTest, AVisitFromMountToReleased) {
    start_with_drives(1);
    auto root = opened(1, 1);
    std::vector<std::string> names;
    ASSERT_TRUE(root->list([&](std::string_view name) { names.emplace_back(name); }));
    EXPECT_THAT(names, ElementsAre("here"));
    ASSERT_TRUE(root->create("new"));
    EXPECT_TRUE(fs::exists(stick / "new"));
    root.reset();
    auto releasing = release(1);
    expect_heard(What::release, 1);
    mountd->say({.what = What::released, .drive = 1});
    EXPECT_TRUE(releasing.get());
    root = opened(1, 1);  // and again
}

TEST_F(MountdSourceTest, WhyADriveIsNotMounted) {
    start_with_drives(1);
    const std::pair<int, Errc> reasons[] = {
        {0, Errc::not_found}, {EBUSY, Errc::busy}, {EIO, Errc::io}, {EACCES, Errc::denied}};
    for (const auto& [os_error, code] : reasons) {
        auto opening = open(1);
        expect_heard(What::mount, 1);
        mountd->say({.what = What::not_mounted, .drive = 1, .os_error = os_error});
        EXPECT_EQ(opening.get().error().code, code);
    }
    EXPECT_EQ(source->open({2}).error().code, Errc::not_found);  // mountd is not even asked
}

TEST_F(MountdSourceTest, WhatIsInUseIsNotReleased) {
    start_with_drives(1);
    opened(1, 1).reset();
    auto releasing = release(1);
    expect_heard(What::release, 1);
    mountd->say({.what = What::still_in_use, .drive = 1, .os_error = EBUSY});
    EXPECT_EQ(releasing.get().error().code, Errc::busy);
    mountd->say({.what = What::released, .drive = 1});  // later, for nobody
    opened(1, 1).reset();
}

TEST_F(MountdSourceTest, TwoDrivesAtOnce) {
    start_with_drives(2);
    auto first = open(1);
    expect_heard(What::mount, 1);
    auto second = open(2);
    expect_heard(What::mount, 2);
    mountd->hand_over(2, temporary.path());
    auto other = second.get();
    ASSERT_TRUE(other);
    EXPECT_TRUE((*other)->open_directory("stick"));
    mountd->hand_over(1, stick);
    auto one = first.get();
    ASSERT_TRUE(one);
    EXPECT_TRUE((*one)->open("here"));
    other->reset();
    auto releasing = release(2);
    expect_heard(What::release, 2);
    mountd->say({.what = What::released, .drive = 2});
    EXPECT_TRUE(releasing.get());
}

TEST_F(MountdSourceTest, PulledOutWhileItIsMounted) {
    start_with_drives(1);
    auto opening = open(1);
    expect_heard(What::mount, 1);
    mountd->say({.what = What::gone, .drive = 1});
    EXPECT_EQ(opening.get().error().code, Errc::not_found);
    EXPECT_THAT(next(), ElementsAre("removed 1"));
    mountd->say({.what = What::not_mounted, .drive = 1});  // the answer all the same
    mountd->hand_over(1, stick);                           // or this one: it is given back
    expect_heard(What::release, 1);
}

TEST_F(MountdSourceTest, PulledOutBeforeItIsReleased) {
    start_with_drives(2);
    opened(1, 1).reset();
    auto releasing = release(1);
    expect_heard(What::release, 1);
    mountd->say({.what = What::gone, .drive = 1});
    EXPECT_TRUE(releasing.get());
    opened(2, 2).reset();
    mountd->say({.what = What::gone, .drive = 2});
    EXPECT_THAT(next(2), ElementsAre("removed 1", "removed 2"));
    EXPECT_TRUE(source->release({2}));
}

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

TEST_F(MountdSourceTest, MoreDrivesThanThereCanBeEndTheConnection) {
    mountd.emplace(socket);
    start();
    greet(0);
    for (std::uint32_t number = 1; number <= limits::devices_max + 1; ++number) tell(number);
    EXPECT_FALSE(mountd->hear());
    EXPECT_EQ(next(2 * limits::devices_max + 1).back(), "trouble too_large");
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
}  // namespace wcmp::drives
