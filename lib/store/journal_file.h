// One of journal-0 and journal-1: what clients enqueue, durable before they are answered
// (lib/bundle/BUNDLE.md, section 6).
//
// 4 MiB, made once and only ever overwritten, so that an append costs one fdatasync and no block is allocated
// for it. Header: `WCMPJNL1` and 16 bytes drawn anew at each turn. Record: length u32, CRC-32C u32 over
// turn || length || message, message, zeros to a multiple of 8. An empty file is all zeros, header included.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/random.h"
#include "io/file.h"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace wcmp::store {

// What a no_space says that is not the disk's.
inline constexpr std::string_view journal_is_full = "the journal is full";

using JournalTurn = std::array<std::uint8_t, 16>;

struct JournalRecord {
    MessageKey key;
    std::uint64_t offset = 0;  // of the message in its file
    std::uint32_t length = 0;
};

// What the bytes of a journal file hold.
struct JournalScan {
    std::optional<JournalTurn> turn;  // none: no header, and then no record
    std::vector<JournalRecord> records;
    std::uint64_t used_bytes = 0;   // up to the end of the last record that verifies
    std::uint64_t dirty_bytes = 0;  // up to the last byte that is not zero, if that is further

    bool torn() const { return dirty_bytes > used_bytes; }
};
JournalScan scan_journal(ByteView file);
// The same of a file of journal_file_bytes, read in steps. An error is the medium's.
Result<JournalScan> scan_journal(const io::ReadableFile& file);

// Not for two threads at once, but read().
class JournalFile {
public:
    // Makes it, 4 MiB of zeros, when it is missing; completes it when its making was cut off. Reads what
    // verifies. `random` must outlive it.
    static Result<JournalFile> open(io::Directory& directory, std::string_view name, Random& random);
    // What can be read of it, to the first place that gives nothing; one that is missing is empty. It takes
    // nothing and is not cleared.
    static Result<JournalFile> open_for_reading(const io::Directory& directory, std::string_view name);
    JournalFile(JournalFile&&) noexcept;
    JournalFile& operator=(JournalFile&&) noexcept;
    ~JournalFile();

    std::span<const JournalRecord> records() const;
    // Something unfinished follows the records: it is never appended to, clear() comes first.
    bool torn() const;
    std::uint64_t used_bytes() const;
    // The medium does not give all of it: there may be more records.
    bool is_cut_off() const;
    // Whether messages of so many bytes may be appended.
    bool fits(std::span<const ByteView> messages) const;

    // Appends and syncs once. On an error nothing counts, and the file takes no more before clear().
    Result<void> append(std::span<const ByteView> messages, std::span<const MessageKey> keys);

    // What a process before this one wrote may be in the cache only, and a sync would not tell: it is written
    // once more, in its place, and synced; a record behind it would be lost with it (DECISIONS 39). Does
    // nothing the second time, or where nothing was found.
    Result<void> vouch();

    // As it lies there: whoever uses it verifies it. From any thread.
    Result<Bytes> read(const JournalRecord& record) const;

    // Overwrites all that was written with zeros, header last, and syncs. Writes nothing into an empty file.
    Result<void> clear();

private:
    JournalFile();
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wcmp::store
