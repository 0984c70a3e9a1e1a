#include "drives/device_table.h"

#include <algorithm>
#include <set>
#include <utility>

namespace wcmp::drives {
namespace {

// Both count up. Where one of the two does not know, they may be the same.
std::strong_ordering compare(std::uint64_t a, std::uint64_t b) {
    return a == 0 || b == 0 ? std::strong_ordering::equal : a <=> b;
}

std::strong_ordering compare_generation(const BlockDevice& a, const BlockDevice& b) {
    const auto by_sequence = compare(a.disk_sequence, b.disk_sequence);
    return by_sequence != 0 ? by_sequence : compare(a.initialized_us, b.initialized_us);
}

std::uint64_t generation(const BlockDevice& device) {
    return device.disk_sequence != 0 ? device.disk_sequence : device.initialized_us;
}

// Formatted anew: the same device, but none of what was on it. No file system at all is a matter of
// readiness.
bool holds_another(const BlockDevice& now, const BlockDevice& before) {
    const auto type = now.property("ID_FS_TYPE");
    const auto old_type = before.property("ID_FS_TYPE");
    if (type.empty() || old_type.empty()) return false;
    return type != old_type || now.property("ID_FS_UUID") != before.property("ID_FS_UUID");
}

// "1-1.2": a USB device bears the numbers of the ports on the way to it.
bool is_usb_port(std::string_view name) {
    return name.find('-') != name.npos && name.find_first_not_of("0123456789-.") == name.npos;
}

// The USB device, with all disks that it claims to be; the disk itself where there is none.
std::string_view carrier_path(const BlockDevice& device) {
    const std::string_view path = device.syspath;
    auto end = device.is_partition() ? path.rfind('/') : path.size();
    for (auto at = path.find('/'); at < path.size();) {
        const auto next = std::min(path.find('/', at + 1), path.size());
        if (is_usb_port(path.substr(at + 1, next - at - 1))) end = next;
        at = next;
    }
    return path.substr(0, end);
}

}  // namespace

// Whatever is on it shares its number; what is plugged in after all of it has gone gets another.
std::uint32_t DeviceTable::carrier_of(const Record& record) {
    const auto path = carrier_path(record.device);
    for (const auto& [number, other] : records_)
        if (&other != &record && other.carrier != 0 && carrier_path(other.device) == path)
            return other.carrier;
    return ++last_carrier_;
}

void DeviceTable::take_back(Record& record) {
    if (record.told) reports_.push_back({DeviceReport::What::gone, *record.told});
    record.told.reset();
    record.disqualified = false;
}

void DeviceTable::disqualify(Record& record) {
    if (!record.is_ours()) return;
    record.disqualified = true;
    reports_.push_back({DeviceReport::What::disqualified, *record.told});
}

DeviceTable::Records::iterator DeviceTable::forget(Records::iterator record) {
    take_back(record->second);
    return records_.erase(record);
}

void DeviceTable::forget_partitions(const BlockDevice& disk, std::uint64_t but_of_sequence) {
    for (auto at = records_.begin(); at != records_.end();) {
        const auto& other = at->second.device;
        const bool stays = other.disk != disk.number || !other.is_partition() ||
                           (but_of_sequence != 0 && other.disk_sequence == but_of_sequence);
        at = stays ? std::next(at) : forget(at);
    }
}

void DeviceTable::update(BlockDevice device) {
    const auto known = records_.find(device.number);
    if (known == records_.end()) {
        auto& record = records_[device.number];
        record.device = std::move(device);
        record.carrier = carrier_of(record);
        return;
    }
    auto& record = known->second;
    const auto order = compare_generation(device, record.device);
    if (order < 0) return;
    if (order > 0) {
        take_back(record);
        if (!device.is_partition()) forget_partitions(device, device.disk_sequence);
    } else if (holds_another(device, record.device)) {
        take_back(record);
    }
    // What was known once is not forgotten because one event does not say it.
    if (order == 0 && device.disk_sequence == 0) device.disk_sequence = record.device.disk_sequence;
    if (order == 0 && device.initialized_us == 0) device.initialized_us = record.device.initialized_us;
    record.device = std::move(device);
    if (order > 0) record.carrier = carrier_of(record);
}

void DeviceTable::remove(const BlockDevice& device) {
    const auto known = records_.find(device.number);
    if (known == records_.end() || compare_generation(device, known->second.device) < 0) return;
    if (!known->second.device.is_partition()) forget_partitions(known->second.device, 0);
    forget(known);
}

void DeviceTable::replace(std::vector<BlockDevice> devices) {
    std::set<DeviceNumber> present;
    for (const auto& device : devices) present.insert(device.number);
    for (auto at = records_.begin(); at != records_.end();)
        at = present.contains(at->first) ? std::next(at) : forget(at);
    // Disks first: one of another generation takes the partitions of the old one with it.
    std::ranges::partition(devices, [](const auto& device) { return !device.is_partition(); });
    for (auto& device : devices) update(std::move(device));
}

void DeviceTable::want(DeviceNumber number) {
    wanted_.push_back(number);
}

void DeviceTable::refresh(ReadState read) {
    for (auto& [number, record] : records_)
        if (const auto state = read(record.device.syspath, number)) {
            auto& known = record.device.state;
            known.held = state->held;
            known.partitions = std::max(known.partitions, state->partitions);
        }
}

void DeviceTable::judge_one(Record& record, const SystemFacts& facts) {
    const auto disk = records_.find(record.device.disk);
    const auto verdict = disk == records_.end() ? std::unexpected(NotOurs::internal)
                                                : qualify(record.device, disk->second.device, facts, rules_);
    if (!verdict) return disqualify(record);
    const auto& number = record.device.number;
    Device device{.key = {number.major, number.minor, generation(record.device)},
                  .node = record.device.node,
                  .file_system = verdict->file_system,
                  .readiness = verdict->readiness,
                  .carrier = record.carrier};
    // A generation that became known later is no other one.
    if (record.told) device.key = record.told->key;
    if (record.is_ours() && record.told == device) return;
    reports_.push_back({record.is_ours() ? DeviceReport::What::changed : DeviceReport::What::found, device});
    record.disqualified = false;
    record.told = std::move(device);
}

std::vector<DeviceReport> DeviceTable::judge(const SystemFacts& facts) {
    for (auto& [number, record] : records_) judge_one(record, facts);
    for (const auto& number : std::exchange(wanted_, {}))
        for (const auto& [other, record] : records_)
            if (record.is_ours() && (other == number || record.device.disk == number))
                reports_.push_back({DeviceReport::What::wanted, *record.told});
    return std::exchange(reports_, {});
}

std::vector<BlockDevice> DeviceTable::devices() const {
    std::vector<BlockDevice> devices;
    for (const auto& [number, record] : records_) devices.push_back(record.device);
    return devices;
}

}  // namespace wcmp::drives
