// Drives from their mount to their release.
#include "server_fixture.h"

#include <fcntl.h>

namespace wcmp::mountd::test {
namespace {

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

TEST_F(HandoverTest, WhatIsDisqualifiedIsAskedForAndGoesWhenItIsReleased) {
    auto root = mount();
    devices_.listener.disqualified(loop_->device().key);
    expect(*client_, What::give_back, 1);
    root.reset();
    say(*client_, What::release, 1);
    expect(*client_, What::released, 1);
    expect(*client_, What::gone, 1);
}

TEST_F(HandoverTest, WhatIsDisqualifiedAndFoundAgainMeanwhileStays) {
    auto root = mount();
    devices_.listener.disqualified(loop_->device().key);
    expect(*client_, What::give_back, 1);
    devices_.listener.found(loop_->device());
    root.reset();
    say(*client_, What::release, 1);
    expect(*client_, What::released, 1);
    EXPECT_TRUE(mount());
}

TEST_F(HandoverTest, WhatIsDisqualifiedAndPulledOutHasGone) {
    const auto root = mount();
    devices_.listener.disqualified(loop_->device().key);
    expect(*client_, What::give_back, 1);
    devices_.listener.gone(loop_->device().key);
    expect(*client_, What::gone, 1);
}

TEST_F(HandoverTest, WithTheClientWhatIsDisqualifiedGoes) {
    const auto root = mount();
    devices_.listener.disqualified(loop_->device().key);
    expect(*client_, What::give_back, 1);
    client_.emplace(connect());
    expect(*client_, What::drive, 1);
    expect(*client_, What::announced);
    expect(*client_, What::gone, 1);
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
}  // namespace wcmp::mountd::test
