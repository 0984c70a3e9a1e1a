// Partitions that are no place for people's files: boot loaders, recovery, parts of a RAID, tables in tables.
#pragma once

#include "drives/block_device.h"

namespace wcmp::drives {

// By the partition table's entry alone, never by a label: that is what somebody wrote.
bool is_hidden(const Properties& partition);

}  // namespace wcmp::drives
