// The commit protocol: no rename, no change of a valid file, header last (BUNDLE.md, section 4).
#pragma once

#include "bundle/message_source.h"
#include "io/file.h"

#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace wcmp::bundle {

struct CommitOptions {
    // Others write this directory too: a void file of the output's name may still be in the making.
    bool shared = false;
    std::stop_token stop{};
    // Called for each message that is written, in order, before the file counts; for sidecars and progress.
    std::function<void(const Item&, const Reader::Message&)> on_message{};
    // Called for each file that counts, with the positions of what it holds, ascending: also when the commit
    // fails later, which it can where a damaged file had the name and the output was cut.
    std::function<void(const Name&, std::span<const std::uint32_t>)> on_file{};
};

struct CommitResult {
    // The files that now hold the items: one, or more when a damaged file had the name (the output was cut).
    std::vector<Name> files;
    std::uint64_t bytes_written = 0;
    // Positions of items that are bad in all copies, and left out.
    std::vector<std::size_t> bad;
    // Somebody else may be writing this very file: nothing was done in this visit.
    bool skipped = false;
};

// Commits the items (strictly ascending, at least one, at most one cut piece) as a bundle. On success every
// item but the bad ones is durable. Errors: no_space before a file is written; cancelled; unreliable_medium
// when a second writing met new bad messages; the medium's errors, after which the file in hand is void.
Result<CommitResult> commit(io::Directory& directory, std::span<const Item> items, MessageSource& source,
                            const CommitOptions& options);

// Step 2's rule for a file that this process did not write: read and hashed whole, then fsync of it and of
// the directory. E_BUNDLE, wrong_hash or a class of the format when it is damaged.
Result<void> verify_and_sync(io::Directory& directory, const Name& name);

}  // namespace wcmp::bundle
