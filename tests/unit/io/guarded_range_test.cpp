// Pages that a medium does not give: a file that was cut behind its mapping is one that the system has not.
#include "io/posix.h"
#include "temporary_directory.h"

#include <csignal>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace wcmp::io {
namespace {

class GuardedRangeTest : public testing::Test {
protected:
    static constexpr std::size_t pages = 5;

    std::unique_ptr<Mapping> mapped(std::uint64_t offset = 0) {
        const auto file = directory->open("file").value();
        return file->map(offset, pages * page - offset).value();
    }
    void SetUp() override {
        ASSERT_TRUE(directory->create("file").value()->write_at(0, Bytes(pages * page, 7)));
    }
    void cut_to(std::size_t size) { std::filesystem::resize_file(temporary.path() / "file", size); }

    std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    tests::TemporaryDirectory temporary;
    std::unique_ptr<Directory> directory = open_directory(temporary.path()).value();
};

TEST_F(GuardedRangeTest, WhatIsNotGivenReadsAsZerosAndIsTold) {
    const auto mapping = mapped();
    const auto bytes = mapping->bytes();
    EXPECT_EQ(bytes[pages * page - 1], 7);
    EXPECT_TRUE(mapping->is_whole());
    cut_to(2 * page);
    EXPECT_EQ(bytes[2 * page - 1], 7);
    EXPECT_TRUE(mapping->is_whole()) << "nobody has asked for what is missing";
    EXPECT_EQ(bytes[3 * page], 0);
    EXPECT_FALSE(mapping->is_whole());
    EXPECT_EQ(bytes[4 * page - 1], 0);
    EXPECT_EQ(bytes[2 * page], 0);
    EXPECT_EQ(bytes[0], 7);
}

TEST_F(GuardedRangeTest, EachMappingIsToldOfItsOwnPages) {
    const auto one = mapped();
    auto gone = mapped(page + 100);
    const auto other = mapped(page + 100);
    gone.reset();
    cut_to(3 * page);
    EXPECT_EQ(other->bytes().back(), 0);
    EXPECT_FALSE(other->is_whole());
    EXPECT_TRUE(one->is_whole());
    cut_to(pages * page);
    EXPECT_TRUE(mapped()->is_whole()) << "a later one begins anew";
    EXPECT_EQ(one->bytes()[page], 7);
}

TEST_F(GuardedRangeTest, SeveralThreadsMayFindItAtOnce) {
    for (int round = 0; round < 20; ++round) {
        cut_to(pages * page);
        const auto mapping = mapped();
        cut_to(page);
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (std::size_t at = page; at < pages * page; at += 512) EXPECT_EQ(mapping->bytes()[at], 0);
            });
        threads.clear();
        EXPECT_FALSE(mapping->is_whole());
    }
}

using GuardedRangeDeathTest = GuardedRangeTest;

// Whatever else ends a process that way still does.
TEST_F(GuardedRangeDeathTest, OtherSignalsEndTheProcess) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto mapping = mapped();
    EXPECT_DEATH(::raise(SIGBUS), "");
    EXPECT_DEATH(
        {
            const auto file = ::open((temporary.path() / "file").c_str(), O_RDONLY);
            auto* start =
                static_cast<volatile char*>(::mmap(nullptr, pages * page, PROT_READ, MAP_SHARED, file, 0));
            cut_to(page);
            const char given = start[2 * page];
            std::ignore = given;
        },
        "");
}

}  // namespace
}  // namespace wcmp::io
