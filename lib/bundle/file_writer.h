// Writes one new bundle file: contents first, header last (BUNDLE.md, section 4, steps 3 and 4).
#pragma once

#include "bundle/commit.h"
#include "bundle/index_encoder.h"
#include "bundle/write_behind.h"

#include <memory>
#include <optional>

namespace wcmp::bundle {

// Messages in large writes; those of a large file on a thread of their own.
class LargeWrites {
public:
    // Of so many bytes in all, as far as is known.
    LargeWrites(io::WritableFile& file, std::uint64_t total_bytes);

    Result<void> append(ByteView bytes);
    Result<void> flush();
    std::uint64_t written() const { return written_; }

private:
    Result<void> put();

    BlockWriter here_;
    std::unique_ptr<WriteBehind> behind_;
    Bytes buffer_;
    std::uint64_t written_ = 0;
};

struct Written {
    std::uint64_t bytes = 0;
    // The place in `positions` of the first message that is bad in all copies: the file is void then.
    std::optional<std::size_t> first_bad{};
};

// Writes, syncs and closes the file; the directory is not synced. After an error, or with first_bad, what is
// there is void.
Result<Written> write_bundle(std::unique_ptr<io::WritableFile> file, const Header& header,
                             std::span<const Item> items, Positions positions, MessageSource& source,
                             const CommitOptions& options);

// True for an error that says that the bytes of a message are at fault, not the medium.
bool is_bad_message(const Error& error);

}  // namespace wcmp::bundle
