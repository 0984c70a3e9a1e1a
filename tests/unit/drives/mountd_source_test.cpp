// Drives that wcmp-mountd hands over, against a scripted one over a real socket.
#include "unit/drives/mountd_source_fixture.h"

namespace wcmp::drives::test {
namespace {

using testing::ElementsAre;

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

TEST_F(MountdSourceTest, WhatWasPluggedInAsOneIsKnownAcrossConnections) {
    mountd.emplace(socket);
    start();
    greet(0);
    const auto tell_of = [&](std::uint32_t number, std::uint32_t carrier) {
        mountd->say({.what = What::drive, .drive = number, .carrier = carrier});
        next();
        return carriers.back();
    };
    EXPECT_EQ(tell_of(1, 0), 0u);
    const auto stick_of_two = tell_of(2, 7);
    const auto other = tell_of(3, 8);
    EXPECT_EQ(tell_of(4, 7), stick_of_two);
    EXPECT_NE(other, stick_of_two);
    EXPECT_EQ(tell_of(5, 0), 0u);
    mountd->hang_up();
    next(5);
    greet(0);
    const auto later = tell_of(2, 7);  // a visit that hangs may still be counted under the old number
    EXPECT_NE(later, 0u);
    EXPECT_NE(later, stick_of_two);
    EXPECT_NE(later, other);
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
    const std::pair<int, Errc> reasons[] = {{0, Errc::not_found},
                                            {EBUSY, Errc::busy},
                                            {EIO, Errc::io},
                                            {EACCES, Errc::denied},
                                            {ENODEV, Errc::unsupported}};
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
    mountd->say({.what = What::released, .drive = 1});  // later
    EXPECT_THAT(next(), ElementsAre("freed 1"));
    mountd->say({.what = What::released, .drive = 1});  // and once more
    opened(1, 1).reset();
    releasing = release(1);
    expect_heard(What::release, 1);
    mountd->say({.what = What::released, .drive = 1});
    EXPECT_TRUE(releasing.get());
    tell(1, Readiness::waiting);
    EXPECT_THAT(next(), ElementsAre("readiness 1 vfat waiting")) << "whoever waited for it was told";
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

}  // namespace
}  // namespace wcmp::drives::test
