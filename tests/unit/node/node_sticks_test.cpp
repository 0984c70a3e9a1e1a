// Drives that people plug in, visited by a whole node.
#include "drives/forwarding_directory.h"
#include "node/drive_sessions.h"
#include "relay_with_drives.h"

#include <atomic>
#include <cerrno>
#include <fstream>

#include <gmock/gmock.h>

namespace wcmp::node::test {
namespace {

using drives::Kind;
using drives::Light;
using drives::Readiness;
using std::chrono::seconds;
using testing::HasSubstr;

// A drive whose syncs fail: from the n-th on, or only that one.
class FailingFile final : public io::WritableFile {
public:
    FailingFile(std::unique_ptr<io::WritableFile> inner, std::atomic<int>& syncs_left)
        : inner_(std::move(inner)), syncs_left_(syncs_left) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        return inner_->read_at(offset, into);
    }
    Result<io::FileStatus> status() const override { return inner_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return inner_->map(offset, length);
    }
    Result<bool> no_writer() const override { return inner_->no_writer(); }
    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
        return inner_->write_at(offset, bytes);
    }
    Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) override {
        return inner_->start_writeback(offset, length);
    }
    Result<void> sync() override { return now() ? fail(Errc::io, "sync", EIO) : inner_->sync(); }
    Result<void> sync_data() override { return now() ? fail(Errc::io, "sync", EIO) : inner_->sync_data(); }
    Result<void> set_constant_times() override { return inner_->set_constant_times(); }

private:
    bool now() { return syncs_left_-- == 0; }

    std::unique_ptr<io::WritableFile> inner_;
    std::atomic<int>& syncs_left_;
};

class FailingDrive final : public drives::ForwardingDirectory {
public:
    FailingDrive(std::unique_ptr<io::Directory> inner, std::atomic<int>& syncs_left)
        : ForwardingDirectory(std::move(inner)), syncs_left_(syncs_left) {}

    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        WCMP_ASSIGN(auto file, ForwardingDirectory::create(name));
        return std::make_unique<FailingFile>(std::move(file), syncs_left_);
    }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) const override {
        WCMP_ASSIGN(auto inner, ForwardingDirectory::open_directory(name));
        return std::make_unique<FailingDrive>(std::move(inner), syncs_left_);
    }

private:
    std::atomic<int>& syncs_left_;
};

// A drive with a lock on it: for reading only.
class LockedDrive final : public drives::ForwardingDirectory {
public:
    using ForwardingDirectory::ForwardingDirectory;
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view) override {
        return fail(Errc::read_only, "create", EROFS);
    }
    Result<void> unlink(std::string_view) override { return fail(Errc::read_only, "unlink", EROFS); }
    Result<io::Space> space() const override {
        return io::Space{.free_bytes = 1 << 30, .total_bytes = 1 << 30, .read_only = true};
    }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) const override {
        WCMP_ASSIGN(auto inner, ForwardingDirectory::open_directory(name));
        return std::make_unique<LockedDrive>(std::move(inner));
    }
};

struct NodeSticks : RelayWithDrives {
    drives::DriveId plug_in(const fs::path& path, Readiness readiness = Readiness::ready) {
        return relay.source.add(path, Kind::mountd, readiness);
    }
    void expect_light(Light light) {
        relay.run_until([&] { return !relay.lights.empty() && relay.lights.back() == light; });
    }
};

TEST_F(NodeSticks, DoneComesAfterTheRelease) {
    std::latch may_release(1);
    relay.source.on_release([&]() -> Result<void> {
        may_release.wait();
        return {};
    });
    hold(1);
    const auto stick = plug_in(foreign_drive("stick", 2));
    relay.run_until([&] { return relay.drive(stick).phase == "releasing"; });
    EXPECT_EQ(relay.drive(stick).state, "busy");
    expect_light(Light::busy);
    EXPECT_THAT(relay.node().summary(), HasSubstr("a drive is being synced: do not remove it"));
    EXPECT_EQ(relay.events_of("drive.done"), 0u);
    may_release.count_down();
    EXPECT_EQ(relay.wait_for(stick, "done").result->imported, 2u);
    relay.run_until([&] { return relay.events_of("drive.done") == 1; });
    expect_light(Light::done);
    EXPECT_THAT(relay.node().summary(), HasSubstr("a drive is done: take it"));
    relay.source.remove(stick);
    expect_light(Light::idle);
}

TEST_F(NodeSticks, WhatIsStillInUseIsNotDone) {
    relay.source.on_release([] { return fail(Errc::busy, "still in use", EBUSY); });
    const auto failed = relay.wait_for(plug_in(folder("stick")), "failed");
    EXPECT_EQ(failed.result->error_code, "still_in_use");
    EXPECT_EQ(relay.events_of("drive.done"), 0u);
    expect_light(Light::failed);
}

TEST_F(NodeSticks, OneFailedSyncIsEnoughWhateverComesAfterIt) {
    for (const int before : {0, 1}) {
        std::atomic<int> syncs_left = before;
        relay.source.wrap(
            [&](auto inner) { return std::make_unique<FailingDrive>(std::move(inner), syncs_left); });
        hold(2);
        const auto stick = plug_in(foreign_drive("stick" + std::to_string(before), 3));
        const auto failed = relay.wait_for(stick, "failed");
        EXPECT_EQ(failed.result->error_code, "io") << before;
        EXPECT_EQ(failed.result->imported, before == 0 ? 3u : 0u) << "what it brought was taken in first";
        EXPECT_LE(syncs_left.load(), -1) << "it happened";
    }
}

TEST_F(NodeSticks, AReadOnlyStickIsReadAndDone) {
    relay.source.wrap([](auto inner) { return std::make_unique<LockedDrive>(std::move(inner)); });
    hold(1);
    const auto done = relay.wait_for(plug_in(foreign_drive("stick", 3)), "done");
    EXPECT_EQ(done.result->imported, 3u);
    EXPECT_EQ(done.result->exported, 0u);
    EXPECT_EQ(done.result->error_code, "read_only");
    expect_light(Light::done);
}

TEST_F(NodeSticks, AFullStickIsReadAndDone) {
    relay.settings.drives.keep_free_bytes = std::uint64_t{1} << 60;
    relay.node().reload(relay.settings);
    hold(1);
    const auto done = relay.wait_for(plug_in(foreign_drive("stick", 3)), "done");
    EXPECT_EQ(done.result->imported, 3u);
    EXPECT_EQ(done.result->error_code, "no_space");
    EXPECT_EQ(done.result->not_exported, 1u);
}

TEST_F(NodeSticks, WhatIsNotReadyWaitsThenIsVisited) {
    const auto stick = plug_in(folder("stick"), Readiness::waiting);
    EXPECT_EQ(relay.drive(stick).state, "waiting");
    relay.source.become(stick, Readiness::ready);
    relay.wait_for(stick, "done");
    const auto locked = plug_in(folder("locked"), Readiness::encrypted);
    EXPECT_EQ(relay.drive(locked).state, "encrypted");
    EXPECT_EQ(relay.node().sync_drive("d2").error().code, Errc::busy);
}

TEST_F(NodeSticks, WhoeverWantsItGetsItInTheMiddle) {
    std::latch opened(1), go_on(1);
    relay.source.before_open({1}, [&]() -> Result<void> {
        opened.count_down();
        go_on.wait();
        return {};
    });
    const auto stick = plug_in(foreign_drive("stick", 3));
    relay.run_until([&] { return opened.try_wait(); });
    relay.source.want(stick);
    go_on.count_down();
    const auto done = relay.wait_for(stick, "done");
    EXPECT_EQ(done.result->error_code, "cancelled");
    EXPECT_EQ(relay.source.released(), 1u);
    relay.source.before_open(stick, nullptr);
    ASSERT_TRUE(relay.node().sync_drive("d1").has_value());
    relay.run_until([&] { return relay.drive(stick).result && relay.drive(stick).result->imported == 3; });
}

TEST_F(NodeSticks, WhatHangsIsGivenUpAndOthersGoOn) {
    std::latch opened(1), go_on(1);
    relay.source.before_open({1}, [&]() -> Result<void> {
        opened.count_down();
        go_on.wait();
        return {};
    });
    const auto hanging = plug_in(folder("hanging"));
    relay.run_until([&] { return opened.try_wait(); });
    relay.advance(seconds(relay.settings.drives.visit_seconds_max));
    EXPECT_EQ(relay.drive(hanging).state, "busy") << "it was asked to end";
    relay.advance(seconds(30));
    EXPECT_EQ(relay.drive(hanging).result->error_code, "not_answering");
    EXPECT_NE(relay.node().status().state, "busy");
    EXPECT_EQ(relay.wait_for(plug_in(foreign_drive("other", 2)), "done").result->imported, 2u);
    relay.source.remove(hanging);
    go_on.count_down();
    relay.run_until([&] { return relay.node().drives().size() == 1; });
}

// A drive that stops answering where its messages begin: in the middle of an import.
class HangingFile final : public io::ReadableFile {
public:
    HangingFile(std::unique_ptr<io::ReadableFile> inner, std::latch& hangs, std::latch& go_on)
        : inner_(std::move(inner)), hangs_(hangs), go_on_(go_on) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        constexpr std::uint64_t after_the_index = 64 + 8 + 40;
        if (offset > after_the_index) {
            if (!hangs_.try_wait()) hangs_.count_down();
            go_on_.wait();
        }
        return inner_->read_at(offset, into);
    }
    Result<io::FileStatus> status() const override { return inner_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return inner_->map(offset, length);
    }
    Result<bool> no_writer() const override { return inner_->no_writer(); }

private:
    std::unique_ptr<io::ReadableFile> inner_;
    std::latch& hangs_;
    std::latch& go_on_;
};

class HangingDrive final : public drives::ForwardingDirectory {
public:
    HangingDrive(std::unique_ptr<io::Directory> inner, std::latch& hangs, std::latch& go_on)
        : ForwardingDirectory(std::move(inner)), hangs_(hangs), go_on_(go_on) {}

    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override {
        WCMP_ASSIGN(auto file, ForwardingDirectory::open(name));
        return std::make_unique<HangingFile>(std::move(file), hangs_, go_on_);
    }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) const override {
        WCMP_ASSIGN(auto inner, ForwardingDirectory::open_directory(name));
        return std::make_unique<HangingDrive>(std::move(inner), hangs_, go_on_);
    }

private:
    std::latch& hangs_;
    std::latch& go_on_;
};

TEST_F(NodeSticks, WhatHangsInTheMiddleOfAnImportLosesItsTurn) {
    const auto other = foreign_drive("other", 2, 98);
    const auto first = foreign_drive("hanging", 3);
    std::latch hangs(1), go_on(1);
    relay.source.wrap([&](std::unique_ptr<io::Directory> inner) -> std::unique_ptr<io::Directory> {
        return std::make_unique<HangingDrive>(std::move(inner), hangs, go_on);
    });
    const auto hanging = plug_in(first);
    relay.run_until([&] { return hangs.try_wait(); });
    relay.source.wrap(nullptr);
    relay.advance(DriveSessions::silence_max_seconds);
    EXPECT_EQ(relay.drive(hanging).state, "busy") << "it was seen to read a moment ago";
    relay.advance(DriveSessions::silence_max_seconds);
    relay.advance(seconds(30));
    EXPECT_EQ(relay.drive(hanging).result->error_code, "not_answering");
    // Others import, and what clients enqueue is folded.
    EXPECT_EQ(relay.wait_for(plug_in(other), "done").result->imported, 2u);
    hold(1);
    ASSERT_TRUE(relay.fold().has_value());
    EXPECT_EQ(relay.node().status().messages, 3u);
    // What wakes up changes nothing any more.
    const auto bundles = relay.node().bundles().size();
    relay.source.remove(hanging);
    go_on.count_down();
    relay.run_until([&] { return relay.node().drives().size() == 1; });
    EXPECT_EQ(relay.node().bundles().size(), bundles);
    EXPECT_EQ(relay.node().status().messages, 3u);
    EXPECT_EQ(relay.wait_for(plug_in(first), "done").result->imported, 3u) << "once it works";
}

TEST_F(NodeSticks, AVisitHasItsShareOfBytes) {
    relay.settings.drives.visit_bytes_max = 1;
    relay.node().reload(relay.settings);
    const auto stick = plug_in(foreign_drive("stick", 3));
    EXPECT_EQ(relay.wait_for(stick, "failed").result->error_code, "visit_bytes_max");
    EXPECT_EQ(relay.source.released(), 1u);
    relay.settings.drives.visit_bytes_max = std::uint64_t{1} << 30;
    relay.node().reload(relay.settings);
    ASSERT_TRUE(relay.node().sync_drive("d1").has_value());
    EXPECT_EQ(relay.wait_for(stick, "done").result->imported, 3u) << "nothing wrong was learned of it";
}

TEST_F(NodeSticks, PulledAndPutBackDuringTheVisit) {
    std::latch opened(1), go_on(1);
    relay.source.before_open({1}, [&]() -> Result<void> {
        opened.count_down();
        go_on.wait();
        return fail(Errc::io, "read", EIO);
    });
    const auto path = foreign_drive("stick", 3);
    const auto first = plug_in(path);
    relay.run_until([&] { return opened.try_wait(); });
    relay.source.remove(first);
    const auto second = plug_in(path);
    EXPECT_EQ(relay.wait_for(second, "done").result->imported, 3u);
    go_on.count_down();
    relay.run_until([&] { return relay.node().drives().size() == 1; });
}

TEST_F(NodeSticks, ClonesAtOnceBringEachMessageOnce) {
    const auto path = foreign_drive("stick", 20);
    fs::copy(path, relay.folder.path / "clone", fs::copy_options::recursive);
    const auto first = plug_in(path);
    const auto second = plug_in(relay.folder.path / "clone");
    const auto imported =
        relay.wait_for(first, "done").result->imported + relay.wait_for(second, "done").result->imported;
    EXPECT_EQ(imported, 20u);
    EXPECT_EQ(relay.node().status().messages, 20u);
}

struct MachineTest : testing::Test {
    TestRelay relay;
    std::vector<std::string> warnings() { return relay.node().status().warnings; }
};

TEST_F(MachineTest, AWeakSupplyIsToldWhileItIsWeak) {
    relay.sysfs = relay.folder.path / "sys";
    const auto sensor = relay.sysfs / "class" / "hwmon" / "hwmon3";
    fs::create_directories(sensor);
    std::ofstream(sensor / "name") << "rpi_volt\n";
    std::ofstream(sensor / "in0_lcrit_alarm") << "1\n";
    ASSERT_TRUE(relay.start().has_value());
    const auto is_told = [&] { return testing::Matches(testing::Contains("under_voltage"))(warnings()); };
    relay.run_until(is_told);
    EXPECT_EQ(relay.node().status().state, "attention");
    relay.run_until([&] { return !relay.lights.empty() && relay.lights.back() == Light::attention; });
    std::ofstream(sensor / "in0_lcrit_alarm") << "0\n";
    relay.advance(seconds(60));
    relay.run_until([&] { return !is_told(); });
    relay.run_until([&] { return relay.lights.back() == Light::idle; });
}

TEST_F(MachineTest, AStoreThatIsGoneAfterARestart) {
    relay.store_is_volatile = true;
    ASSERT_TRUE(relay.start().has_value());
    EXPECT_THAT(warnings(), testing::Contains("store_volatile"));
    EXPECT_EQ(relay.node().status().state, "attention");
    EXPECT_THAT(relay.node().summary(), testing::StartsWith("attention: no_cover, store_volatile"));
}

TEST_F(MachineTest, AClockThatNobodySetIsToldAfterAWhile) {
    ASSERT_TRUE(relay.start().has_value());
    relay.advance(seconds(300));
    EXPECT_THAT(warnings(), testing::Not(testing::Contains("clock_unsynced"))) << "it may find a server yet";
    relay.advance(seconds(300));
    EXPECT_THAT(warnings(), testing::Contains("clock_unsynced"));
    ASSERT_TRUE(relay.node().set_today(Day{test_day + 1}).has_value());
    EXPECT_THAT(warnings(), testing::Not(testing::Contains("clock_unsynced")));
}

}  // namespace
}  // namespace wcmp::node::test
