// The cases of devices.txt, and that each rule is one of them.
#include "drives/qualification.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace wcmp::drives {
namespace {

std::uint32_t value(const BlockDevice& device, std::string_view name) {
    return static_cast<std::uint32_t>(std::stoul(std::string(device.property(name))));
}

// Reads the file line by line and compares at each "->".
class Cases {
public:
    void read(std::istream& file) {
        for (std::string line; std::getline(file, line);) {
            ++line_;
            if (!line.empty() && !line.starts_with('#')) take(line);
        }
    }

    std::size_t verdicts = 0;
    std::set<std::string> seen;

private:
    void take(const std::string& line) {
        std::istringstream words(line);
        std::string what, rest;
        words >> what;
        std::getline(words >> std::ws, rest);
        if (what == "==")
            begin_case(rest);
        else if (what == "on")
            ancestors_ = ancestors(rest);
        else if (what == "rules")
            set_rules(rest);
        else if (what == "P:")
            begin_device(rest);
        else if (what == "N:")
            device_.node = "/dev/" + rest;
        else if (what == "E:")
            device_.properties[rest.substr(0, rest.find('='))] = rest.substr(rest.find('=') + 1);
        else if (what == "size")
            device_.state.sectors = std::stoul(rest);
        else if (what == "bare")
            bare_ = true;
        else if (what == "held")
            device_.state.held = true;
        else if (what == "->")
            check(rest);
        else
            take_fact(what, rest);
    }

    void take_fact(const std::string& what, const std::string& rest) {
        if (what == "fstab")
            facts_.fstab.push_back(parse_fstab(rest + " /x auto").at(0));
        else if (what == "mounted")
            facts_.mounted.insert(parse_device_number(rest).value());
        else if (what == "system" && rest == "unknown")
            facts_.system.unknown = "cannot tell";
        else if (what == "system")
            facts_.system.disks.insert(parse_device_number(rest).value());
        else
            ADD_FAILURE() << "line " << line_ << ": " << what;
    }

    void begin_case(const std::string& name) {
        case_ = name;
        facts_ = {};
        rules_ = {};
        disk_ = {};
        ancestors_.clear();
    }

    static std::vector<Ancestor> ancestors(const std::string& text) {
        std::vector<Ancestor> all;
        std::istringstream words(text);
        for (std::string word; words >> word;) {
            const auto equals = std::min(word.find('='), word.size());
            all.push_back({word.substr(0, equals), equals < word.size() ? word.substr(equals + 1) : ""});
        }
        return all;
    }

    void set_rules(const std::string& text) {
        if (text == "ext4") rules_.file_systems.push_back(FileSystemKind::ext4);
        if (text == "desktop") rules_.desktop_mounts = true;
    }

    void begin_device(const std::string& path) {
        device_ = {};
        bare_ = false;
        device_.syspath = "/sys" + path;
        device_.ancestors = ancestors_;
        device_.state.sectors = 1 << 20;
    }

    void check(const std::string& expected) {
        device_.number = device_.disk = {value(device_, "MAJOR"), value(device_, "MINOR")};
        if (device_.property("DEVTYPE") == "partition")
            device_.disk = disk_.number;
        else if (!bare_ && !device_.property("ID_PART_TABLE_TYPE").empty())
            device_.state.partitions = 1;  // as sysfs would show
        if (!device_.is_partition()) disk_ = device_;
        const auto& disk = disk_.number == device_.disk && !disk_.node.empty() ? disk_ : device_;
        const auto got = describe(qualify(device_, disk, facts_, rules_));
        EXPECT_EQ(got, expected) << "line " << line_ << ": " << case_ << ": " << device_.node;
        seen.insert(got);
        ++verdicts;
    }

    static std::string describe(const std::expected<Qualified, NotOurs>& verdict) {
        if (!verdict) return "not ours: " + std::string(to_string(verdict.error()));
        const std::string state(verdict->readiness == Readiness::ready ? "ready"
                                                                       : to_string(verdict->readiness));
        const auto kind = verdict->file_system;
        return kind == FileSystemKind::other ? state : state + " " + std::string(to_string(kind));
    }

    std::string case_;
    std::size_t line_ = 0;
    bool bare_ = false;
    SystemFacts facts_;
    QualificationRules rules_;
    std::vector<Ancestor> ancestors_;
    BlockDevice device_, disk_;
};

TEST(Qualification, DevicesAsTheyAre) {
    std::ifstream file(WCMP_TEST_DATA "/unit/drives/devices.txt");
    ASSERT_TRUE(file);
    Cases cases;
    cases.read(file);
    EXPECT_GT(cases.verdicts, 70u);
    for (std::size_t reason = 0; reason <= static_cast<std::size_t>(NotOurs::hidden); ++reason)
        EXPECT_TRUE(cases.seen.contains("not ours: " + std::string(to_string(static_cast<NotOurs>(reason)))))
            << to_string(static_cast<NotOurs>(reason));
    for (const auto* state :
         {"ready vfat", "ready exfat", "ready ext4", "unsupported", "encrypted", "empty", "waiting vfat"})
        EXPECT_TRUE(cases.seen.contains(state)) << state;
}

// A stick that is ready, with one thing about it changed.
struct Sample {
    Sample() {
        disk.number = disk.disk = {8, 0};
        disk.node = "/dev/sda";
        disk.ancestors = {{"usb"}};
        disk.state = {.sectors = 100, .partitions = 1};
        partition = disk;
        partition.number = {8, 1};
        partition.state.partitions = 0;
        partition.node = "/dev/sda1";
        partition.properties = {{"ID_FS_USAGE", "filesystem"}, {"ID_FS_TYPE", "vfat"}};
    }
    auto verdict() const { return qualify(partition, disk, {}, {}); }

    BlockDevice disk, partition;
};

TEST(Qualification, EveryHiddenTypeIsHidden) {
    Sample sample;
    ASSERT_TRUE(sample.verdict());
    for (const auto* type :
         {"0x0",  "0x5",  "0xf",  "0x85", "0x11", "0x12", "0x14", "0x16", "0x17", "0x1b", "0x1c",
          "0x1e", "0x27", "0x3d", "0x84", "0x8d", "0x8e", "0x90", "0x91", "0x92", "0x93", "0x97",
          "0x98", "0x9a", "0x9b", "0xab", "0xbb", "0xc2", "0xc3", "0xdd", "0xef", "0xfd"}) {
        sample.partition.properties["ID_PART_ENTRY_SCHEME"] = "dos";
        sample.partition.properties["ID_PART_ENTRY_TYPE"] = type;
        EXPECT_EQ(sample.verdict(), std::unexpected(NotOurs::hidden)) << type;
        sample.partition.properties["ID_PART_ENTRY_SCHEME"] = "gpt";  // the same word of another table
        EXPECT_TRUE(sample.verdict()) << type;
    }
}

TEST(Qualification, TypesThatPeopleUseAreNotHidden) {
    Sample sample;
    sample.partition.properties["ID_PART_ENTRY_SCHEME"] = "dos";
    for (const auto* type : {"0x1", "0x4", "0x6", "0x7", "0xb", "0xc", "0xe", "0x83"}) {
        sample.partition.properties["ID_PART_ENTRY_TYPE"] = type;
        EXPECT_TRUE(sample.verdict()) << type;
    }
}

TEST(Qualification, FlagsOfAnEntryThatHide) {
    Sample sample;
    sample.partition.properties["ID_PART_ENTRY_SCHEME"] = "gpt";
    const auto hidden = [&](const char* flags) {
        sample.partition.properties["ID_PART_ENTRY_FLAGS"] = flags;
        return !sample.verdict().has_value();
    };
    for (const auto* flags : {"0x1", "0x4000000000000000", "0x8000000000000000", "0xc000000000000001",
                              "0x10000000000000000", "0xfoo", "0x"})
        EXPECT_TRUE(hidden(flags)) << flags;
    for (const auto* flags : {"0x2", "0x4", "0x1000000000000000", "", "1"})
        EXPECT_FALSE(hidden(flags)) << flags;
    sample.partition.properties["ID_PART_ENTRY_SCHEME"] = "dos";  // there it is the active partition
    EXPECT_FALSE(hidden("0x80"));
}

}  // namespace
}  // namespace wcmp::drives
