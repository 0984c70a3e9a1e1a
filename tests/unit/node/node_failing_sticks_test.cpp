// A stick that fails while it is read, in a whole node.
#include "drives/forwarding_directory.h"
#include "relay_with_drives.h"

#include <atomic>
#include <cerrno>

namespace wcmp::node::test {
namespace {

// The kernel meets damage while it is read, and makes it read-only (errors=remount-ro).
class DamagedDrive final : public drives::ForwardingDirectory {
public:
    DamagedDrive(std::unique_ptr<io::Directory> inner, std::shared_ptr<std::atomic<bool>> was_met)
        : ForwardingDirectory(std::move(inner)), was_met_(std::move(was_met)) {}

    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override {
        *was_met_ = true;
        return ForwardingDirectory::open(name);
    }
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        if (*was_met_) return fail(Errc::read_only, "create", EROFS);
        return ForwardingDirectory::create(name);
    }
    Result<io::Space> space() const override {
        WCMP_ASSIGN(auto space, ForwardingDirectory::space());
        space.read_only = *was_met_;
        return space;
    }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) const override {
        WCMP_ASSIGN(auto inner, ForwardingDirectory::open_directory(name));
        return std::make_unique<DamagedDrive>(std::move(inner), was_met_);
    }

private:
    std::shared_ptr<std::atomic<bool>> was_met_;
};

TEST(NodeFailingSticks, WhatBecomesReadOnlyInTheMiddleIsNotWriteProtected) {
    for (const std::size_t own : {0u, 1u}) {  // whether or not there is anything to write
        TestRelay relay;
        ASSERT_TRUE(relay.start().has_value());
        relay.source.wrap([](auto inner) {
            return std::make_unique<DamagedDrive>(std::move(inner),
                                                  std::make_shared<std::atomic<bool>>(false));
        });
        for (const auto& message : relay.messages(own)) ASSERT_TRUE(relay.enqueue(message).has_value());
        const auto stick = relay.source.add(foreign_drive_for(relay, "stick", 3), drives::Kind::mountd);
        const auto failed = relay.wait_for(stick, "failed");
        EXPECT_EQ(failed.result->imported, 3u);
        EXPECT_EQ(failed.result->error_code, "io");
    }
}

}  // namespace
}  // namespace wcmp::node::test
