#include "bundle/index_cursor.h"

#include <algorithm>

namespace wcmp::bundle {
namespace {

constexpr std::size_t step_bytes_min = 4096;

std::uint32_t entries_in(std::size_t buffer_bytes, bool mapped) {
    const auto bytes = mapped ? limits::drive_read_bytes
                              : std::clamp(buffer_bytes, step_bytes_min, limits::drive_read_bytes);
    return static_cast<std::uint32_t>(bytes / limits::bundle_entry_bytes);
}

}  // namespace

IndexCursor::IndexCursor(std::shared_ptr<const Reader> reader, std::size_t buffer_bytes, HashBehind* behind)
    : reader_(std::move(reader)),
      step_entries_(entries_in(buffer_bytes, reader_->is_mapped())),
      hash_(std::make_unique<IndexHasher>(reader_->days())),
      behind_(behind) {
    day_number_ = reader_->days().front().day;
    day_end_ = reader_->first_of_day(1);
}

// Where the entries that are in reach end, or a day does.
IndexCursor::Step IndexCursor::go_on() {
    if (failed_) return Step::failed;
    if (ended_) return Step::end;
    if (next_ == loaded_) {
        if (next_ == reader_->header().messages) return finish();
        if (auto read = refill(); !read) return refuse(read.error());
    }
    if (next_ == day_end_) {
        ++day_;
        day_number_ = reader_->days()[day_].day;
        day_first_ = day_end_;
        day_end_ = reader_->first_of_day(day_ + 1);
    }
    return Step::entry;
}

Result<void> IndexCursor::refill() {
    settle_hash();
    const auto count = std::min(step_entries_, reader_->header().messages - next_);
    const auto raw = reader_->read_index(next_, count, room_for(count));
    if (twin_ && !(raw && is_as_twin(*raw, count))) part();
    if (!raw) return std::unexpected(raw.error());
    hash(*raw);
    raw_ = raw->data();
    loaded_ = next_ + count;
    return {};
}

bool IndexCursor::is_as_twin(ByteView raw, std::uint32_t count) {
    if (!twin_->is_mapped() && twin_buffer_.empty())
        twin_buffer_.resize(step_entries_ * limits::bundle_entry_bytes);
    const auto other = twin_->read_index(next_, count, twin_buffer_);
    return other && std::memcmp(raw.data(), other->data(), raw.size()) == 0;
}

// Up to here both gave the same bytes, so all that is known of them holds for the twin. It reads what comes
// once more, by itself, and hashes it then.
void IndexCursor::part() {
    parted_ =
        std::make_unique<IndexCursor>(std::move(twin_), step_entries_ * limits::bundle_entry_bytes, behind_);
    Bytes().swap(twin_buffer_);
    auto& other = *parted_;
    other.loaded_ = other.next_ = next_;
    other.day_ = day_;
    other.day_number_ = day_number_;
    other.day_first_ = day_first_;
    other.day_end_ = day_end_;
    other.offset_ = offset_;
    other.hash_ = hash_->fork();
    if (current_ == nullptr) return;
    other.buffer_.assign(current_, current_ + MessageId::size);
    other.current_ = other.buffer_.data();
}

// Nothing for a mapped index. The next entry's id is compared with the last one's, which is kept.
MutableBytes IndexCursor::room_for(std::uint32_t entries) {
    if (reader_->is_mapped()) return {};
    if (buffer_.size() <= MessageId::size) {
        const bool holds_last = !buffer_.empty();
        buffer_.resize(MessageId::size + entries * limits::bundle_entry_bytes);
        if (holds_last) current_ = buffer_.data();
    }
    if (current_ != nullptr) {
        std::memmove(buffer_.data(), current_, MessageId::size);
        current_ = buffer_.data();
    }
    return MutableBytes(buffer_).subspan(MessageId::size);
}

void IndexCursor::hash(ByteView raw) {
    if (behind_ != nullptr)
        behind_->add(*hash_, raw);
    else
        hash_->add(raw);
}

// Before the bytes go that are being hashed, and before the hash is looked at.
void IndexCursor::settle_hash() {
    if (behind_ != nullptr) behind_->settle(*hash_);
}

IndexCursor::Step IndexCursor::finish() {
    const auto& header = reader_->header();
    if (offset_ != header.file_bytes - header.messages_offset)
        return refuse({Errc::bundle, "a bundle's messages do not fill it"});
    settle_hash();
    if (hash_->finish() != header.index_hash.bytes)
        return refuse({Errc::bundle, "an index is not what its hash says"});
    ended_ = true;
    Bytes().swap(buffer_);
    return Step::end;
}

IndexCursor::Step IndexCursor::refuse(Error error) {
    settle_hash();
    failed_ = true;
    loaded_ = next_;
    error_ = error;
    Bytes().swap(buffer_);
    return Step::failed;
}

std::shared_ptr<const IndexDigests> IndexCursor::digests() const {
    return ended_ ? hash_->digests() : nullptr;
}

bool may_be_twins(const Reader& a, const Reader& b) {
    return a.header().index_hash == b.header().index_hash && a.header().file_bytes == b.header().file_bytes &&
           std::ranges::equal(a.days(), b.days());
}

}  // namespace wcmp::bundle
