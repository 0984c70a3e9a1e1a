#include "bundle/entry_codec.h"
#include "bundle/index_search.h"
#include "bundle/reader.h"

#include <algorithm>

namespace wcmp::bundle {

struct VerifiedIndex::State {
    std::shared_ptr<const Reader> reader;
    std::shared_ptr<const IndexDigests> digests;
    Bytes buffer{};
    ByteView raw{};  // of the block that was read and compared last
    std::optional<std::uint32_t> block{};

    bool is_block(std::uint32_t wanted) const;
    Result<void> load(std::uint32_t wanted);
    Result<const std::uint8_t*> entry_at(std::uint32_t position);
};

// Whether `raw` is that block, as it was the first time.
bool VerifiedIndex::State::is_block(std::uint32_t wanted) const {
    const auto& before = digests->before;
    auto hash = before[wanted].fork();
    hash.update(raw);
    const bool is_last = wanted + 1 == before.size();
    return hash.finish() == (is_last ? reader->header().index_hash.bytes : before[wanted + 1].peek());
}

Result<void> VerifiedIndex::State::load(std::uint32_t wanted) {
    if (block == wanted) return {};
    block.reset();
    const std::uint32_t first = wanted * IndexDigests::entries_per_block;
    const auto count = std::min(IndexDigests::entries_per_block, reader->header().messages - first);
    if (!reader->is_mapped()) buffer.resize(count * limits::bundle_entry_bytes);
    WCMP_ASSIGN(raw, reader->read_index(first, count, buffer));
    if (!is_block(wanted)) return fail(Errc::bundle, "an index is not what it was");
    block = wanted;
    return {};
}

Result<const std::uint8_t*> VerifiedIndex::State::entry_at(std::uint32_t position) {
    WCMP_TRY(load(position / IndexDigests::entries_per_block));
    return &raw[position % IndexDigests::entries_per_block * limits::bundle_entry_bytes];
}

VerifiedIndex::VerifiedIndex(std::shared_ptr<const Reader> reader,
                             std::shared_ptr<const IndexDigests> digests)
    : state_(new State{.reader = std::move(reader), .digests = std::move(digests)}) {}
VerifiedIndex::VerifiedIndex(VerifiedIndex&&) noexcept = default;
VerifiedIndex& VerifiedIndex::operator=(VerifiedIndex&&) noexcept = default;
VerifiedIndex::~VerifiedIndex() = default;

Result<Entry> VerifiedIndex::at(std::uint32_t position) {
    const Reader& reader = *state_->reader;
    if (position >= reader.header().messages) return fail(Errc::invalid, "a position beyond the index");
    WCMP_ASSIGN(const std::uint8_t* const raw, state_->entry_at(position));
    Entry entry;
    decode_entry(raw, reader.days()[reader.day_at(position)].day, entry);
    return entry;
}

Result<std::uint32_t> VerifiedIndex::lower_bound(const MessageKey& key) {
    const Reader& reader = *state_->reader;
    const auto found = std::ranges::lower_bound(reader.days(), key.day, {}, &DayCount::day);
    const auto day = static_cast<std::size_t>(found - reader.days().begin());
    if (found == reader.days().end() || found->day != key.day) return reader.first_of_day(day);
    DaySearch search(reader.first_of_day(day), reader.first_of_day(day + 1), key.id,
                     [this](std::uint32_t position) { return state_->entry_at(position); });
    return search.lower_bound();
}

}  // namespace wcmp::bundle
