// Walks an index while it is being verified: what IndexStream and Join are made of.
#pragma once

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
    const Entry& entry() const { return entry_; }         // after Step::entry
    std::uint32_t position() const { return next_ - 1; }  // of entry()
    const Error& error() const { return error_; }         // after Step::failed
    std::shared_ptr<const IndexDigests> digests() const;  // after Step::end

private:
    Step refuse(Error error);
    Step finish();
    Result<void> refill();
    void hash_day_table();
    void hash(ByteView raw);
    bool fits(const std::uint8_t* raw);

    std::shared_ptr<const Reader> reader_;
    Bytes buffer_;
    const std::uint8_t* raw_ = nullptr;  // of the entry at next_
    std::uint32_t loaded_ = 0;           // entries that are hashed and in reach
    std::uint32_t next_ = 0;
    std::uint32_t step_entries_;
    std::uint32_t day_ = 0;
    std::uint32_t day_first_ = 0;
    std::uint32_t day_end_ = 0;
    std::uint64_t offset_ = 0;  // that the next message must have
    Entry entry_;
    bool ended_ = false;
    bool failed_ = false;
    Error error_{};
    crypto::Sha256 hash_;
    std::shared_ptr<IndexDigests> digests_;
};

}  // namespace wcmp::bundle
