#include "drives/qualification.h"

#include "core/limits.h"
#include "drives/hidden_partitions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace wcmp::drives {
namespace {

// ID_BUS tells what a bridge talks behind itself ("ata"), and "removable" is wrong in both directions: what
// the disk hangs on is neither.
bool can_be_carried(const BlockDevice& disk) {
    return std::ranges::any_of(disk.ancestors, [](const Ancestor& ancestor) {
        return ancestor.subsystem == "usb" || ancestor.subsystem == "memstick" ||
               (ancestor.subsystem == "mmc" && ancestor.type == "SD");  // "MMC" is soldered in
    });
}

bool is_optical(const BlockDevice& disk) {
    return !disk.property("ID_CDROM").empty() || disk.property("ID_TYPE") == "cd" ||
           disk.node.starts_with("/dev/sr");
}

bool is_floppy(const BlockDevice& disk) {
    return disk.property("ID_TYPE") == "floppy" || disk.property("ID_DRIVE_FLOPPY") == "1" ||
           disk.node.starts_with("/dev/fd");
}

bool is_set(std::string_view value) {
    return !value.empty() && value != "0";
}

bool is_ignored(const BlockDevice& device) {
    return is_set(device.property("UDISKS_IGNORE")) || is_set(device.property("UDISKS_SYSTEM")) ||
           is_set(device.property("WCMP_IGNORE")) || device.property("UDISKS_AUTO") == "0";
}

// What the disk is, whatever lies on it.
std::optional<NotOurs> objection_to_disk(const BlockDevice& disk, const SystemDisks& system) {
    if (disk.is_partition()) return NotOurs::internal;  // the disk itself is not known yet
    if (disk.syspath.starts_with("/sys/devices/virtual/")) return NotOurs::simulated;
    if (is_optical(disk)) return NotOurs::optical;
    if (is_floppy(disk)) return NotOurs::floppy;
    if (!can_be_carried(disk)) return NotOurs::internal;
    if (is_ignored(disk)) return NotOurs::ignored;
    if (!system.unknown.empty()) return NotOurs::system_unknown;
    if (system.disks.contains(disk.number)) return NotOurs::system_disk;
    return {};
}

bool is_one_too_many(const BlockDevice& partition) {
    const auto text = partition.property("PARTN");
    unsigned number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number > limits::drive_partitions_max;
}

std::optional<NotOurs> objection_to_part(const BlockDevice& device, const SystemFacts& facts) {
    if (is_ignored(device)) return NotOurs::ignored;
    if (std::ranges::any_of(facts.fstab, [&](const auto& name) { return names(name, device); }))
        return NotOurs::in_fstab;
    if (!device.is_partition() && device.state.partitions > 0) return NotOurs::divided;
    if (device.is_partition() && is_hidden(device.properties)) return NotOurs::hidden;
    if (device.property("ID_FS_USAGE") == "raid") return NotOurs::hidden;
    if (device.is_partition() && is_one_too_many(device)) return NotOurs::too_many_partitions;
    return {};
}

FileSystemKind kind_of(std::string_view type) {
    constexpr std::array kinds{FileSystemKind::vfat, FileSystemKind::exfat, FileSystemKind::ext4};
    const auto found = std::ranges::find(kinds, type, [](FileSystemKind kind) { return to_string(kind); });
    return found == kinds.end() ? FileSystemKind::other : *found;
}

// Somebody else has it, or, beside a desktop, the desktop does not have it yet.
bool must_wait(const BlockDevice& device, const SystemFacts& facts, const QualificationRules& rules) {
    const bool mounted = facts.mounted.contains(device.number);
    if (device.state.held) return true;
    if (device.is_partition() && facts.mounted.contains(device.disk)) return true;
    return mounted != rules.desktop_mounts;
}

Qualified state_of(const BlockDevice& device, const SystemFacts& facts, const QualificationRules& rules) {
    const auto usage = device.property("ID_FS_USAGE");
    if (device.state.sectors == 0) return {Readiness::empty};
    if (usage == "crypto") return {Readiness::encrypted};
    // Signatures of several file systems: nobody can say which of them it is.
    if (!device.property("ID_FS_AMBIVALENT").empty()) return {Readiness::unsupported};
    // Nothing, or somebody is formatting it: the next event will tell.
    if (usage.empty()) return {Readiness::empty};
    if (usage != "filesystem") return {Readiness::unsupported};
    const auto kind = kind_of(device.property("ID_FS_TYPE"));
    if (std::ranges::find(rules.file_systems, kind) == rules.file_systems.end() ||
        kind == FileSystemKind::other)
        return {Readiness::unsupported, kind};
    return {must_wait(device, facts, rules) ? Readiness::waiting : Readiness::ready, kind};
}

}  // namespace

std::string_view to_string(NotOurs reason) {
    switch (reason) {
    case NotOurs::simulated: return "simulated";
    case NotOurs::optical: return "optical";
    case NotOurs::floppy: return "floppy";
    case NotOurs::internal: return "internal";
    case NotOurs::ignored: return "ignored";
    case NotOurs::system_unknown: return "system_unknown";
    case NotOurs::system_disk: return "system_disk";
    case NotOurs::in_fstab: return "in_fstab";
    case NotOurs::divided: return "divided";
    case NotOurs::too_many_partitions: return "too_many_partitions";
    case NotOurs::hidden: return "hidden";
    }
    return "internal";
}

std::expected<Qualified, NotOurs> qualify(const BlockDevice& device, const BlockDevice& disk,
                                          const SystemFacts& facts, const QualificationRules& rules) {
    if (const auto objection = objection_to_disk(disk, facts.system)) return std::unexpected(*objection);
    if (const auto objection = objection_to_part(device, facts)) return std::unexpected(*objection);
    return state_of(device, facts, rules);
}

}  // namespace wcmp::drives
