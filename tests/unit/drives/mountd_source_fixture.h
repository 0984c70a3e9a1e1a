// A source of drives on an io_context with a thread of its own, and the wcmp-mountd that a test scripts for
// it.
#pragma once

#include "drives/mountd_source.h"
#include "temporary_directory.h"
#include "unit/drives/scripted_mountd.h"

#include <condition_variable>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace wcmp::drives::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using handover::What;

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
                     carriers.push_back(drive.carrier);  // before it is seen
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
             .wanted = [this](const DriveWanted& drive) { see("wanted " + std::to_string(drive.id.number)); },
             .freed = [this](const DriveFreed& drive) { see("freed " + std::to_string(drive.id.number)); }});
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
    std::optional<ScriptedMountd> mountd;
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()};
    DriveNumbers numbers;
    MountdSourceOptions options;
    std::optional<MountdSource> source;
    std::thread thread;
    std::mutex mutex;
    std::condition_variable news;
    std::vector<std::string> seen;
    std::vector<std::uint32_t> carriers;  // of those that were added
};

}  // namespace wcmp::drives::test
