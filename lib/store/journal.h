// What clients enqueue, durable before they are answered, until it is folded into a bundle
// (lib/bundle/BUNDLE.md, section 6).
#pragma once

#include "core/ids.h"
#include "core/random.h"
#include "io/file.h"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace wcmp::store {

struct JournalRecord {
    MessageKey key;
    std::uint64_t offset = 0;  // of the message in its file
    std::uint32_t length = 0;
};

// One of journal-0 and journal-1. Not for two threads at once.
class JournalFile {
public:
    // Makes it, 4 MiB of zeros, when it is missing. Reads what verifies; a torn tail is never appended to.
    static Result<JournalFile> open(io::Directory& directory, std::string_view name, Random& random);
    JournalFile(JournalFile&&) noexcept;
    JournalFile& operator=(JournalFile&&) noexcept;
    ~JournalFile();

    std::span<const JournalRecord> records() const;
    bool torn() const;
    std::uint64_t used_bytes() const;
    // Whether messages of so many bytes still fit.
    bool fits(std::span<const std::size_t> lengths) const;

    // Appends and syncs once. On an error nothing counts, and the file takes no more.
    Result<void> append(std::span<const ByteView> messages, std::span<const MessageKey> keys);

    Result<Bytes> read(const JournalRecord& record) const;

    // Zeroes the used part, header last, and syncs; then starts a new turn with fresh random bytes.
    Result<void> clear();

private:
    JournalFile() = default;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wcmp::store
