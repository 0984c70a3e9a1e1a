// The table of rhythms, and lights that are files of a folder like the kernel's.
#include "light.h"

#include "signals.h"
#include "temporary_directory.h"

#include <array>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

namespace wcmp::mountd {
namespace {

using drives::Light;
constexpr std::array all_lights{Light::idle, Light::busy, Light::done, Light::failed, Light::attention};

std::string told(const Rhythm& rhythm) {
    return pattern_text(rhythm, 255);
}

TEST(Rhythm, EveryStateHasItsOwn) {
    std::set<std::string> patterns;
    std::set<std::string> plain;
    for (const auto light : all_lights) {
        patterns.insert(told(rhythm_of(light)));
        plain.insert(told(plain_rhythm_of(light)));
        EXPECT_LE(plain_rhythm_of(light).flashes, 1u);
    }
    EXPECT_EQ(patterns.size(), all_lights.size());
    EXPECT_EQ(plain.size(), all_lights.size());
}

TEST(Rhythm, AnIdleLightBlinksEveryFourSeconds) {
    const auto idle = rhythm_of(Light::idle);
    EXPECT_EQ(idle.flashes, 1u);
    EXPECT_EQ(idle.on + idle.off + idle.pause, std::chrono::seconds(4));
}

TEST(Rhythm, APatternHasEdgesAndAPauseAtItsEnd) {
    const Rhythm twice{2, std::chrono::milliseconds(200), std::chrono::milliseconds(100),
                       std::chrono::milliseconds(900)};
    EXPECT_EQ(pattern_text(twice, 7), "7 200 7 0 0 100 0 0 7 200 7 0 0 1000 0 0");
}

class SysfsTest : public ::testing::Test {
protected:
    std::filesystem::path led(const std::string& name) const { return sysfs_.path() / "class/leds" / name; }
    void put(const std::string& name, const std::string& attribute, const std::string& value) const {
        std::filesystem::create_directories(led(name));
        std::ofstream(led(name) / attribute) << value;
    }
    std::string get(const std::string& name, const std::string& attribute) const {
        std::ifstream file(led(name) / attribute);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void make(const std::string& name, const std::string& triggers) const {
        put(name, "trigger", triggers);
        put(name, "brightness", "1\n");
        put(name, "max_brightness", "255\n");
        for (const auto* attribute : {"delay_on", "delay_off", "pattern", "repeat", "shot"})
            put(name, attribute, "");
    }
    Led open(const std::vector<std::string>& names) const {
        auto opened = Led::open(sysfs_.path(), names, memory());
        EXPECT_TRUE(opened);
        return std::move(*opened);
    }

    std::filesystem::path memory() const { return sysfs_.path() / "memory"; }

    tests::TemporaryDirectory sysfs_;
};

TEST_F(SysfsTest, TheFirstNameThatThereIsIsTaken) {
    make("led0", "none [mmc0] timer\n");
    auto light = open({"ACT", "led0"});
    ASSERT_TRUE(light.show(Light::done));
    EXPECT_EQ(get("led0", "trigger"), "none");
    EXPECT_EQ(get("led0", "brightness"), "255");
}

TEST_F(SysfsTest, NoneOfThemIsToldAndAPathIsNoName) {
    make("led0", "[none]\n");
    const std::vector<std::string> names{"ACT", "../leds/led0", "", "."};
    const auto opened = Led::open(sysfs_.path(), names, memory());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::not_found);
}

TEST_F(SysfsTest, TheKernelBlinks) {
    make("ACT", "none [mmc0] timer pattern oneshot\n");
    auto light = open({"ACT"});
    ASSERT_TRUE(light.show(Light::idle));
    EXPECT_EQ(get("ACT", "trigger"), "timer");
    EXPECT_EQ(get("ACT", "delay_on"), "60");
    EXPECT_EQ(get("ACT", "delay_off"), "3940");
    ASSERT_TRUE(light.show(Light::failed));
    EXPECT_EQ(get("ACT", "trigger"), "pattern");
    EXPECT_EQ(get("ACT", "repeat"), "-1");
    EXPECT_EQ(get("ACT", "pattern"), pattern_text(rhythm_of(Light::failed), 255));
}

TEST_F(SysfsTest, WithoutPatternsTheCodesAreStillTwoDifferentRhythms) {
    make("ACT", "[none] timer\n");
    auto light = open({"ACT"});
    std::set<std::string> shown;
    for (const auto state : all_lights) {
        ASSERT_TRUE(light.show(state));
        shown.insert(get("ACT", "trigger") + get("ACT", "delay_on") + "/" + get("ACT", "delay_off"));
    }
    EXPECT_EQ(shown.size(), all_lights.size());
}

TEST_F(SysfsTest, WithoutAnyTriggerDoneIsOnAndTheRestOff) {
    make("ACT", "[none]\n");
    auto light = open({"ACT"});
    for (const auto state : all_lights) {
        ASSERT_TRUE(light.show(state));
        EXPECT_EQ(get("ACT", "brightness"), state == Light::done ? "255" : "0");
    }
}

TEST_F(SysfsTest, ATriggerThatIsLoadedLaterIsUsed) {
    make("ACT", "[none]\n");
    auto light = open({"ACT"});
    ASSERT_TRUE(light.show(Light::failed));
    EXPECT_EQ(get("ACT", "trigger"), "none");
    put("ACT", "trigger", "[none] timer pattern\n");
    ASSERT_TRUE(light.show(Light::failed));
    EXPECT_EQ(get("ACT", "trigger"), "pattern");
}

TEST_F(SysfsTest, ATriggerIsRestored) {
    make("ACT", "none [mmc0] timer pattern\n");
    auto light = open({"ACT"});
    ASSERT_TRUE(light.show(Light::busy));
    ASSERT_TRUE(light.restore());
    EXPECT_EQ(get("ACT", "trigger"), "mmc0");
}

TEST_F(SysfsTest, ABrightnessIsRestored) {
    make("ACT", "[none] mmc0 timer\n");
    auto light = open({"ACT"});
    ASSERT_TRUE(light.show(Light::done));
    ASSERT_TRUE(light.restore());
    EXPECT_EQ(get("ACT", "trigger"), "none");
    EXPECT_EQ(get("ACT", "brightness"), "1");
}

TEST_F(SysfsTest, AnothersBlinkingIsRestoredWithItsTimes) {
    make("ACT", "none [timer]\n");
    put("ACT", "delay_on", "33\n");
    put("ACT", "delay_off", "44\n");
    auto light = open({"ACT"});
    ASSERT_TRUE(light.show(Light::busy));
    EXPECT_EQ(get("ACT", "delay_on"), "100");
    ASSERT_TRUE(light.restore());
    EXPECT_EQ(get("ACT", "trigger"), "timer");
    EXPECT_EQ(get("ACT", "delay_on"), "33");
    EXPECT_EQ(get("ACT", "delay_off"), "44");
}

TEST_F(SysfsTest, AfterACrashWhatWasThereBeforeItIsRestored) {
    make("ACT", "none [timer] pattern\n");
    put("ACT", "delay_on", "33\n");
    put("ACT", "delay_off", "44\n");
    {
        auto killed = open({"ACT"});
        ASSERT_TRUE(killed.show(Light::failed));
    }
    put("ACT", "trigger", "none timer [pattern]\n");
    auto light = open({"ACT"});
    ASSERT_TRUE(light.show(Light::busy));
    ASSERT_TRUE(light.restore());
    EXPECT_EQ(get("ACT", "trigger"), "timer");
    EXPECT_EQ(get("ACT", "delay_on"), "33");
    EXPECT_EQ(get("ACT", "delay_off"), "44");
    EXPECT_TRUE(std::filesystem::is_empty(memory()));
}

TEST_F(SysfsTest, WhatIsRestoredIsForgotten) {
    make("ACT", "none [mmc0] timer\n");
    ASSERT_TRUE(open({"ACT"}).restore());
    put("ACT", "trigger", "[none] mmc0 timer\n");
    auto light = open({"ACT"});
    ASSERT_TRUE(light.show(Light::busy));
    ASSERT_TRUE(light.restore());
    EXPECT_EQ(get("ACT", "trigger"), "none");
}

TEST_F(SysfsTest, AMemoryOfWhatNoLightHasIsNotBelieved) {
    make("ACT", "none [mmc0] timer\n");
    std::filesystem::create_directory(memory());
    for (const auto* text : {"trigger timer\n../brightness 1\n", "brightness 1\n", ""}) {
        std::ofstream(memory() / "ACT") << text;
        EXPECT_FALSE(recall_led(memory() / "ACT"));
    }
    ASSERT_TRUE(open({"ACT"}).restore());
    EXPECT_EQ(get("ACT", "trigger"), "mmc0");
}

TEST_F(SysfsTest, ALightThatCannotBeKeptInMemoryShinesAllTheSame) {
    make("ACT", "[none] timer\n");
    std::ofstream(memory()) << "in the way";
    auto light = open({"ACT"});
    EXPECT_TRUE(light.show(Light::done));
    EXPECT_EQ(get("ACT", "brightness"), "255");
}

TEST_F(SysfsTest, ALightThatWentAwayIsAnError) {
    make("ACT", "[none]\n");
    auto light = open({"ACT"});
    std::filesystem::remove_all(led("ACT"));
    EXPECT_FALSE(light.show(Light::done));
}

TEST_F(SysfsTest, TheBeeperIsHeardOnceForDoneAndForFailed) {
    make("beep", "[none] pattern oneshot\n");
    Signals signals({}, open({"beep"}));
    ASSERT_TRUE(signals.show(Light::busy));
    EXPECT_EQ(get("beep", "pattern"), "");
    ASSERT_TRUE(signals.show(Light::done));
    EXPECT_EQ(get("beep", "repeat"), "1");
    const auto done = get("beep", "pattern");
    EXPECT_EQ(done, "255 120 255 0 0 120 0 0 255 120 255 0 0 120 0 0");
    put("beep", "pattern", "");
    ASSERT_TRUE(signals.show(Light::done));  // the same once more: nothing new to tell
    EXPECT_EQ(get("beep", "pattern"), "");
    ASSERT_TRUE(signals.show(Light::failed));
    EXPECT_EQ(get("beep", "pattern"), "255 900 255 0 0 100 0 0");
}

TEST_F(SysfsTest, ABeeperWithoutPatternsBeepsOnceShortOrLong) {
    make("beep", "[none] oneshot\n");
    Signals signals({}, open({"beep"}));
    ASSERT_TRUE(signals.show(Light::done));
    EXPECT_EQ(get("beep", "trigger"), "oneshot");
    EXPECT_EQ(get("beep", "delay_on"), "120");
    EXPECT_EQ(get("beep", "shot"), "1");
    ASSERT_TRUE(signals.show(Light::failed));
    EXPECT_EQ(get("beep", "delay_on"), "900");
}

TEST_F(SysfsTest, ABeeperThatFailsDoesNotKeepTheLightFromShowing) {
    make("ACT", "[none] timer\n");
    make("beep", "[none]\n");
    Signals signals(open({"ACT"}), open({"beep"}));
    const auto shown = signals.show(Light::done);
    ASSERT_FALSE(shown);
    EXPECT_EQ(shown.error().code, Errc::unsupported);
    EXPECT_EQ(get("ACT", "brightness"), "255");
}

}  // namespace
}  // namespace wcmp::mountd
