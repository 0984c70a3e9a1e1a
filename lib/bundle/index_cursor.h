// Walks an index while it is being verified: what IndexStream and Join are made of.
#pragma once

#include "bundle/entry_codec.h"
#include "bundle/reader.h"

namespace wcmp::bundle {

// Not for two threads at once. A mapped index is walked in place; any other is read in steps.
class IndexCursor {
public:
    IndexCursor(std::shared_ptr<const Reader> reader, std::size_t buffer_bytes);

    enum class Step : std::uint8_t { entry, end, failed };

    // The next entry; the end, when everything fitted and the hash too; or an error, which stays.
    Step advance();

    const Reader& reader() const { return *reader_; }
    // After Step::entry, until the next advance(). Decoded when asked for: in a join a copy that was just
    // made would be read again before the processor has stored it, which takes longer than all the rest.
    Day day() const { return reader_->days()[day_].day; }
    const std::uint8_t* id() const { return current_; }
    void decode(Entry& entry) const { decode_entry(current_, day(), entry); }
    std::uint32_t position() const { return next_ - 1; }  // of entry()
    const Error& error() const { return error_; }         // after Step::failed
    std::shared_ptr<const IndexDigests> digests() const;  // after Step::end

private:
    Step refuse(Error error);
    Step finish();
    Result<void> refill();
    MutableBytes room_for(std::uint32_t entries);
    void hash_day_table();
    void hash(ByteView raw);
    bool fits(const std::uint8_t* raw);

    std::shared_ptr<const Reader> reader_;
    Bytes buffer_;                           // the id before those that were read last, and these
    const std::uint8_t* raw_ = nullptr;      // of the entry at next_
    const std::uint8_t* current_ = nullptr;  // of the one before
    std::uint32_t loaded_ = 0;               // entries that are hashed and in reach
    std::uint32_t next_ = 0;
    std::uint32_t step_entries_;
    std::uint32_t day_ = 0;
    std::uint32_t day_first_ = 0;
    std::uint32_t day_end_ = 0;
    std::uint64_t offset_ = 0;  // that the next message must have
    bool ended_ = false;
    bool failed_ = false;
    Error error_{};
    crypto::Sha256 hash_;
    std::shared_ptr<IndexDigests> digests_;
};

}  // namespace wcmp::bundle
