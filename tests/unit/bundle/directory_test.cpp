#include "bundle/directory.h"

#include "io/posix.h"
#include "memory_file.h"
#include "sample.h"
#include "watched_directory.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace wcmp::bundle::test {
namespace {

namespace fs = std::filesystem;

struct DirectoryTest : testing::Test {
    SeededRandom random{31};
    fs::path path;
    std::unique_ptr<io::Directory> directory;
    message::Today today{.floor = {100}, .trusted = Day{100}};

    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "wcmp-scan-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        path = pattern;
        directory = io::open_directory(path).value();
    }
    void TearDown() override {
        directory.reset();
        fs::remove_all(path);
    }

    void write(const std::string& name, const Bytes& bytes) const {
        std::ofstream(path / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }

    // A bundle of two messages of `first` and `last`, under its own name.
    Name add(std::uint32_t first, std::uint32_t last) {
        const auto bytes = sample_bundle({sample_message(random, first), sample_message(random, last)});
        const auto name = open_bytes(bytes)->name();
        write(to_string(name), bytes);
        return name;
    }

    DirectoryScan scanned(std::size_t limit = 0) { return scan(*directory, today, limit, random).value(); }
};

std::set<Name> names_of(const DirectoryScan& scan) {
    std::set<Name> names;
    for (const auto& reader : scan.bundles) names.insert(reader->name());
    return names;
}

TEST_F(DirectoryTest, AnEmptyOneHasNothing) {
    const auto found = scanned();
    EXPECT_TRUE(found.bundles.empty() && found.damaged.empty() && found.dead.empty());
    EXPECT_EQ(found.foreign + found.unknown_format + found.left_out, 0u);
}

TEST_F(DirectoryTest, OpensTheBundles) {
    const std::set<Name> names{add(101, 120), add(90, 101), add(282, 283)};
    const auto found = scanned();
    EXPECT_EQ(names_of(found), names);
    for (const auto& reader : found.bundles) {
        EXPECT_EQ(stream_error(reader), std::nullopt);
        EXPECT_FALSE(reader->is_mapped());
    }
}

TEST_F(DirectoryTest, MapsIndexesWhenTold) {
    add(101, 120);
    const auto found = scan(*directory, today, 0, random, IndexAccess::mapped).value();
    ASSERT_EQ(found.bundles.size(), 1u);
    EXPECT_TRUE(found.bundles[0]->is_mapped());
    EXPECT_EQ(stream_error(found.bundles[0]), std::nullopt);
}

TEST_F(DirectoryTest, DeadOnesAreNamed) {
    const auto past = add(90, 100);
    const auto beyond = add(283, 290);
    auto found = scanned();
    EXPECT_EQ(found.dead.size(), 2u);
    EXPECT_TRUE(found.bundles.empty() && found.void_files.empty());
    EXPECT_EQ(std::ranges::count(found.dead, past), 1);
    EXPECT_EQ(std::ranges::count(found.dead, beyond), 1);

    today.trusted.reset();  // the horizon counts only when the day is trusted
    found = scanned();
    EXPECT_EQ(found.dead, std::vector{past});
    EXPECT_EQ(names_of(found), std::set{beyond});
}

// A name is nobody's word: what it calls dead goes unread only when header and day table say the same.
TEST_F(DirectoryTest, UnderTheNameOfADeadOneAnythingMayLie) {
    const auto live = sample_bundle({sample_message(random, 101), sample_message(random, 120)});
    const auto named = [](char mark) { return "1-2-" + std::string(32, mark) + ".wcmp"; };
    Bytes later = live;
    later[7] = '2';
    Bytes damaged = live;
    damaged[10] ^= 1;
    write(named('a'), live);
    write(named('b'), later);
    write(named('c'), damaged);
    write(named('d'), Bytes(live.size()));
    fs::create_directory(path / named('e'));
    const auto found = scanned();
    EXPECT_TRUE(found.dead.empty() && found.bundles.empty());
    std::set<std::string> wrong;
    for (const auto& name : found.damaged) wrong.insert(to_string(name));
    EXPECT_EQ(wrong, (std::set{named('a'), named('c')}));
    EXPECT_EQ(found.unknown_format, 1u);
    EXPECT_EQ(found.foreign, 1u);
    ASSERT_EQ(found.void_files.size(), 1u);
    EXPECT_EQ(to_string(found.void_files[0]), named('d'));
}

TEST_F(DirectoryTest, WhatIsNoBundleIsCounted) {
    const auto sound = add(101, 102);
    write("notes.txt", {1});
    write("1-2-3.wcmp", {1});
    const std::string name = "-00000000000000000000000000000000.wcmp";
    fs::create_directory(path / ("101-101" + name));
    fs::create_symlink(path / to_string(sound), path / ("101-102" + name));
    ASSERT_EQ(mkfifo((path / ("101-103" + name)).c_str(), 0600), 0);
    const auto found = scanned();
    EXPECT_EQ(found.foreign, 5u);
    EXPECT_EQ(names_of(found), std::set{sound});
    EXPECT_TRUE(found.damaged.empty() && found.void_files.empty());
}

TEST_F(DirectoryTest, VoidDamagedAndUnknownOnesAreToldApart) {
    const auto good = sample_bundle({sample_message(random, 101)});
    const auto name = open_bytes(good)->name();
    const auto named = [&](std::uint8_t mark) {
        Name other = name;
        other.hash[0] = mark;
        return other;
    };
    Bytes zeros = good;
    std::fill_n(zeros.begin(), 64, std::uint8_t{0});
    Bytes later = good;
    later[7] = '2';
    Bytes shorter = good;
    shorter.pop_back();
    Bytes table = good;
    table[71] = 2;
    write(to_string(named(1)), {});
    write(to_string(named(2)), Bytes(good.begin(), good.begin() + 50));
    write(to_string(named(3)), zeros);
    write(to_string(named(4)), later);
    write(to_string(named(5)), shorter);
    write(to_string(named(6)), good);
    write(to_string(name), table);
    const auto found = scanned();
    EXPECT_EQ(std::set(found.void_files.begin(), found.void_files.end()),
              (std::set{named(1), named(2), named(3)}));
    EXPECT_EQ(found.unknown_format, 1u);
    EXPECT_EQ(std::set(found.damaged.begin(), found.damaged.end()), (std::set{named(5), named(6), name}));
    EXPECT_TRUE(found.bundles.empty());
}

// Over the limit, every bundle has the same chance, and other ones come at the next visit.
TEST_F(DirectoryTest, TakesARandomChoiceOfManyAnewEachTime) {
    std::map<Name, int> taken;
    for (std::uint32_t i = 0; i < 20; ++i) taken[add(101 + i, 102 + i)] = 0;
    for (int visit = 0; visit < 400; ++visit) {
        const auto found = scanned(5);
        ASSERT_EQ(found.bundles.size(), 5u);
        EXPECT_EQ(found.left_out, 15u);
        for (const auto& name : names_of(found)) ++taken[name];
    }
    for (const auto& [name, count] : taken) {  // 100 expected, standard deviation below 9
        EXPECT_GT(count, 55);
        EXPECT_LT(count, 145);
    }
}

TEST_F(DirectoryTest, DeadOnesDoNotCountTowardsTheLimit) {
    for (std::uint32_t i = 0; i < 8; ++i) add(50 + i, 60 + i);
    const std::set<Name> live{add(101, 102), add(101, 103)};
    const auto found = scanned(2);
    EXPECT_EQ(names_of(found), live);
    EXPECT_EQ(found.left_out, 0u);
    EXPECT_EQ(found.dead.size(), 2u) << "the rest another time";
}

// A directory whose files fail as told.
class FailingDirectory : public io::Directory {
public:
    explicit FailingDirectory(Error error) : error_(error) {}
    Result<void> list(const std::function<void(std::string_view name)>& visit) const override {
        visit("101-101-00000000000000000000000000000000.wcmp");
        visit("101-102-00000000000000000000000000000000.wcmp");
        return list_result;
    }
    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view) const override {
        return std::unexpected(error_);
    }
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view) override { return none(); }
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view) override { return none(); }
    Result<std::unique_ptr<io::WritableFile>> create_unnamed() override { return none(); }
    Result<void> unlink(std::string_view) override { return none(); }
    Result<void> rename(std::string_view, std::string_view) override { return none(); }
    Result<void> sync() override { return none(); }
    Result<void> sync_file_system() override { return none(); }
    Result<void> set_constant_times() override { return none(); }
    Result<io::Space> space() const override { return none(); }
    Result<std::unique_ptr<io::Lock>> lock() override { return none(); }
    Result<std::unique_ptr<Directory>> open_directory(std::string_view) const override { return none(); }
    Result<void> make_directory(std::string_view) override { return none(); }

    Result<void> list_result{};

private:
    static std::unexpected<Error> none() { return fail(Errc::unsupported, "scan() writes nothing"); }

    Error error_;
};

// Whose bundle gets its header between the first look at it and the second.
class BusyDirectory final : public FailingDirectory {
public:
    explicit BusyDirectory(Bytes bytes)
        : FailingDirectory({Errc::not_found, "gone"}),
          bytes_(std::move(bytes)),
          name_(to_string(open_bytes(bytes_)->name())) {}
    Result<void> list(const std::function<void(std::string_view name)>& visit) const override {
        visit(name_);
        return {};
    }
    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view) const override {
        auto now = bytes_;
        if (opened_++ == 0) std::fill_n(now.begin(), 64, std::uint8_t{0});
        return std::make_unique<MemoryFile>(now);
    }

private:
    Bytes bytes_;
    std::string name_;
    mutable int opened_ = 0;
};

TEST_F(DirectoryTest, ABundleThatIsFinishedMeanwhileIsSound) {
    const BusyDirectory busy(sample_bundle({sample_message(random, 101)}));
    const auto found = scan(busy, today, 0, random);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->bundles.size(), 1u);
    EXPECT_TRUE(found->damaged.empty() && found->void_files.empty());
}

TEST_F(DirectoryTest, OneUnreadableFileHidesNoOther) {
    const auto damaged = [&](Error error) {
        return scan(FailingDirectory(error), today, 0, random).value().damaged.size();
    };
    EXPECT_EQ(damaged({Errc::io, "open", EIO}), 2u);
    EXPECT_EQ(damaged({Errc::denied, "open", EACCES}), 2u);
    EXPECT_EQ(damaged({Errc::not_found, "open", ENOENT}), 0u) << "it went while we looked";
    EXPECT_EQ(damaged({Errc::io, "open", ESTALE}), 0u) << "it went on another machine";
}

// Nothing is wrong with a file that was not opened for want of descriptors, or because the drive is gone.
TEST_F(DirectoryTest, OtherErrorsEndTheScan) {
    const auto error = [&](const FailingDirectory& failing) {
        return scan(failing, today, 0, random).error().os_error;
    };
    EXPECT_EQ(error(FailingDirectory({Errc::io, "open", EMFILE})), EMFILE);
    EXPECT_EQ(error(FailingDirectory({Errc::io, "open", ENODEV})), ENODEV);
    FailingDirectory unlisted({Errc::not_found, "open", ENOENT});
    unlisted.list_result = fail(Errc::io, "getdents", EIO);
    EXPECT_EQ(error(unlisted), EIO);
}

// The store's files are opened some at a time, so that a disk can fetch what is read of them at once.
TEST_F(DirectoryTest, TheStoresFilesAreOpenedSomeAtATime) {
    constexpr std::size_t bundles = 150;
    for (std::size_t i = 0; i < bundles; ++i) add(101, 102);
    std::size_t ahead = 0;
    std::size_t ahead_most = 0;
    Watch watch;
    watch.before = [&](const Watch::Place& place) -> Result<void> {
        if (place.call == Call::open) ahead_most = std::max(ahead_most, ++ahead);
        if (place.call == Call::read) --ahead;
        return {};
    };
    const auto seen = watched(io::open_directory(path).value(), watch);
    for (const auto& [access, most] :
         {std::pair(IndexAccess::read, 1U), std::pair(IndexAccess::mapped, 64U)}) {
        ahead = ahead_most = 0;
        const auto found = scan(*seen, today, 0, random, access).value();
        EXPECT_EQ(found.bundles.size(), bundles);
        EXPECT_EQ(ahead_most, most);
        for (const auto& reader : found.bundles)
            EXPECT_EQ(reader->is_mapped(), access == IndexAccess::mapped);
    }
}

class Unseeded final : public Random {
public:
    Result<void> fill(MutableBytes) override { return core::fail(Errc::not_seeded, "not yet"); }
};

TEST_F(DirectoryTest, WithoutRandomnessThereIsNoChoice) {
    add(101, 102);
    add(101, 103);
    Unseeded unseeded;
    EXPECT_EQ(scan(*directory, today, 1, unseeded).error().code, Errc::not_seeded);
    EXPECT_TRUE(scan(*directory, today, 2, unseeded));
}

}  // namespace
}  // namespace wcmp::bundle::test
