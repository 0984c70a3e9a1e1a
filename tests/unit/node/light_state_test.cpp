#include "node/light_state.h"

#include "node/light_watch.h"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

using drives::Light;
using testing::ElementsAre;

DriveInfo drive(std::string_view state, std::string_view kind = "mountd") {
    return {.id = "d1", .kind = kind, .file_system = "vfat", .state = state, .phase = {}};
}

Light shown(std::initializer_list<std::string_view> states, bool attention = false) {
    std::vector<DriveInfo> drives;
    for (const auto state : states) drives.push_back(drive(state));
    return light_state(drives, attention);
}

TEST(LightState, OneDrive) {
    EXPECT_EQ(shown({}), Light::idle);
    EXPECT_EQ(shown({"busy"}), Light::busy);
    EXPECT_EQ(shown({"done"}), Light::done);
    EXPECT_EQ(shown({"removed"}), Light::idle);
    EXPECT_EQ(shown({"waiting"}), Light::idle);
    EXPECT_EQ(shown({"empty"}), Light::idle);
    for (const auto* state : {"failed", "unprepared", "unsupported", "encrypted"})
        EXPECT_EQ(shown({state}), Light::failed) << state;
}

TEST(LightState, TheRelaysOwnTroubleWaitsForTheDrives) {
    EXPECT_EQ(shown({}, true), Light::attention);
    EXPECT_EQ(shown({"empty"}, true), Light::attention);
    EXPECT_EQ(shown({"done"}, true), Light::done);
    EXPECT_EQ(shown({"encrypted"}, true), Light::failed);
}

TEST(LightState, WhileOneIsBusyNoneIsCalledDone) {
    EXPECT_EQ(shown({"done", "busy"}), Light::busy);
    EXPECT_EQ(shown({"failed", "busy"}), Light::busy);
    EXPECT_EQ(shown({"done", "failed"}), Light::failed);
    EXPECT_EQ(shown({"unsupported", "done"}), Light::done) << "a second partition must not hide it";
}

TEST(LightState, DirectoriesAreNoDrivesToTakeOut) {
    const std::vector<DriveInfo> drives{drive("busy", "directory"), drive("failed", "directory")};
    EXPECT_EQ(light_state(drives, false), Light::idle);
    EXPECT_EQ(drives_in_words(drives), "");
}

TEST(DrivesInWords, SayWhatToDo) {
    EXPECT_EQ(drives_in_words({}), "");
    const std::vector<DriveInfo> drives{drive("done"), drive("busy", "desktop"), drive("done"),
                                        drive("encrypted")};
    EXPECT_EQ(drives_in_words(drives),
              "a drive is being synced: do not remove it, a drive is done: take it, a drive cannot be used");
}

TEST(LightWatch, TellsEachLightOnce) {
    boost::asio::io_context io;
    Home home(io);
    auto now = Light::idle;
    std::vector<Light> told;
    LightWatch watch(home, [&now] { return now; }, [&told](Light light) { told.push_back(light); });
    const auto look = [&] {
        watch.look();
        watch.look();
        io.restart();
        io.run();
    };
    look();
    look();
    now = Light::done;
    look();
    now = Light::idle;
    look();
    EXPECT_THAT(told, ElementsAre(Light::idle, Light::done, Light::idle));
}

}  // namespace
}  // namespace wcmp::node
