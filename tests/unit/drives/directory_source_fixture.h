// A source of directories on an io_context that the test runs, and what it reports.
#pragma once

#include "drives/directory_source.h"
#include "temporary_directory.h"

#include <fstream>
#include <optional>

#include <boost/asio/steady_timer.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wcmp::drives::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class DirectorySourceTest : public testing::Test {
protected:
    void start(std::vector<WatchedDirectory> directories) {
        // Looks without a sign are rarer than any test is long: what is seen was told by the system.
        source.emplace(
            io, numbers, std::move(directories),
            DirectorySourceOptions{
                .folder = "WCMP", .debounce = 20ms, .look_every = 3600s, .answers_within = answers_within});
        source->start({.added =
                           [this](const DriveAdded& drive) {
                               last_added = drive;
                               seen.push_back("added " + std::to_string(drive.id.number));
                           },
                       .changed =
                           [this](const DriveChanged& drive) {
                               seen.push_back("changed " + std::to_string(drive.id.number));
                           },
                       .removed =
                           [this](const DriveRemoved& drive) {
                               seen.push_back("removed " + std::to_string(drive.id.number));
                           },
                       .answers =
                           [this](const DriveAnswers& drive) {
                               seen.push_back((drive.answers ? "answers " : "silent ") +
                                              std::to_string(drive.id.number));
                           }});
    }

    // Runs until so many reports have come, and takes them.
    std::vector<std::string> next(std::size_t count = 1) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (seen.size() < count && std::chrono::steady_clock::now() < deadline) io.run_one_until(deadline);
        return std::exchange(seen, {});
    }

    // That nothing was reported is known once something later was: a directory made for this.
    void expect_silence() {
        const auto marker = temporary.path() / ("marker" + std::to_string(markers));
        ++markers;
        auto with_marker = configured;
        with_marker.push_back({marker});
        source->configure(with_marker);
        fs::create_directory(marker);
        EXPECT_THAT(next(), ElementsAre(testing::StartsWith("added ")));
        configured = with_marker;
    }

    void watch(const fs::path& path, bool shared = false) {
        configured = {{path, shared}};
        start(configured);
    }

    void write(const fs::path& path) { std::ofstream(path) << "x"; }

    tests::TemporaryDirectory temporary;
    fs::path stick = temporary.path() / "stick";
    boost::asio::io_context io;
    DriveNumbers numbers;
    std::vector<WatchedDirectory> configured;
    std::vector<std::string> seen;
    std::optional<DriveAdded> last_added;
    int markers = 0;
    std::chrono::milliseconds answers_within = 3600s;
    std::optional<DirectorySource> source;
};

}  // namespace wcmp::drives::test
