// Visits to drives, as the node runs them, and bundles that clients send.
#include "message/identify.h"
#include "relay_with_drives.h"

#include <fstream>

#include <gmock/gmock.h>

namespace wcmp::node::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

Bytes file_bytes(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
}

struct NodeDrives : RelayWithDrives {
    std::size_t files_on(const fs::path& drive) const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(drive / "WCMP"), {}));
    }
};

TEST_F(NodeDrives, AVisitBeginsWithAFoldAndEndsWithTheUnion) {
    hold(3);
    const auto drive = foreign_drive("drive", 4);
    const auto done = relay.wait_for(relay.source.add(drive), "done");
    ASSERT_TRUE(done.result.has_value());
    EXPECT_EQ(done.result->imported, 4u);
    EXPECT_EQ(done.result->exported, 3u);
    EXPECT_EQ(relay.node().status().messages, 7u);
    EXPECT_EQ(relay.source.released(), 1u);
    relay.run_until([&] { return relay.events_of("drive.done") == 1; });
}

TEST_F(NodeDrives, WhatOneBringsGoesToTheOthersHalfAMinuteLater) {
    const auto first = folder("first");
    const auto first_id = relay.source.add(first);
    relay.wait_for(first_id, "done");
    relay.advance(seconds(100));
    relay.wait_for(relay.source.add(foreign_drive("second", 2)), "done");
    EXPECT_EQ(files_on(first), 0u);
    relay.advance(seconds(30));
    relay.run_until([&] { return files_on(first) == 1 && relay.drive(first_id).state == "done"; });
    EXPECT_EQ(relay.drive(first_id).result->exported, 2u);
}

TEST_F(NodeDrives, ADriveWithoutTheFolderIsUnprepared) {
    const auto drive = folder("drive", false);
    relay.wait_for(relay.source.add(drive), "unprepared");
    EXPECT_TRUE(fs::is_empty(drive));
    EXPECT_EQ(relay.source.released(), 1u);
}

TEST_F(NodeDrives, ADeadDropIsPrepared) {
    relay.settings.drives.adopt = settings::Adopt::any;
    relay.settings.drives.keep_free_bytes = 1;
    relay.node().reload(relay.settings);
    hold(1);
    const auto drive = folder("drive", false);
    relay.wait_for(relay.source.add(drive), "done");
    EXPECT_EQ(files_on(drive), 1u);
}

TEST_F(NodeDrives, WhatADesktopMountsIsForItsOwnerToPrepare) {
    relay.settings.drives.adopt = settings::Adopt::any;
    relay.settings.drives.keep_free_bytes = 1;
    relay.node().reload(relay.settings);
    hold(1);
    const auto drive = folder("drive", false);
    relay.wait_for(relay.source.add(drive, drives::Kind::desktop), "unprepared");
    EXPECT_TRUE(fs::is_empty(drive));
    const auto prepared = folder("prepared");
    relay.wait_for(relay.source.add(prepared, drives::Kind::desktop), "done");
    EXPECT_EQ(files_on(prepared), 1u);
}

TEST_F(NodeDrives, ADeadDropWithoutRoomIsLeftAlone) {
    relay.settings.drives.adopt = settings::Adopt::any;
    relay.settings.drives.keep_free_bytes = std::uint64_t{1} << 60;
    relay.node().reload(relay.settings);
    const auto drive = folder("drive", false);
    relay.wait_for(relay.source.add(drive), "unprepared");
    EXPECT_TRUE(fs::is_empty(drive));
}

TEST_F(NodeDrives, AFolderThatIsAFileIsAFailureForPeople) {
    unsigned visits = 0;
    for (const auto adopt : {settings::Adopt::any, settings::Adopt::prepared}) {
        relay.settings.drives.adopt = adopt;
        relay.settings.drives.keep_free_bytes = 1;
        relay.node().reload(relay.settings);
        const auto drive = folder("drive" + std::to_string(++visits), false);
        std::ofstream(drive / "WCMP") << "not a folder";
        const auto failed = relay.wait_for(relay.source.add(drive), "failed");
        ASSERT_TRUE(failed.result.has_value());
        EXPECT_EQ(failed.result->error_code, "not_regular");
        EXPECT_THAT(failed.result->error_detail, HasSubstr("a link or a file"));
        EXPECT_EQ(relay.source.released(), visits);
    }
}

TEST_F(NodeDrives, ADriveThatCannotBeOpenedFailsAndIsNotReleased) {
    relay.source.before_open({1}, [] { return fail(Errc::io, "mount", EIO); });
    const auto failed = relay.wait_for(relay.source.add(folder("drive")), "failed");
    EXPECT_EQ(failed.result->error_code, "io");
    EXPECT_EQ(relay.source.released(), 0u);
}

TEST_F(NodeDrives, ADriveThatHangsHoldsUpNobody) {
    std::latch go_on(1);
    relay.source.before_open({1}, [&go_on]() -> Result<void> {
        go_on.wait();
        return {};
    });
    const auto hanging = relay.source.add(folder("hanging"));
    relay.wait_for(hanging, "busy");
    EXPECT_EQ(relay.node().status().state, "busy");
    const auto message = relay.message();
    const auto held = relay.enqueue(message);
    ASSERT_TRUE(held.has_value());
    ASSERT_TRUE(relay.fold().has_value());
    EXPECT_EQ(relay.read(held->id), message);
    const auto other = relay.wait_for(relay.source.add(foreign_drive("other", 2)), "done");
    EXPECT_EQ(other.result->imported, 2u);
    go_on.count_down();
    EXPECT_EQ(relay.wait_for(hanging, "done").result->exported, 3u);
}

TEST_F(NodeDrives, SeveralAtOnceImportWhatIsNewOnce) {
    const auto drive = foreign_drive("drive", 20);
    fs::copy(drive, relay.folder.path / "copy", fs::copy_options::recursive);
    const auto first = relay.source.add(drive);
    const auto second = relay.source.add(relay.folder.path / "copy");
    const auto imported =
        relay.wait_for(first, "done").result->imported + relay.wait_for(second, "done").result->imported;
    EXPECT_EQ(imported, 20u);
    EXPECT_EQ(relay.node().status().messages, 20u);
}

TEST_F(NodeDrives, StoppingAbandonsWhatHangs) {
    std::latch opened(1), go_on(1);
    relay.source.before_open({1}, [&]() -> Result<void> {
        opened.count_down();
        go_on.wait();
        return {};
    });
    relay.source.add(foreign_drive("drive", 3));
    relay.run_until([&] { return opened.try_wait(); });
    bool stopped = false;
    relay.node().stop([&stopped] { stopped = true; });
    EXPECT_EQ(relay.node().status().state, "stopping");
    EXPECT_FALSE(stopped);
    go_on.count_down();
    relay.run_until([&] { return stopped; });
}

TEST_F(NodeDrives, ARemovedDriveIsForgotten) {
    const auto id = relay.source.add(folder("drive"));
    relay.wait_for(id, "done");
    relay.source.remove(id);
    EXPECT_TRUE(relay.node().drives().empty());
}

struct NodeUploads : NodeDrives {
    Bytes bundle_of(std::size_t count) {
        const auto drive = foreign_drive("sent", count);
        for (const auto& entry : fs::directory_iterator(drive / "WCMP")) return file_bytes(entry.path());
        return {};
    }
};

TEST_F(NodeUploads, ABundleIsImportedOnce) {
    const auto bundle = bundle_of(6);
    auto result = relay.upload(bundle);
    ASSERT_TRUE(result.has_value()) << result.error().detail;
    EXPECT_EQ(result->imported, 6u);
    EXPECT_EQ(relay.node().status().messages, 6u);
    result = relay.upload(bundle);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->imported, 0u);
    EXPECT_EQ(result->known, 6u);
    EXPECT_EQ(relay.node().status().messages, 6u);
}

TEST_F(NodeUploads, AMalformedBundleStoresNothing) {
    const auto bundle = bundle_of(3);
    for (const std::size_t position : {0u, 9u, 17u, 33u, 65u, 80u}) {
        auto broken = bundle;
        broken[position] ^= 1;
        const auto result = relay.upload(broken);
        ASSERT_FALSE(result.has_value()) << position;
        EXPECT_EQ(result.error().code, Errc::bundle) << position;
    }
    auto cut = bundle;
    cut.pop_back();
    EXPECT_EQ(relay.upload(cut).error().code, Errc::bundle);
    EXPECT_EQ(relay.upload({}).error().code, Errc::bundle);
    EXPECT_EQ(relay.node().status().messages, 0u);
}

TEST_F(NodeUploads, BadMessagesAreCountedTheOthersImported) {
    auto bundle = bundle_of(5);
    bundle.back() ^= 1;
    const auto result = relay.upload(bundle);
    ASSERT_TRUE(result.has_value()) << result.error().detail;
    EXPECT_EQ(result->imported, 4u);
    std::uint64_t invalid = 0;
    for (const auto& counted : result->invalid) invalid += counted.count;
    EXPECT_EQ(invalid, 1u);
}

TEST_F(NodeUploads, OneThatIsDroppedLeavesNothing) {
    const auto count_files = [&] {
        relay.stop();  // what is under way has ended
        const auto count = std::distance(fs::directory_iterator(relay.folder.path / "store"), {});
        EXPECT_TRUE(relay.start().has_value());
        return count;
    };
    const auto before = count_files();
    auto begun =
        relay.ask<std::shared_ptr<Upload>>([&](auto reply) { relay.node().upload(std::move(reply)); });
    ASSERT_TRUE(begun.has_value());
    (*begun)->write(Bytes(5000), [](const Outcome<void>&) {});
    begun = std::shared_ptr<Upload>();
    EXPECT_EQ(count_files(), before);
}

TEST_F(NodeUploads, OverTheLimitIsToldBeforeItIsWritten) {
    relay.settings.api.upload_bytes_max = 100;
    relay.node().reload(relay.settings);
    const auto result = relay.upload(Bytes(101), 101);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::too_large);
    EXPECT_EQ(result.error().limit, 100u);
}

TEST_F(NodeUploads, NotTooManyAtOnce) {
    std::vector<std::shared_ptr<Upload>> open;
    for (int i = 0; i < 4; ++i)
        open.push_back(
            *relay.ask<std::shared_ptr<Upload>>([&](auto reply) { relay.node().upload(std::move(reply)); }));
    const auto one_more =
        relay.ask<std::shared_ptr<Upload>>([&](auto reply) { relay.node().upload(std::move(reply)); });
    ASSERT_FALSE(one_more.has_value());
    EXPECT_EQ(one_more.error().code, Errc::busy);
    open.clear();
    EXPECT_TRUE(relay.upload(bundle_of(1)).has_value());
}

}  // namespace
}  // namespace wcmp::node::test
