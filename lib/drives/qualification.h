// Which block devices are drives. A function of what is known about a device and about the system; it looks
// at nothing by itself. What it cannot tell is no drive.
#pragma once

#include "drives/block_device.h"
#include "drives/device_name.h"
#include "drives/source.h"
#include "drives/system_disks.h"

#include <expected>
#include <set>
#include <string_view>
#include <vector>

namespace wcmp::drives {

struct QualificationRules {
    std::vector<FileSystemKind> file_systems{FileSystemKind::vfat, FileSystemKind::exfat};
    // Beside a desktop it is the other way round: what the desktop has mounted is ready, and waiting before.
    bool desktop_mounts = false;
};

struct SystemFacts {
    SystemDisks system;
    std::set<DeviceNumber> mounted;
    std::vector<DeviceName> fstab;
};

// Why a device is none of ours. People are not told: it is no drive of theirs, or they said so themselves.
enum class NotOurs : std::uint8_t {
    simulated,  // loop, RAM disk, mapped device
    optical,    // CDs, and what modems pretend to be one
    floppy,
    internal,        // neither on USB nor a card
    ignored,         // UDISKS_IGNORE, UDISKS_AUTO, UDISKS_SYSTEM, WCMP_IGNORE
    system_unknown,  // where the system lies cannot be told, so it may be this
    system_disk,
    in_fstab,
    divided,  // a disk with partitions: they are the drives
    too_many_partitions,
    hidden,  // boot loaders, recovery, members of a RAID
};
std::string_view to_string(NotOurs reason);

struct Qualified {
    Readiness readiness = Readiness::ready;
    FileSystemKind file_system = FileSystemKind::other;

    bool operator==(const Qualified&) const = default;
};

// `disk` is the disk that the device is a partition of, or the device itself.
std::expected<Qualified, NotOurs> qualify(const BlockDevice& device, const BlockDevice& disk,
                                          const SystemFacts& facts, const QualificationRules& rules);

}  // namespace wcmp::drives
