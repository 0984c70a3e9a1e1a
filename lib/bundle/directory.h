// The bundles of a directory: the directory is the manifest (BUNDLE.md, section 2).
#pragma once

#include "bundle/reader.h"
#include "core/random.h"
#include "message/relay_check.h"

#include <string>
#include <vector>

namespace wcmp::bundle {

struct DirectoryScan {
    std::vector<std::shared_ptr<const Reader>> bundles;  // header and day table fit; index not verified
    std::vector<Name> void_files;
    std::vector<Name> damaged;       // header, name or day table wrong: for salvage
    std::vector<Name> dead;          // last day dead, or first day beyond the horizon
    std::size_t unknown_format = 0;  // belongs to the future: left alone
    std::size_t foreign = 0;         // names that do not match, and things that are not regular files
    std::size_t left_out = 0;        // over the limit of 4096; other ones at the next visit
};

// How indexes will be read. Mapped in the store only: a drive that is pulled out would be a SIGBUS.
enum class IndexAccess : std::uint8_t { read, mapped };

// Lists and opens. At most drive_bundles_max bundles, chosen at random when there are more; no limit for the
// store (limit = 0). Of dead ones as many are named; the rest at the next visit. Errors are the medium's; one
// unreadable file is counted as damaged and hides no other; one that vanishes meanwhile is not counted.
Result<DirectoryScan> scan(const io::Directory& directory, const message::Today& today, std::size_t limit,
                           Random& random, IndexAccess access = IndexAccess::read);

}  // namespace wcmp::bundle
