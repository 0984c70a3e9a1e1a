// Walks an index while it is being verified: what IndexStream and Join are made of.
#pragma once

#include "bundle/entry_codec.h"
#include "bundle/index_hasher.h"

namespace wcmp::bundle {

// Not for two threads at once. A mapped index is walked in place; any other is read in steps.
class IndexCursor {
public:
    // `behind`, where there is one, computes the hash and outlives what is added to it.
    IndexCursor(std::shared_ptr<const Reader> reader, std::size_t buffer_bytes, HashBehind* behind = nullptr);

    enum class Step : std::uint8_t { entry, end, failed };

    // Before the first advance(), and may_be_twins() holds: what is read of the other index is compared with
    // what is read of this one, which takes less time than to hash and to check the same bytes twice.
    void read_along(std::shared_ptr<const Reader> twin) { twin_ = std::move(twin); }

    // The next entry; the end, when everything fitted and the hash too; or an error, which stays. All of it
    // is the twin's too, as long as there is one.
    Step advance() {
        if (next_ == loaded_ || next_ == day_end_) [[unlikely]]
            if (const auto step = go_on(); step != Step::entry) return step;
        if (!fits(raw_)) [[unlikely]]
            return refuse({Errc::bundle, "an index's ids, offsets or lengths do not fit"});
        offset_ += load_u32(raw_ + 36);
        current_ = raw_;
        raw_ += limits::bundle_entry_bytes;
        ++next_;
        return Step::entry;
    }

    bool has_twin() const { return twin_ != nullptr; }
    // Once, after an advance() in which the twin's bytes were others, or those of either could not be read: a
    // cursor of the twin alone, whose next entry stands where this one's last advance() was to go.
    bool has_parted() const { return parted_ != nullptr; }
    std::unique_ptr<IndexCursor> take_parted() { return std::move(parted_); }

    const Reader& reader() const { return *reader_; }
    // After Step::entry, until the next advance(). Decoded when asked for: in a join a copy that was just
    // made would be read again before the processor has stored it, which takes longer than all the rest.
    Day day() const { return day_number_; }
    const std::uint8_t* id() const { return current_; }
    void decode(Entry& entry) const { decode_entry(current_, day(), entry); }
    std::uint32_t position() const { return next_ - 1; }  // of entry()
    const Error& error() const { return error_; }         // after Step::failed
    std::shared_ptr<const IndexDigests> digests() const;  // after Step::end

private:
    Step go_on();
    Step refuse(Error error);
    Step finish();
    Result<void> refill();
    bool is_as_twin(ByteView raw, std::uint32_t count);
    void part();
    MutableBytes room_for(std::uint32_t entries);
    void hash(ByteView raw);
    void settle_hash();

    // The order of ids against the entry before, the offset and the length.
    bool fits(const std::uint8_t* raw) const {
        const auto length = load_u32(raw + 36);
        if (load_u32(raw + 32) != offset_) return false;
        if (length < limits::message_header_bytes || length > limits::message_bytes_max) return false;
        return next_ == day_first_ || compare_ids(current_, raw) < 0;
    }

    std::shared_ptr<const Reader> reader_;
    std::shared_ptr<const Reader> twin_;
    Bytes twin_buffer_;
    std::unique_ptr<IndexCursor> parted_;
    Bytes buffer_;                           // the id before those that were read last, and these
    const std::uint8_t* raw_ = nullptr;      // of the entry at next_
    const std::uint8_t* current_ = nullptr;  // of the one before
    std::uint32_t loaded_ = 0;               // entries that are in reach, hashed or to be hashed
    std::uint32_t next_ = 0;
    std::uint32_t step_entries_;
    std::uint32_t day_ = 0;  // its place in the table
    Day day_number_;
    std::uint32_t day_first_ = 0;
    std::uint32_t day_end_ = 0;
    std::uint64_t offset_ = 0;  // that the next message must have
    bool ended_ = false;
    bool failed_ = false;
    Error error_{};
    std::unique_ptr<IndexHasher> hash_;
    HashBehind* behind_;
};

// Whether two bundles claim to have the same day table and index. Only what both say of themselves is
// compared.
bool may_be_twins(const Reader& a, const Reader& b);

}  // namespace wcmp::bundle
