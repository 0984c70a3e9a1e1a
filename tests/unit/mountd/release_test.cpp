// Waiting until a device is free, and the threads that do it.
#include "release.h"

#include "detached_mount.h"
#include "loop_device.h"
#include "running.h"
#include "temporary_directory.h"

#include <deque>
#include <fstream>
#include <future>
#include <iterator>
#include <latch>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>

namespace wcmp::mountd {
namespace {

using std::chrono::milliseconds;
constexpr ReleaseTimes hasty{milliseconds(1), milliseconds(5), milliseconds(20)};

class WorkerTest : public ::testing::Test {
protected:
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
        boost::asio::make_work_guard(io_);
};

TEST_F(WorkerTest, WorkIsDoneElsewhereInOrderAndItsOutcomeHere) {
    DriveWorker worker(io_);
    std::vector<int> order;
    std::thread::id done_by;
    std::thread::id told_by;
    for (int i = 0; i < 3; ++i)
        worker.run([&, i]() -> DriveWorker::Outcome {
            done_by = std::this_thread::get_id();
            return [&, i] {
                told_by = std::this_thread::get_id();
                order.push_back(i);
            };
        });
    ASSERT_TRUE(run_until(io_, [&] { return order.size() == 3; }));
    EXPECT_EQ(order, (std::vector{0, 1, 2}));
    EXPECT_EQ(told_by, std::this_thread::get_id());
    EXPECT_NE(done_by, std::this_thread::get_id());
}

// A drive that does not answer, forgotten: nobody waits for it, another's work goes on, and nothing is told.
// Tells that a thread that nobody can wait for has ended.
struct AtThreadExit {
    std::latch* left = nullptr;
    ~AtThreadExit() {
        if (left != nullptr) left->count_down();
    }
};

TEST_F(WorkerTest, OneThatHangsHoldsUpNobody) {
    std::promise<void> answer;
    std::latch left(1);
    bool told = false;
    {
        DriveWorker hanging(io_);
        hanging.run([&, waits = answer.get_future()]() mutable -> DriveWorker::Outcome {
            waits.wait();
            thread_local AtThreadExit at_exit;
            at_exit.left = &left;
            return [&] { told = true; };
        });
        DriveWorker other(io_);
        bool done = false;
        other.run([&]() -> DriveWorker::Outcome { return [&] { done = true; }; });
        EXPECT_TRUE(run_until(io_, [&] { return done; }));
    }
    answer.set_value();
    left.wait();
    io_.poll();
    EXPECT_FALSE(told);
}

TEST_F(WorkerTest, WhatWasNeverAskedHasNoThread) {
    const auto before = threads_now();
    std::deque<DriveWorker> idle;
    for (int i = 0; i < 100; ++i) idle.emplace_back(io_);
    EXPECT_LE(threads_now(), before);
}

TEST_F(WorkerTest, WithoutAThreadTheWorkIsRefusedAndLaterDone) {
    DriveWorker worker(io_);
    bool done = false;
    const auto work = [&]() -> DriveWorker::Outcome { return [&] { done = true; }; };
    {
        const NoMoreThreads none;
        const auto refused = worker.run(work);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().os_error, EAGAIN);
    }
    ASSERT_TRUE(worker.run(work));
    EXPECT_TRUE(run_until(io_, [&] { return done; }));
}

class ReleaseTest : public WorkerTest {
protected:
    void SetUp() override {
        if (const auto why = why_no_loop_device(); !why.empty()) GTEST_SKIP() << why;
        image_ = make_image(folder_.path());
    }
    ReleaseListener listener() {
        return {.released = [this] { ++released_; },
                .still_in_use =
                    [this](const Error& error) {
                        ++told_in_use_;
                        error_ = error;
                    }};
    }

    tests::TemporaryDirectory folder_;
    std::filesystem::path image_;
    DriveWorker worker_{io_};
    int released_ = 0;
    int told_in_use_ = 0;
    Error error_;
};

TEST_F(ReleaseTest, AFreeDeviceIsReleasedAtOnce) {
    const LoopDevice loop(image_);
    const Release release(io_, worker_, loop.device(), hasty, listener());
    EXPECT_TRUE(run_until(io_, [&] { return released_ == 1; }));
    EXPECT_EQ(told_in_use_, 0);
}

// Whether a disk was flushed, /sys/block/*/stat says: the 16th number.
TEST_F(ReleaseTest, TheDevicesWriteCacheIsFlushedBeforeItIsReleased) {
    const LoopDevice loop(image_);
    const auto flushes = [key = loop.device().key] {
        std::ifstream file("/sys/dev/block/" + std::to_string(key.major) + ":" + std::to_string(key.minor) +
                           "/stat");
        std::vector<std::uint64_t> numbers(std::istream_iterator<std::uint64_t>(file), {});
        return numbers.size() > 15 ? numbers[15] : 0;
    };
    const auto before = flushes();
    const Release release(io_, worker_, loop.device(), hasty, listener());
    EXPECT_TRUE(run_until(io_, [&] { return released_ == 1; }));
    EXPECT_EQ(flushes(), before + 1);
}

TEST_F(ReleaseTest, AnOpenFileIsWaitedForAndToldOnce) {
    const LoopDevice loop(image_);
    auto attempt = mount_detached(loop.device(), {nobody, nobody});
    ASSERT_TRUE(attempt.mount);
    io::UniqueFd file(::openat(attempt.mount->root.get(), "open", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    attempt.mount->root.reset();
    const Release release(io_, worker_, loop.device(), hasty, listener());
    ASSERT_TRUE(run_until(io_, [&] { return told_in_use_ > 0; }));
    EXPECT_EQ(error_.os_error, EBUSY);
    EXPECT_EQ(released_, 0);
    io_.run_for(milliseconds(50));  // it goes on looking, and says nothing more
    EXPECT_EQ(told_in_use_, 1);
    file.reset();
    EXPECT_TRUE(run_until(io_, [&] { return released_ == 1; }));
    EXPECT_EQ(told_in_use_, 1);
}

TEST_F(ReleaseTest, ADeviceThatIsGoneIsNotReleased) {
    drives::Device device;
    {
        const LoopDevice loop(image_);
        device = loop.device();
    }
    const Release release(io_, worker_, device, hasty, listener());
    ASSERT_TRUE(run_until(io_, [&] { return told_in_use_ > 0; }));
    EXPECT_EQ(error_.code, Errc::not_found);
    EXPECT_EQ(released_, 0);
}

TEST_F(ReleaseTest, NothingIsToldAfterItsEnd) {
    const LoopDevice loop(image_);
    {
        const Release release(io_, worker_, loop.device(), hasty, listener());
    }
    bool later = false;
    worker_.run([&]() -> DriveWorker::Outcome { return [&] { later = true; }; });
    ASSERT_TRUE(run_until(io_, [&] { return later; }));
    EXPECT_EQ(released_, 0);
}

}  // namespace
}  // namespace wcmp::mountd
