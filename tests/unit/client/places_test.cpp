#include "client/places.h"

#include "client/date.h"
#include "temporary_directory.h"

#include <chrono>
#include <fstream>

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

TEST(Places, TheHomeInItsOrder) {
    Surroundings around{.home = "/home/a",
                        .xdg_data_home = "/data",
                        .xdg_runtime_dir = {},
                        .wcmp_home = "/w",
                        .wcmp_socket = {}};
    EXPECT_EQ(choose_home("here", around), "here");
    EXPECT_EQ(choose_home("", around), "/w");
    around.wcmp_home.clear();
    EXPECT_EQ(choose_home("", around), "/data/wcmp");
    around.xdg_data_home = "relative";
    EXPECT_EQ(choose_home("", around), "/home/a/.local/share/wcmp");
    EXPECT_EQ(choose_home("", {}), "");
}

TEST(Places, TheSocketInItsOrder) {
    const tests::TemporaryDirectory runtime;
    Surroundings around{.home = {},
                        .xdg_data_home = {},
                        .xdg_runtime_dir = runtime.path(),
                        .wcmp_home = {},
                        .wcmp_socket = "/s"};
    EXPECT_EQ(choose_socket("/asked", around), "/asked");
    EXPECT_EQ(choose_socket("", around), "/s");
    around.wcmp_socket.clear();
    EXPECT_EQ(choose_socket("", around), "/run/wcmp/api.sock");
    std::filesystem::create_directory(runtime.path() / "wcmp");
    std::ofstream(runtime.path() / "wcmp/api.sock") << "";
    EXPECT_EQ(choose_socket("", around), runtime.path() / "wcmp/api.sock");
    EXPECT_EQ(choose_socket("", {}), "/run/wcmp/api.sock");
}

TEST(Date, AgreesWithTheCalendar) {
    for (std::uint32_t number = 0; number < 100'000; number += 13) {
        const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(number))};
        const auto text = to_date(Day{number});
        ASSERT_EQ(parse_date(text).value(), Day{number}) << text;
        ASSERT_EQ(std::stoi(text.substr(0, 4)), static_cast<int>(date.year()));
    }
    EXPECT_EQ(to_date(Day{0}), "1970-01-01");
    EXPECT_EQ(to_date(Day{20'878}), "2027-03-01");
    EXPECT_FALSE(to_date(Day{~std::uint32_t{0}}).empty());
}

TEST(Date, RefusesWhatIsNone) {
    for (const auto* const text : {"", "2027-3-1", "2027-02-30", "2027-13-01", "1969-12-31", "2027/03/01",
                                   "2027-03-0x", "+027-03-01", "2027-03-011", "-027-03-01"})
        EXPECT_EQ(parse_date(text).error().code, Errc::invalid) << text;
}

}  // namespace
}  // namespace wcmp::client
