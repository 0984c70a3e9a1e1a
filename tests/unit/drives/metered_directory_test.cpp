#include "drives/metered_directory.h"

#include "core/limits.h"
#include "drives/forwarding_directory.h"
#include "io/posix.h"
#include "temporary_directory.h"

#include <cerrno>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>

namespace wcmp::drives {
namespace {

constexpr std::uint64_t unlimited = ~std::uint64_t{0};

struct MeterTest : testing::Test {
    tests::TemporaryDirectory folder;
    std::stop_source stop;
    std::shared_ptr<Meter> meter;

    std::unique_ptr<io::Directory> directory(std::uint64_t bytes_max, bool writable = false) {
        meter = std::make_shared<Meter>(bytes_max, stop, std::make_shared<Pulse>(), writable);
        return metered(std::move(*io::open_directory(folder.path())), meter);
    }
    void make_file(const char* name, std::size_t bytes) const {
        std::ofstream(folder.path() / name) << std::string(bytes, 'x');
    }
};

TEST_F(MeterTest, BytesReadAndWrittenCountTogetherThenTheVisitIsAskedToEnd) {
    make_file("a", 600);
    auto drive = directory(1000);
    const auto file = drive->open("a");
    ASSERT_TRUE(file.has_value());
    Bytes buffer(4096);
    EXPECT_EQ((*file)->read_at(0, buffer), 600u);
    EXPECT_FALSE(stop.stop_requested()) << "what was not there does not count";
    auto written = drive->create("b");
    ASSERT_TRUE(written.has_value());
    EXPECT_TRUE((*written)->write_at(0, Bytes(400)).has_value());
    EXPECT_FALSE(meter->used_up());
    EXPECT_TRUE((*written)->write_at(400, Bytes(1)).has_value()) << "it may come to an end in good order";
    EXPECT_TRUE(meter->used_up());
    EXPECT_TRUE(stop.stop_requested());
    EXPECT_EQ(drive->open("a").error().code, Errc::cancelled);
}

TEST_F(MeterTest, WhoGoesOnIsRefused) {
    make_file("a", 1);
    auto drive = directory(0);
    const auto file = drive->open("a");
    ASSERT_TRUE(meter->spend(limits::visit_overdraft_bytes).has_value());
    Bytes buffer(1);
    EXPECT_EQ((*file)->read_at(0, buffer).error().code, Errc::cancelled);
}

TEST_F(MeterTest, FoldersOnTheDriveCountToo) {
    std::filesystem::create_directory(folder.path() / "WCMP");
    make_file("WCMP/a", 10);
    auto drive = directory(9);
    auto inner = drive->open_directory("WCMP");
    ASSERT_TRUE(inner.has_value());
    const auto file = (*inner)->open("a");
    Bytes buffer(10);
    EXPECT_TRUE((*file)->read_at(0, buffer).has_value());
    EXPECT_TRUE(meter->used_up());
}

TEST_F(MeterTest, AfterAFailedSyncNothingIsWritten) {
    auto drive = directory(unlimited);
    auto file = drive->create("a");
    ASSERT_TRUE(file.has_value());
    EXPECT_FALSE(meter->failure().has_value());
    EXPECT_FALSE(meter->noted_sync(fail(Errc::io, "sync", 5)).has_value());
    EXPECT_EQ((*file)->write_at(0, Bytes(1)).error().os_error, 5);
    EXPECT_EQ((*file)->sync().error().code, Errc::io) << "the next one would succeed: it is not asked";
    EXPECT_FALSE(drive->create("b").has_value());
    EXPECT_FALSE(drive->unlink("a").has_value());
    EXPECT_FALSE(drive->sync_file_system().has_value());
    EXPECT_TRUE(drive->open("a").has_value()) << "what is on it may still be read";
    ASSERT_TRUE(meter->failure().has_value());
    EXPECT_EQ(meter->failure()->os_error, 5);
}

TEST_F(MeterTest, WhatBecomesReadOnlyInTheMiddleHasFailed) {
    auto drive = directory(unlimited, true);
    EXPECT_FALSE(meter->noted(fail(Errc::read_only, "create", EROFS)).has_value());
    ASSERT_TRUE(meter->failure().has_value());
    EXPECT_EQ(meter->failure()->code, Errc::io);
    EXPECT_EQ(drive->rename("a", "b").error().code, Errc::io) << "it is not asked any more";
    EXPECT_EQ(drive->open_for_writing("a").error().code, Errc::io);

    directory(unlimited, true);
    meter->noted(io::Space{.read_only = false});
    EXPECT_FALSE(meter->failure().has_value());
    meter->noted(io::Space{.read_only = true});
    EXPECT_TRUE(meter->failure().has_value()) << "nothing had to be written to see it";
}

// What a medium says that gives no new name and opens nothing.
class DeafDirectory final : public ForwardingDirectory {
public:
    DeafDirectory(std::unique_ptr<io::Directory> inner, int os_error)
        : ForwardingDirectory(std::move(inner)), os_error_(os_error) {}
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view) override { return refused(); }
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view) override {
        return refused();
    }
    Result<void> rename(std::string_view, std::string_view) override { return refused(); }

private:
    std::unexpected<Error> refused() const {
        return std::unexpected(error_from_errno("it does not answer", os_error_));
    }
    const int os_error_;
};

TEST_F(MeterTest, AMediumThatGivesNoNamesHasFailed) {
    const std::function<bool(io::Directory&)> calls[] = {
        [](auto& drive) { return drive.create("a").has_value(); },
        [](auto& drive) { return drive.open_for_writing("a").has_value(); },
        [](auto& drive) { return drive.rename("a", "b").has_value(); },
    };
    for (const int os_error : {EIO, EMFILE})
        for (const auto& call : calls) {
            meter = std::make_shared<Meter>(unlimited, stop);
            auto inner =
                std::make_unique<DeafDirectory>(std::move(*io::open_directory(folder.path())), os_error);
            EXPECT_FALSE(call(*metered(std::move(inner), meter)));
            EXPECT_EQ(meter->failure().has_value(), os_error == EIO) << os_error;
        }
}

TEST_F(MeterTest, AFullOrLockedDriveIsNotABrokenOne) {
    auto drive = directory(unlimited);
    EXPECT_FALSE(meter->noted(fail(Errc::no_space, "write")).has_value());
    EXPECT_FALSE(meter->noted(fail(Errc::read_only, "create")).has_value());
    EXPECT_FALSE(meter->failure().has_value());
    EXPECT_FALSE(meter->noted_sync(fail(Errc::no_space, "sync")).has_value());
    EXPECT_TRUE(meter->failure().has_value()) << "what was taken before is lost as well";
}

}  // namespace
}  // namespace wcmp::drives
