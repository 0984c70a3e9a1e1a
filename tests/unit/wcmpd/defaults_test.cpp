// What the daemon does when the settings do not say.
#include "defaults.h"

#include "next_start.h"
#include "temporary_directory.h"

#include <fstream>

#include <gtest/gtest.h>

namespace wcmp::daemon {
namespace {

using settings::DriveSource;
using settings::Settings;

struct DriveSourceTest : testing::Test {
    tests::TemporaryDirectory folder;
    Settings::Drives drives;

    void SetUp() override { drives.handover_socket = folder.path() / "handover.sock"; }
    void make_socket() { std::ofstream(drives.handover_socket) << ""; }
};

TEST_F(DriveSourceTest, ThePersonsServiceWaitsForTheDesktop) {
    make_socket();
    EXPECT_EQ(drive_source(ServiceKind::user, drives), DriveSource::desktop);
}

TEST_F(DriveSourceTest, TheSystemsServiceTakesMountdWhetherOrNotItListensYet) {
    EXPECT_EQ(drive_source(ServiceKind::system, drives), DriveSource::mountd);
    make_socket();
    EXPECT_EQ(drive_source(ServiceKind::system, drives), DriveSource::mountd);
}

TEST_F(DriveSourceTest, WhereMountdIsExpected) {
    EXPECT_TRUE(expects_mounter(ServiceKind::system, drives, true));
    EXPECT_FALSE(expects_mounter(ServiceKind::system, drives, false)) << "root has started it by hand";
    EXPECT_FALSE(expects_mounter(ServiceKind::user, drives, true));
    drives.source = DriveSource::mountd;
    EXPECT_TRUE(expects_mounter(ServiceKind::system, drives, false)) << "it was asked for";
    EXPECT_TRUE(expects_mounter(ServiceKind::user, drives, false));
    drives.source = DriveSource::none;
    EXPECT_FALSE(expects_mounter(ServiceKind::system, drives, true));
}

TEST_F(DriveSourceTest, WhatIsSetCounts) {
    make_socket();
    for (const auto source : {DriveSource::mountd, DriveSource::desktop, DriveSource::none}) {
        drives.source = source;
        EXPECT_EQ(drive_source(ServiceKind::system, drives), source);
        EXPECT_EQ(drive_source(ServiceKind::user, drives), source);
    }
}

TEST(NextStart, KeepsWhereDrivesComeFrom) {
    Settings in_force, read;
    read.drives.source = DriveSource::none;
    read.drives.handover_socket = "/elsewhere";
    read.drives.visit_seconds_max = 60;
    EXPECT_EQ(keep_until_next_start(in_force, read), "drives.source, drives.handover_socket");
    EXPECT_EQ(read.drives.source, DriveSource::automatic);
    EXPECT_EQ(read.drives.handover_socket, in_force.drives.handover_socket);
    EXPECT_EQ(read.drives.visit_seconds_max, 60u) << "this counts at once";
}

}  // namespace
}  // namespace wcmp::daemon
