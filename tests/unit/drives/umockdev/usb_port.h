// A USB port into which sticks are plugged: udev and sysfs as umockdev shows them, and what the watch says.
#pragma once

#include "drives/device_watch.h"
#include "temporary_directory.h"

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <umockdev.h>

namespace wcmp::drives {

// "sda" is 8:0, "sda1" is 8:1, "sdb" is 8:16.
struct Stick {
    std::string name = "sda";
    unsigned port = 1;
    unsigned sequence = 1;
    Properties disk{{"ID_PART_TABLE_TYPE", "dos"}};
    std::vector<Properties> partitions{};
    std::string size = "31266816";
};

Properties vfat(const std::string& id = "5C3E-1F70");

class UsbPort : public testing::Test {
protected:
    UsbPort();
    ~UsbPort() override;

    // Into sysfs and udev's database, without an event.
    void insert(const Stick& stick);
    void announce(const Stick& stick, const char* action = "add");
    void plug(const Stick& stick) {
        insert(stick);
        announce(stick);
    }
    // As the kernel does it: partitions first, each event before what it is about has gone.
    void pull(const Stick& stick);
    void remove(const std::string& name);
    // From sysfs, before anybody is told.
    void vanish(const std::string& name);
    void set_properties(const std::string& name, const Properties& properties);
    void set_attribute(const std::string& name, const char* attribute, const std::string& value);
    void event(const std::string& name, const char* action);

    // The table of mounts that the watch reads; that it changed is told by the real one.
    void write_mounts(const std::string& lines);
    void write_fstab(const std::string& text);

    Result<void> start(QualificationRules rules = {});
    // Runs the watch until it has said this much more; answers what it said since the last time.
    std::vector<std::string> next(std::size_t count);
    // Plugs in one more stick and waits until it is told: what came before it has been dealt with.
    std::vector<std::string> everything();

    boost::asio::io_context io;
    tests::TemporaryDirectory tree;
    UMockdevTestbed* testbed = nullptr;
    std::unique_ptr<DeviceWatch> watch;
    std::function<void(const std::string&)> on_word;
    std::chrono::milliseconds look_again_after = std::chrono::hours(1);

private:
    std::filesystem::path top() const;
    std::string path_of(const std::string& name) const;
    void add(const std::string& path, const std::string& name, Properties properties, unsigned sequence,
             const std::string& size);
    void say(const std::string& word);

    std::map<std::string, std::string> paths_, numbers_;
    std::vector<std::string> said_;
    unsigned tokens_ = 0;
    std::uint64_t initialized_us_ = 1000;
};

}  // namespace wcmp::drives
