// A server that a test connects to over a real socket, and tells of devices as it likes. Those that are
// mounted are loop devices.
#pragma once

#include "handover_socket.h"
#include "loop_device.h"
#include "running.h"
#include "server.h"
#include "temporary_directory.h"

#include <memory>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace wcmp::mountd::test {

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

inline Device device(std::uint32_t minor, Readiness readiness = Readiness::ready) {
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

}  // namespace wcmp::mountd::test
