// What lies under the name that a new bundle would get (BUNDLE.md, section 4, step 2).
#pragma once

#include "bundle/message_source.h"
#include "io/file.h"

#include <span>
#include <stop_token>

namespace wcmp::bundle {

enum class Existing : std::uint8_t {
    none,
    good,           // read and hashed whole, and synced by this process
    unwritten,      // void, and nobody is writing it
    in_the_making,  // perhaps being written by another: left alone
    damaged,
    in_the_way,  // not a regular file, or of a future format: neither read nor replaced
};

// `shared`: others write the directory too, so a void file may become valid yet.
Result<Existing> look_at(io::Directory& directory, const Name& name, bool shared,
                         const std::stop_token& stop);

// For who relies on messages of this bundle that were read and hashed one by one: header and index are read
// anew, whatever an open reader remembers of them, the header is written once more, and the file is synced.
// E_BUNDLE: they are not what the name says. The directory is not synced.
Result<void> confirm_index(io::Directory& directory, const Name& name);

// Whether everything that can be saved from the damaged file of this name is among the items: only then may
// it go once they are written.
Result<bool> is_covered(const io::Directory& directory, const Name& name, std::span<const Item> items);

}  // namespace wcmp::bundle
