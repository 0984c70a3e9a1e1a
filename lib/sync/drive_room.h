// What may be written to a drive.
#pragma once

#include "sync/plan.h"
#include "sync/visit.h"

namespace wcmp::sync {

struct DriveRoom {
    std::uint64_t free_bytes = ~std::uint64_t{0};  // in files, before inputs that they cover are gone
    std::uint64_t new_bytes = ~std::uint64_t{0};   // that stay: the quota counts too
    std::uint64_t missing_bytes = 0;  // with new_bytes = 0: so much has to go before anything has room
};

// Without limit for a drive that cannot be asked, or written: the commit says why it cannot.
DriveRoom room_on(const io::Directory& drive, const VisitSettings& settings, const Readers& bundles);

// The free bytes of a directory's file system that a commit may use.
std::uint64_t free_for_commit(const io::Directory& directory, std::uint64_t keep_free_bytes);

}  // namespace wcmp::sync
