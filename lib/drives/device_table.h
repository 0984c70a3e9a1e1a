// All block devices that udev has told of, and what has been told of them to whoever listens: events in,
// differences out.
#pragma once

#include "drives/devices.h"
#include "drives/qualification.h"

#include <map>
#include <optional>
#include <vector>

namespace wcmp::drives {

struct DeviceReport {
    enum class What : std::uint8_t { found, changed, gone, disqualified, wanted };
    What what = What::found;
    Device device;

    bool operator==(const DeviceReport&) const = default;
};

class DeviceTable {
public:
    explicit DeviceTable(QualificationRules rules) : rules_(std::move(rules)) {}

    // It is there, or something about it changed. What is older than what is known already is late news.
    void update(BlockDevice device);
    // It is there no more, and with a disk its partitions. Only the number and the generation are used.
    void remove(const BlockDevice& device);
    // These are all that there are.
    void replace(std::vector<BlockDevice> devices);
    // Somebody wants to have the disk, or one partition of it, back.
    void want(DeviceNumber number);

    // Looks again at what changes without an event: who holds a device, and partitions that were added. A
    // disk that is pulled out loses its partitions and its size before it goes; that is no news.
    using ReadState = std::optional<BlockState> (*)(const std::filesystem::path& device, DeviceNumber number);
    void refresh(ReadState read);

    // What to tell since the last time, in order.
    std::vector<DeviceReport> judge(const SystemFacts& facts);

    std::vector<BlockDevice> devices() const;

private:
    struct Record {
        BlockDevice device;
        std::optional<Device> told;
        std::uint32_t carrier = 0;
        bool disqualified = false;  // and that was told; who held it is told as well when it has gone

        bool is_ours() const { return told && !disqualified; }
    };
    using Records = std::map<DeviceNumber, Record>;

    std::uint32_t carrier_of(const Record& record);
    Records::iterator forget(Records::iterator record);
    void forget_partitions(const BlockDevice& disk, std::uint64_t but_of_sequence);
    void take_back(Record& record);
    void disqualify(Record& record);
    void judge_one(Record& record, const SystemFacts& facts);

    const QualificationRules rules_;
    Records records_;
    std::uint32_t last_carrier_ = 0;
    std::vector<DeviceNumber> wanted_;
    std::vector<DeviceReport> reports_;
};

}  // namespace wcmp::drives
