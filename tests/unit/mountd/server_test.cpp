// The privileged end of the handover over a real socket. Devices are told by the test; those that are mounted
// are loop devices.
#include "server.h"

#include "core/limits.h"
#include "handover_socket.h"
#include "loop_device.h"
#include "running.h"
#include "temporary_directory.h"

#include <deque>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wcmp::mountd {
namespace {

using drives::Device;
using drives::Light;
using drives::Readiness;
using drives::handover::Channel;
using drives::handover::Message;
using drives::handover::Received;
using drives::handover::What;
using std::chrono::milliseconds;

class ToldDevices final : public drives::Devices {
public:
    Result<void> start(drives::DeviceListener told) override {
        listener = std::move(told);
        return {};
    }
    void stop() override { stopped = true; }

    drives::DeviceListener listener;
    bool stopped = false;
};

Device device(std::uint32_t minor, Readiness readiness = Readiness::ready) {
    return {.key = {.major = 8, .minor = minor, .generation = minor},
            .node = "/dev/no-such-device",
            .file_system = drives::FileSystemKind::vfat,
            .readiness = readiness};
}

class ServerTest : public ::testing::Test {
protected:
    explicit ServerTest(uid_t uid = ::geteuid()) : uid_(uid) {
        auto listening = listen_at(path(), {::geteuid(), ::getegid()});
        EXPECT_TRUE(listening) << describe(listening.error());
        const ReleaseTimes quick{milliseconds(1), milliseconds(5), milliseconds(100)};
        const DriveTimes times{.release = quick, .others = quick, .give_back = milliseconds(200)};
        // Files on a loop device's ext4 are its owner's; only on drives without owners the user counts.
        server_ = std::make_unique<Server>(
            io_, std::move(*listening), devices_, ServerOptions{.user = {uid_, ::getegid()}, .times = times},
            ServerListener{.light = [this](Light light) { lights_.push_back(light); },
                           .status_changed = [] {}});
        EXPECT_TRUE(server_->start());
    }

    std::filesystem::path path() const { return folder_.path() / "handover.sock"; }

    Channel connect() const {
        auto channel = drives::handover::connect(path().c_str());
        EXPECT_TRUE(channel) << describe(channel.error());
        return std::move(*channel);
    }
    // The next message; an error when the server has closed, or says nothing.
    Result<Received> next(const Channel& client) {
        Result<std::optional<Received>> received;
        const bool came = run_until(io_, [&] {
            received = client.receive();
            return !received || *received;
        });
        if (!came) return fail(Errc::cancelled, "nothing came");
        if (!received) return std::unexpected(received.error());
        return std::move(**received);
    }
    Message expect(const Channel& client, What what, std::uint32_t drive = 0) {
        const auto received = next(client);
        EXPECT_TRUE(received) << describe(received.error());
        if (!received) return {};
        EXPECT_EQ(received->message.what, what);
        EXPECT_EQ(received->message.drive, drive);
        return received->message;
    }
    void expect_closed(const Channel& client) {
        const auto received = next(client);
        ASSERT_FALSE(received);
        EXPECT_EQ(received.error().code, Errc::not_found);
    }
    void say(const Channel& client, What what, std::uint32_t drive, Light light = Light::idle) const {
        EXPECT_TRUE(client.send({.what = what, .drive = drive, .light = light}));
    }

    tests::TemporaryDirectory folder_;
    uid_t uid_;
    boost::asio::io_context io_{1};
    ToldDevices devices_;
    std::vector<Light> lights_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, TellsWhatIsThereThenThatThisWasAll) {
    devices_.listener.found(device(1));
    devices_.listener.found(device(2, Readiness::encrypted));
    devices_.listener.settled();
    const auto client = connect();
    EXPECT_EQ(expect(client, What::drive, 1).readiness, Readiness::ready);
    EXPECT_EQ(expect(client, What::drive, 2).readiness, Readiness::encrypted);
    expect(client, What::announced);
}

TEST_F(ServerTest, WhoIsThereBeforeTheDevicesAreKnownWaitsForTheEnd) {
    const auto client = connect();
    ASSERT_TRUE(run_until(io_, [&] { return server_->status() == "wcmpd is connected"; }));
    devices_.listener.found(device(1));
    devices_.listener.settled();
    expect(client, What::drive, 1);
    expect(client, What::announced);
}

TEST_F(ServerTest, TellsChangesAndGoodbyesAndNeverANumberTwice) {
    devices_.listener.settled();
    const auto client = connect();
    expect(client, What::announced);
    devices_.listener.found(device(1, Readiness::empty));
    expect(client, What::drive, 1);
    devices_.listener.changed(device(1));
    EXPECT_EQ(expect(client, What::drive, 1).readiness, Readiness::ready);
    devices_.listener.gone(device(1).key);
    expect(client, What::gone, 1);
    devices_.listener.found(device(1));
    expect(client, What::drive, 2);
}

TEST_F(ServerTest, WhatIsNotReadyOrNotThereIsNotMounted) {
    devices_.listener.found(device(1, Readiness::encrypted));
    devices_.listener.found(device(2));
    const auto client = connect();
    expect(client, What::drive, 1);
    expect(client, What::drive, 2);
    say(client, What::mount, 1);
    EXPECT_EQ(expect(client, What::not_mounted, 1).os_error, 0);
    say(client, What::mount, 9);
    EXPECT_EQ(expect(client, What::not_mounted, 9).os_error, 0);
    say(client, What::mount, 2);
    EXPECT_EQ(expect(client, What::not_mounted, 2).os_error, ENOENT);
}

TEST_F(ServerTest, ANewerClientReplacesTheOlder) {
    devices_.listener.settled();
    const auto older = connect();
    expect(older, What::announced);
    const auto newer = connect();
    expect(newer, What::announced);
    expect_closed(older);
    EXPECT_EQ(server_->status(), "wcmpd is connected");
}

TEST_F(ServerTest, TheLightIsAttentionWhileNobodyIsConnected) {
    devices_.listener.settled();
    EXPECT_EQ(lights_, std::vector{Light::attention});
    {
        const auto client = connect();
        expect(client, What::announced);
        say(client, What::show, 0, Light::done);
        ASSERT_TRUE(run_until(io_, [&] { return lights_.back() == Light::done; }));
    }
    ASSERT_TRUE(run_until(io_, [&] { return lights_.back() == Light::attention; }));
    EXPECT_EQ(server_->status(), "wcmpd is not connected");
}

TEST_F(ServerTest, WhoSpeaksForMountdIsDisconnected) {
    const auto client = connect();
    say(client, What::gone, 1);
    expect_closed(client);
}

TEST_F(ServerTest, WhatIsNoMessageEndsTheConnection) {
    const auto client = connect();
    ASSERT_EQ(::write(client.descriptor(), "x", 1), 1);
    expect_closed(client);
}

TEST_F(ServerTest, WithNothingHeldItStopsAtOnce) {
    devices_.listener.found(device(1));
    const auto client = connect();
    expect(client, What::drive, 1);
    bool stopped = false;
    server_->stop([&] { stopped = true; });
    EXPECT_TRUE(run_until(io_, [&] { return stopped; }));
    EXPECT_TRUE(devices_.stopped);
    expect_closed(client);
}

TEST_F(ServerTest, ADeviceThatClaimsToBeHundredsIsHeldToALimitAndCostsNoThreads) {
    const auto before = threads_now();
    for (std::uint32_t minor = 1; minor <= 200; ++minor) devices_.listener.found(device(minor));
    devices_.listener.changed(device(200, Readiness::empty));
    devices_.listener.gone(device(200).key);
    devices_.listener.settled();
    EXPECT_LE(threads_now(), before);
    const auto client = connect();
    for (std::uint32_t number = 1; number <= limits::drives_told_max; ++number)
        expect(client, What::drive, number);
    expect(client, What::announced);
    devices_.listener.gone(device(1).key);
    expect(client, What::gone, 1);
    devices_.listener.found(device(200));
    expect(client, What::drive, limits::drives_told_max + 1);
}

TEST_F(ServerTest, WithoutAThreadADriveIsNotMountedAndWaits) {
    devices_.listener.found(device(1));
    const auto client = connect();
    expect(client, What::drive, 1);
    const NoMoreThreads none;
    say(client, What::mount, 1);
    EXPECT_EQ(expect(client, What::not_mounted, 1).os_error, EAGAIN);
    EXPECT_EQ(expect(client, What::drive, 1).readiness, Readiness::waiting);
}

class OtherUserTest : public ServerTest {
protected:
    OtherUserTest() : ServerTest(::geteuid() + 1) {}
};

TEST_F(OtherUserTest, IsTurnedAwayAndToldNothing) {
    devices_.listener.found(device(1));
    devices_.listener.settled();
    const auto client = connect();
    expect_closed(client);
    EXPECT_EQ(server_->status(), "wcmpd is not connected");
}

class HandoverTest : public ServerTest {
protected:
    void SetUp() override {
        if (const auto why = why_no_loop_device(); !why.empty()) GTEST_SKIP() << why;
        loop_ = std::make_unique<LoopDevice>(make_image(images_.path()));
        devices_.listener.found(loop_->device());
        devices_.listener.settled();
        client_.emplace(connect());
        expect(*client_, What::drive, 1);
        expect(*client_, What::announced);
    }
    io::UniqueFd mount() {
        say(*client_, What::mount, 1);
        auto received = next(*client_);
        EXPECT_TRUE(received) << describe(received.error());
        EXPECT_EQ(received->message.what, What::mounted);
        return std::move(received->descriptor);
    }
    static io::UniqueFd open_file(const io::UniqueFd& root) {
        return io::UniqueFd(::openat(root.get(), "open", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    }

    tests::TemporaryDirectory images_;
    std::unique_ptr<LoopDevice> loop_;
    std::optional<Channel> client_;
};

TEST_F(HandoverTest, FromTheMountToTheReleaseAndOnceMore) {
    for (int i = 0; i < 2; ++i) {
        auto root = mount();
        EXPECT_TRUE(open_file(root));
        root.reset();
        say(*client_, What::release, 1);
        expect(*client_, What::released, 1);
    }
}

TEST_F(HandoverTest, WhatIsHeldIsNotMountedTwice) {
    const auto root = mount();
    say(*client_, What::mount, 1);
    EXPECT_EQ(expect(*client_, What::not_mounted, 1).os_error, EBUSY);
}

TEST_F(HandoverTest, AReleaseWaitsForTheLastOpenFile) {
    auto root = mount();
    auto file = open_file(root);
    root.reset();
    say(*client_, What::release, 1);
    EXPECT_EQ(expect(*client_, What::still_in_use, 1).os_error, EBUSY);
    file.reset();
    expect(*client_, What::released, 1);
}

TEST_F(HandoverTest, ADriveThatIsWantedIsAskedFor) {
    auto root = mount();
    devices_.listener.wanted(loop_->device().key);
    expect(*client_, What::give_back, 1);
    root.reset();
    say(*client_, What::release, 1);
    expect(*client_, What::released, 1);
}

TEST_F(HandoverTest, ADriveThatIsWantedAndNotGivenBackIsSaid) {
    const auto root = mount();
    devices_.listener.wanted(loop_->device().key);
    expect(*client_, What::give_back, 1);
    EXPECT_TRUE(
        run_until(io_, [&] { return server_->status() == "a drive is in use, though it was asked for"; }));
}

TEST_F(HandoverTest, AWriteProtectedDriveIsToldAsSuch) {
    const auto image = images_.path() / "image";
    devices_.listener.gone(loop_->device().key);
    expect(*client_, What::gone, 1);
    loop_ = std::make_unique<LoopDevice>(image, LoopDevice::Access::read_only);
    devices_.listener.found(loop_->device());
    expect(*client_, What::drive, 2);
    say(*client_, What::mount, 2);
    EXPECT_TRUE(expect(*client_, What::mounted, 2).read_only);
}

TEST_F(HandoverTest, StoppingWaitsUntilDrivesAreGivenBack) {
    auto root = mount();
    bool stopped = false;
    server_->stop([&] { stopped = true; });
    expect(*client_, What::give_back, 1);
    EXPECT_FALSE(stopped);
    EXPECT_EQ(server_->status(), "stopping; waiting for a drive that is in use");
    root.reset();
    say(*client_, What::release, 1);
    expect(*client_, What::released, 1);
    EXPECT_TRUE(run_until(io_, [&] { return stopped; }));
}

TEST_F(HandoverTest, StoppingDoesNotWaitForEver) {
    const auto root = mount();
    bool stopped = false;
    server_->stop([&] { stopped = true; });
    EXPECT_TRUE(run_until(io_, [&] { return stopped; }));
    EXPECT_TRUE(open_file(root));  // nobody took it away
}

TEST_F(HandoverTest, AClientThatHasGoneLeavesItsDriveToTheNext) {
    mount().reset();
    client_.reset();
    client_.emplace(connect());
    expect(*client_, What::drive, 1);
    expect(*client_, What::announced);
    EXPECT_TRUE(mount());
}

// The one before has not let go yet: the drive waits, and is offered again when it is free.
TEST_F(HandoverTest, WhatAnotherStillHoldsIsWaitedFor) {
    auto held = mount();
    client_.emplace(connect());
    expect(*client_, What::drive, 1);
    expect(*client_, What::announced);
    say(*client_, What::mount, 1);
    EXPECT_EQ(expect(*client_, What::not_mounted, 1).os_error, EBUSY);
    EXPECT_EQ(expect(*client_, What::drive, 1).readiness, Readiness::waiting);
    held.reset();
    EXPECT_EQ(expect(*client_, What::drive, 1).readiness, Readiness::ready);
    EXPECT_TRUE(mount());
}

TEST_F(HandoverTest, WithAThreadAgainADriveThatHadNoneIsReady) {
    {
        const NoMoreThreads none;
        say(*client_, What::mount, 1);
        EXPECT_EQ(expect(*client_, What::not_mounted, 1).os_error, EAGAIN);
        EXPECT_EQ(expect(*client_, What::drive, 1).readiness, Readiness::waiting);
    }
    EXPECT_EQ(expect(*client_, What::drive, 1).readiness, Readiness::ready);
    EXPECT_TRUE(mount());
}

TEST_F(HandoverTest, AMountThatNobodyWaitsForAnyMoreIsClosed) {
    say(*client_, What::mount, 1);
    say(*client_, What::release, 1);
    expect(*client_, What::released, 1);
    EXPECT_TRUE(mount());
}

TEST_F(HandoverTest, ADriveThatGoesWhileItIsMountedIsGone) {
    const auto root = mount();
    devices_.listener.gone(loop_->device().key);
    expect(*client_, What::gone, 1);
    say(*client_, What::release, 1);  // nobody waits for the answer
    devices_.listener.found(device(7));
    expect(*client_, What::drive, 2);
}

}  // namespace
}  // namespace wcmp::mountd
