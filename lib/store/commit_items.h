// Commits items of any total size into the store, cut into files (lib/bundle/BUNDLE.md, sections 1 and 4).
#pragma once

#include "bundle/message_source.h"
#include "bundle/name.h"
#include "core/random.h"
#include "io/file.h"

#include <span>
#include <vector>

namespace wcmp::store {

struct Committed {
    std::vector<bundle::Name> files;
    std::vector<std::size_t> bad;  // ascending positions of items that no copy gave
};

// Items strictly ascending. On an error some files may have been committed: `committed` has them.
Result<void> commit_items(io::Directory& directory, std::span<const bundle::Item> items,
                          bundle::MessageSource& source, Random& random, Committed& committed);

}  // namespace wcmp::store
