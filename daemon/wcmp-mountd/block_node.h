// The node of a block device: that it is still the device that was meant, and that nobody else has it.
#pragma once

#include "drives/devices.h"
#include "io/unique_fd.h"

namespace wcmp::mountd {

// For reading only: udev takes the closing of a node that was open for writing for a change of its contents.
// Errc::not_found: it is gone, or another device has its number. May block as long as the device does.
Result<io::UniqueFd> open_node(const drives::Device& device);

// Locks the disk against those who format or divide it, as udev does (systemd.io/BLOCK_DEVICE_LOCKING), and
// as they look at it there: the whole disk's node for a partition. Errc::busy: one of them is at it.
Result<io::UniqueFd> lock_disk(const io::UniqueFd& node, const drives::DeviceKey& key);

// Errc::busy while anybody has it mounted, in whatever namespace, or otherwise for himself.
Result<void> check_free(const drives::Device& device);

// The same, and what the device itself keeps in its memory is written: it may be taken out. May block as long
// as the device does.
Result<void> flush_free(const drives::Device& device);

}  // namespace wcmp::mountd
